//! From the errors of the rooms below to what a person is told: which text, which exit code.

use crate::problem::Problem;
use std::{io, path::Path};
use uitlezen_apps::App;
use uitlezen_check::ExitCode;
use uitlezen_phone::iphone::backup::BackupCode;
use uitlezen_readout::{
    PlanError, child::ChildError, earlier::EarlierError, link::LinkFailure, reader::ReadFailure, run::RunError,
    unsealing::UnsealError,
};
use uitlezen_seal::{
    envelope::EnvelopeError,
    open::OpenSealError,
    store::{SealError, StoreError},
};
use uitlezen_vault::{TokenTrouble, VaultError};

/// A plan that was refused.
#[must_use]
pub(crate) fn plan(file: &Path, error: &PlanError) -> Problem {
    let file = file.display();
    match error {
        PlanError::Recipients { role } => {
            Problem::new("error-plan-recipients", ExitCode::Usage).with("file", file).with("role", role)
        }
        PlanError::HalfRecipients { role, half } => {
            Problem::new("error-plan-half", ExitCode::Usage).with("file", file).with("role", role).with("half", half)
        }
        PlanError::HalfAndWhole { line, role } => {
            Problem::new("error-plan-halves", ExitCode::Usage).with("file", file).with("line", line).with("role", role)
        }
        PlanError::NoApp => Problem::new("error-plan-no-app", ExitCode::Usage).with("file", file),
        PlanError::Format(found) => Problem::new("error-plan-format", ExitCode::Usage).with("file", file).with("format", found),
        PlanError::Toml { line, what } => {
            Problem::new("error-plan-toml", ExitCode::Usage).with("file", file).with("line", line).with("why", what)
        }
        PlanError::Empty { line, key } => {
            Problem::new("error-plan-empty", ExitCode::Usage).with("file", file).with("line", line).with("name", key)
        }
        PlanError::NotARecipient { line } => {
            Problem::new("error-plan-recipient", ExitCode::Usage).with("file", file).with("line", line)
        }
        PlanError::NotARole { line, role } => {
            Problem::new("error-plan-role", ExitCode::Usage).with("file", file).with("line", line).with("role", role)
        }
        PlanError::Twice { line, role } => {
            Problem::new("error-plan-twice", ExitCode::Usage).with("file", file).with("line", line).with("role", role)
        }
    }
}

/// The vault.
#[must_use]
pub(crate) fn vault(error: &VaultError) -> Problem {
    let key = match error {
        VaultError::Absent => "error-vault-absent",
        VaultError::Exists => "error-vault-exists",
        VaultError::NoRecovery | VaultError::BadRecipient => "error-vault-recovery",
        VaultError::WrongSecret | VaultError::NotForThisIdentity | VaultError::BadIdentity => "error-vault-secret",
        VaultError::NoSuchLock => "error-vault-no-such-lock",
        VaultError::Damaged(_) => "error-vault-damaged",
        VaultError::Newer(_) => "error-vault-newer",
        VaultError::Busy => "error-vault-busy",
        VaultError::Full | VaultError::TooLarge => "error-vault-full",
        VaultError::Elsewhere => "error-vault-elsewhere",
        VaultError::LastLock => "error-vault-last-lock",
        VaultError::NoLockOfThatNumber => "error-vault-no-lock",
        VaultError::Token(trouble) => token(*trouble),
        VaultError::Io(_) | VaultError::Random => "error-disk",
    };
    let problem = Problem::new(key, ExitCode::Usage);
    match error {
        VaultError::Io(error) => problem.because(error),
        VaultError::Damaged(what) => problem.with("why", what),
        _ => problem.with("why", error),
    }
}

fn token(trouble: TokenTrouble) -> &'static str {
    match trouble {
        TokenTrouble::Uri => "error-token-uri",
        TokenTrouble::Module => "error-token-module",
        TokenTrouble::Absent => "error-token-absent",
        TokenTrouble::NoKey => "error-token-key",
        TokenTrouble::WrongPin => "error-token-pin",
        TokenTrouble::PinLocked => "error-token-locked",
        TokenTrouble::Refused => "error-token-refused",
    }
}

/// A recovery key that does not open the vault.
#[must_use]
pub(crate) fn recovery(error: &VaultError, file: &Path) -> Problem {
    match error {
        VaultError::NotForThisIdentity | VaultError::BadIdentity => {
            Problem::new("error-vault-not-for-key", ExitCode::Usage).with("file", file.display())
        }
        other => vault(other),
    }
}

/// A run that ended without a seal. `serial` is the plan's; `where_from` is the address or path that was named.
#[must_use]
pub(crate) fn run(error: &RunError, serial: &str, where_from: &str) -> Problem {
    let nothing = |key| Problem::new(key, ExitCode::NothingSealed);
    match error {
        RunError::Phone(failure) => phone(*failure, serial, where_from),
        RunError::OtherPhone => nothing("error-phone-other"),
        RunError::NoApp { app } if *app == App::Sms.word() => nothing("error-no-adb-backup"),
        RunError::NoApp { app } => nothing("error-no-app").with("app", app),
        RunError::App { app, failure } | RunError::Locked { app, failure } => {
            nothing(adb_backup(app, *failure).unwrap_or_else(|| backup(*failure))).with("app", app)
        }
        RunError::Child(child) => self::child(child),
        RunError::Store(store) => self::store(store),
        RunError::Seal(SealError::Store(store)) => self::store(store),
        RunError::Seal(other) => Problem::new("error-internal", ExitCode::NothingSealed).with("why", other),
        RunError::Vault(error) => vault(error),
        RunError::NoSpace { needed, free } => {
            nothing("error-no-space").with("needed", decimal(*needed)).with("free", decimal(*free))
        }
        RunError::EncryptionUnknown => nothing("error-iphone-encryption-unknown"),
        RunError::HolderAbsent => nothing("error-iphone-holder-absent"),
        RunError::PhoneInUse => nothing("error-phone-in-use").with("serial", serial),
        RunError::State(kind) => disk(&io::Error::from(*kind)),
        RunError::Earlier(error) => earlier(error),
        RunError::NotVerified { file } => Problem::new("error-seal-not-kept", ExitCode::Damaged).with("file", file),
        RunError::SealedAlready | RunError::NothingKept => nothing("error-run-nothing-kept"),
        RunError::OtherVersion => nothing("error-run-other-version"),
        RunError::SourcesBesideExclusions => Problem::new("error-sources-beside-exclusions", ExitCode::Usage),
        RunError::NobodyDecides => Problem::new("error-nobody-decides", ExitCode::Usage),
        RunError::Cancelled => Problem::new("error-cancelled", ExitCode::Cancelled),
        RunError::Random | RunError::Internal(_) => Problem::new("error-internal", ExitCode::Internal).with("why", error),
    }
}

/// The list of earlier seals of a phone.
#[must_use]
pub(crate) fn earlier(error: &EarlierError) -> Problem {
    let problem = |key| Problem::new(key, ExitCode::Usage);
    match error {
        EarlierError::Damaged(_) => problem("error-earlier-list").with_text("why", "earlier-list-damaged"),
        EarlierError::OtherKey => problem("error-earlier-list").with_text("why", "earlier-list-other-key"),
        EarlierError::Newer(_) => problem("error-earlier-list").with_text("why", "earlier-list-newer"),
        EarlierError::Busy => problem("error-earlier-busy"),
        EarlierError::TooMuch(_) => Problem::new("error-internal", ExitCode::Internal).with("why", error),
        EarlierError::Io(error) => disk(error),
    }
}

fn decimal(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// The phone or the way to it.
#[must_use]
pub(crate) fn phone(failure: LinkFailure, serial: &str, where_from: &str) -> Problem {
    let key = match failure {
        LinkFailure::NoUsb => "error-phone-no-usb",
        LinkFailure::NoPhone => "error-phone-none",
        LinkFailure::NoPermission => "error-phone-permission",
        LinkFailure::Busy => "error-phone-busy",
        LinkFailure::NotAllowed => "error-phone-not-allowed",
        LinkFailure::Denied => "error-phone-denied",
        LinkFailure::Gone => "error-phone-gone",
        LinkFailure::Silent => "error-phone-silent",
        LinkFailure::Garbage => "error-phone-garbage",
        LinkFailure::NotLoopback => "error-phone-not-loopback",
        LinkFailure::Files => "error-files",
        LinkFailure::HostileFiles => "error-files-hostile",
        LinkFailure::BackupLocked => "error-iphone-backup-locked",
        LinkFailure::BackupPassword => "error-iphone-backup-password",
        LinkFailure::BackupTooOld => "error-iphone-backup-too-old",
        LinkFailure::BackupsSeveral => "error-iphone-backups-several",
        LinkFailure::BackupDamaged => "error-iphone-backup-damaged",
        LinkFailure::BackupRefused => "error-iphone-backup-refused",
        LinkFailure::NoUsbmuxd => "error-iphone-no-usbmuxd",
        LinkFailure::MuxAddress => "error-iphone-mux-address",
        LinkFailure::MuxPermission => "error-iphone-mux-permission",
        LinkFailure::NoIphone => "error-iphone-none",
        LinkFailure::TrustRefused => "error-iphone-trust-refused",
        LinkFailure::TrustNotAnswered => "error-iphone-trust-not-answered",
        LinkFailure::PairingForbidden => "error-iphone-pairing-forbidden",
        LinkFailure::SupervisionNeeded => "error-iphone-supervision",
        LinkFailure::CancelledOnPhone => "error-iphone-cancelled-on-phone",
        LinkFailure::OtherProgram => "error-iphone-other-program",
        LinkFailure::Code(code) => self::code(code),
        LinkFailure::NotFinished => "error-iphone-not-finished",
        LinkFailure::GarbageOfIphone => "error-iphone-garbage",
        LinkFailure::Internal => "error-internal",
    };
    let exit = if matches!(failure, LinkFailure::NotLoopback | LinkFailure::MuxAddress) {
        ExitCode::Usage
    } else {
        ExitCode::NothingSealed
    };
    let problem = Problem::new(key, exit).with("serial", serial).with("address", where_from).with("path", where_from);
    match failure {
        LinkFailure::Code(BackupCode::Other(number)) => problem.with("code", number),
        _ => problem.with("why", "link"),
    }
}

/// How an iPhone's backup service ended.
fn code(code: BackupCode) -> &'static str {
    match code {
        BackupCode::Failed => "error-iphone-code-1",
        BackupCode::Snapshot => "error-iphone-code-3",
        BackupCode::InputOutput => "error-iphone-code-100",
        BackupCode::Folder => "error-iphone-code-102",
        BackupCode::State => "error-iphone-code-103",
        BackupCode::Files => "error-iphone-code-104",
        BackupCode::NoRoom => "error-iphone-code-105",
        BackupCode::Properties => "error-iphone-code-205",
        BackupCode::WrongPassword => "error-iphone-code-207",
        BackupCode::Locked => "error-iphone-code-208",
        BackupCode::FindMy => "error-iphone-code-211",
        BackupCode::SetupUnfinished => "error-iphone-code-212",
        _ => "error-iphone-code-other",
    }
}

/// What only a file of adb backup can have: a phone answers for itself, and a database is none.
fn adb_backup(app: &str, failure: ReadFailure) -> Option<&'static str> {
    let key = match failure {
        ReadFailure::BackupPasswordMissing => "error-adb-backup-password-needed",
        ReadFailure::WrongBackupPassword => "error-adb-backup-password-wrong",
        ReadFailure::NoMessages => "error-adb-backup-empty",
        ReadFailure::Unsupported | ReadFailure::TooLarge => "error-adb-backup-unknown",
        ReadFailure::Truncated | ReadFailure::Altered | ReadFailure::NotABackup => "error-adb-backup-damaged",
        _ => return None,
    };
    (app == App::Sms.word()).then_some(key)
}

fn backup(failure: ReadFailure) -> &'static str {
    match failure {
        ReadFailure::KeyForm => "error-key-form",
        ReadFailure::KeyMissing => "error-key-needed",
        ReadFailure::PasswordMode => "error-backup-password",
        ReadFailure::LegacyKeyMissing => "error-backup-legacy",
        ReadFailure::WrongKey => "error-key-wrong",
        ReadFailure::Truncated => "error-backup-truncated",
        ReadFailure::Altered | ReadFailure::NotABackup | ReadFailure::DatabaseDamaged => "error-backup-altered",
        ReadFailure::Unsupported | ReadFailure::TooLarge | ReadFailure::NotAMessageStore => "error-backup-unknown",
        ReadFailure::EvidenceUnreadable | ReadFailure::Internal => "error-backup-unreadable",
        ReadFailure::PassphraseForm => "error-signal-passphrase-form",
        ReadFailure::PassphraseMissing => "error-signal-passphrase-needed",
        ReadFailure::WrongPassphrase => "error-signal-passphrase-wrong",
        ReadFailure::RecoveryKeyForm => "error-signal-recovery-key-form",
        ReadFailure::RecoveryKeyMissing => "error-signal-recovery-key-needed",
        ReadFailure::WrongRecoveryKey => "error-signal-recovery-key-wrong",
        ReadFailure::FromServer => "error-signal-from-server",
        ReadFailure::BackupPasswordMissing => "error-threema-password-needed",
        ReadFailure::WrongBackupPassword => "error-threema-password-wrong",
        ReadFailure::NoMessages => "error-adb-backup-empty",
    }
}

fn child(error: &ChildError) -> Problem {
    match error {
        ChildError::Died(which) | ChildError::Rules { child: which, .. } => {
            Problem::new("error-child", ExitCode::NothingSealed).with("which", which)
        }
        ChildError::Silent(which) => Problem::new("error-child-silent", ExitCode::NothingSealed).with("which", which),
        ChildError::Cancelled => Problem::new("error-cancelled", ExitCode::Cancelled),
        ChildError::Start(_) => Problem::new("error-internal", ExitCode::Internal).with("why", error),
    }
}

fn store(error: &StoreError) -> Problem {
    match error {
        StoreError::DiskFull => Problem::new("error-disk-full", ExitCode::NothingSealed),
        StoreError::InUse => Problem::new("error-run-in-use", ExitCode::NothingSealed),
        StoreError::NotThisStore => Problem::new("error-run-not-ours", ExitCode::NothingSealed),
        other => Problem::new("error-disk", ExitCode::NothingSealed).with("why", other),
    }
}

/// A file or folder of the operator's that cannot be used.
#[must_use]
pub(crate) fn disk(error: &io::Error) -> Problem {
    let key = if error.kind() == io::ErrorKind::StorageFull { "error-disk-full" } else { "error-disk" };
    Problem::new(key, ExitCode::Usage).because(error)
}

/// A role that could not be opened.
#[must_use]
pub(crate) fn opening(error: &OpenSealError, role: &str, roles: &str) -> Problem {
    match error {
        OpenSealError::NoSuchRole(_) => {
            Problem::new("error-unseal-role", ExitCode::Usage).with("role", role).with("roles", roles)
        }
        OpenSealError::Envelope(EnvelopeError::NoMatchingIdentity) => {
            Problem::new("error-unseal-key", ExitCode::Usage).with("role", role)
        }
        OpenSealError::Envelope(EnvelopeError::HalfMissing(half)) => {
            Problem::new("error-unseal-half", ExitCode::Usage).with("role", role).with("half", half)
        }
        OpenSealError::Io(_) => Problem::new("error-unseal", ExitCode::Internal).with("why", error),
        OpenSealError::Envelope(_)
        | OpenSealError::Index(_)
        | OpenSealError::Changed
        | OpenSealError::PartElsewhere(_)
        | OpenSealError::Items(_) => Problem::new("error-unseal", ExitCode::Damaged).with("why", error),
    }
}

/// Writing out what a role may see.
#[must_use]
pub(crate) fn unsealing(error: &UnsealError, out: &Path) -> Problem {
    match error {
        UnsealError::NotEmpty => Problem::new("error-unseal-not-empty", ExitCode::Usage).with("dir", out.display()),
        UnsealError::Io(e) => disk(e),
        UnsealError::Evidence(_) | UnsealError::Record { .. } => {
            Problem::new("error-unseal", ExitCode::Damaged).with("why", error)
        }
    }
}
