# Texts of uitlezen, English. Every error has a `.do`: what to do now.

## Help
help = Reads out the business phones of key officials and seals what is on them.
help-heading-commands = Commands
help-heading-options = Options
help-demo = A virtual phone, keys made on the spot, the whole chain: read out, seal, verify, open.
help-phones = Phones on USB: which, in what state, what they need.
help-settings = Checks whether automatic deletion is off.
help-readout = Reads out a phone according to a plan and seals the result.
help-verify = Verifies a seal. No key is needed.
help-unseal = Opens a seal for one role and writes what that role may see.
help-keys = Keys of the station, the roles and recovery.
help-keys-new = Makes a key.
help-keys-new-station = This station's vault, signing key and certificate.
help-keys-new-role = A key that opens a role.
help-keys-new-recovery = A recovery key: opens what the loss of other keys would put out of reach.
help-keys-certificate = Shows this station's certificate (PEM), for whoever verifies seals.
help-probe = Answers the open questions about a connected phone, without content, as one JSON file for the helpdesk.
help-doctor = Checks whether this station can read out: USB, rights, adb, confinement, swap, space, keys. Ends with 0 when it can and with 2 when it cannot yet.
help-twin = Virtual phones, for tests and lessons.
help-twin-android = A virtual Android phone.
help-twin-iphone = A virtual iPhone, behind a usbmuxd of its own.
help-arg-lang = Language of the texts: nl or en.
help-arg-json = One event a line as JSON on standard output; text goes to standard error.
help-arg-state = Folder with this station's vault and ledger.
help-arg-help = Shows this help.
help-arg-version = Shows the version.
help-arg-dir = Folder in which the demonstration puts everything.
help-arg-messages = Number of messages on the virtual phone.
help-arg-adb = Address of a virtual phone on this machine, for instance 127.0.0.1:5600.
help-arg-lab = Allows an address outside this machine; the seal then says LAB.
help-arg-plan = The plan (TOML): who, which phone, why, by whom, for whom.
help-arg-from = A folder or zip with a phone's files, or one backup that its holder made in an app, in place of a phone.
help-arg-out = Where the result goes.
help-arg-to-holder = Shows names to the holder who looks along; stores nothing.
help-arg-shown = What the holder showed on the phone's own screen, for instance whatsapp-default-timer=off.
help-arg-given = A secret: name=fd:N, name=cred:ID or name=@FILE (readable by its owner only).
help-arg-file = The seal (.uitlezing).
help-arg-files = The seals (.uitlezing).
help-arg-signer = Certificate of a station that you trust (PEM), not taken from the seal itself.
help-arg-allow-demo = Accepts a seal of the demonstration.
help-arg-threads = Number of processor cores.
help-arg-identity = File with a key that opens the role. For a two-person role: one of each, with --identity twice.
help-arg-role = verantwoording, gesprekken, scheiding or bronnen.
help-arg-serial = Serial number of the phone.
help-arg-organisation = Name of the organisation.
help-arg-code = Code of the organisation, for instance gm0000.
help-arg-name = Name of this station.
help-arg-recovery = Recovery recipient (age1…); may be repeated.
help-arg-years = Validity of the certificate in years.
help-arg-listen = Address on this machine at which the virtual phone listens.
help-arg-functionfs = Folder with a FunctionFS mount: the virtual phone on USB.
help-arg-seed = Seed; the same number gives the same phone.
help-arg-socket = Path of a socket instead of an address.
help-arg-udid = UDID of the virtual iPhone.
help-arg-backup-password-file = File with the password under which backups are encrypted.
help-arg-passcode = Asks for its passcode before a backup, which the virtual holder types after a second.
help-arg-fails = Ends every backup with this error code.
help-arg-accept = What the virtual holder does with "Allow USB debugging?".
help-arg-key-out = Writes the virtual phone's 64-digit key to this file.
help-arg-expected-out = Writes what a readout must find to this file (JSON).
help-arg-canary = Plants this text in messages, names and media.
help-arg-big-file = Adds a large file: NAME:BYTES.

## General
say-error = Error: { $what }
say-do = What to do now: { $what }
unknown = unknown
yes = yes
no = no

## Errors: usage and plan
error-usage = The command is not understood.
    .do = See `uitlezen --help` or `uitlezen COMMAND --help`.
error-plan-read = The plan { $file } cannot be read: { $why }.
    .do = Check the file name after --plan.
error-plan-recipients = The plan { $file } names too few recipients for role { $role }.
    .do = Name at least two, one of them with `recovery = true`.
error-plan-no-app = The plan { $file } asks for no app.
    .do = Set `whatsapp = true` or `whatsapp_business = true` under [apps], or `signal`, `sms`, `threema`, `threema_work` or `threema_onprem`; for an iPhone also `imessage`.
error-secret = The secret { $name } cannot be read: { $why }.
    .do = Give it as { $name }=fd:N, { $name }=cred:ID or { $name }=@FILE; a file must be readable by you only (chmod 600).
error-secret-needed = The secret { $name } is needed and there is nobody to ask.
    .do = Add --secret { $name }=fd:N, { $name }=cred:ID or { $name }=@FILE.
error-shown = `{ $text }` is not understood after --shown.
    .do = Write for instance --shown whatsapp-default-timer=off (or =on).
error-to-holder-json = --to-holder and --json do not go together: names may not end up anywhere.
    .do = Leave --json out and do this on a screen with the holder beside you.
error-to-holder-output = The output does not go to a screen from which names can disappear again.
    .do = Leave out `>`, `|` and `tee`, and start this in an ordinary terminal window.
error-not-a-terminal = This needs a screen with a keyboard.
    .do = Give a command, for instance `uitlezen readout --plan … --out …`. See `uitlezen --help`.
error-no-configuration = This station has not been set up yet: { $file } is missing.
    .do = Put the plan for this phone as `plannen/NAME.toml` in { $dir }; an example stands in fixtures/plan.voorbeeld.toml.

## Errors: vault and keys
error-vault-absent = This station has no vault yet.
    .do = Make it with `uitlezen keys new station …`.
error-vault-exists = This station already has a vault.
    .do = Use the existing one, or choose another folder with --state.
error-vault-secret = The passphrase of the vault is wrong.
    .do = Try again. Forgotten? The organisation's recovery key opens the vault.
error-vault-recovery = A vault needs at least one recovery recipient.
    .do = Make it with `uitlezen keys new recovery --out FILE` and give --recovery age1….
error-vault-damaged = The vault is damaged: { $why }.
    .do = Put back a copy of the vault, or tell the helpdesk. Open runs can be saved with the recovery key.
error-no-station-key = This station has no signing key yet.
    .do = Make it with `uitlezen keys new station …`.
error-key-file = The key { $file } cannot be used: { $why }.
    .do = Give the file that `uitlezen keys new role` or `recovery` made.
error-key-exists = { $file } already exists.
    .do = Choose another name; a key is never overwritten.

## Errors: phone
error-phone-no-usb = This computer gives no access to USB.
    .do = Connect the phone to a computer with USB, or run `uitlezen doctor`.
error-phone-none = The phone { $serial } was not found.
    .do = Connect the phone with a data cable, unlock it and switch on USB debugging (Settings → Developer options).
error-phone-permission = This account may not open USB devices.
    .do = Have the administrator install udev/51-uitlezen-android.rules and plug the phone in again.
error-phone-busy = Another program holds the phone.
    .do = Close other phone programs; if an adb server runs, uitlezen goes through it by itself.
error-phone-not-allowed = The holder did not tap Allow in time.
    .do = Unlock the phone, start again and tap Allow at "Allow USB debugging?".
error-phone-denied = The phone refuses: the holder or a policy said no.
    .do = Ask the holder again, or the phone's administrator (MDM) to allow USB debugging.
error-phone-gone = The connection with the phone is lost.
    .do = Check the cable, connect the phone again and start again.
error-phone-silent = The phone does not answer.
    .do = Unlock the phone, plug it in again and start again.
error-phone-garbage = The phone does not answer as the protocol demands.
    .do = Restart the phone and try another cable. If it stays, send the output of `uitlezen probe` to the helpdesk.
error-phone-not-loopback = { $address } is not this machine.
    .do = Read out over USB. Only in a test set-up: --lab.
error-phone-other = Another phone is connected than the plan names. Nothing was read.
    .do = Connect the phone of the plan, or use the plan of this phone.
error-files = { $path } cannot be read as a phone's folder or zip.
    .do = Give a folder or zip with the folder WhatsApp in it (Databases, Backups, Media).
error-files-hostile = The zip has entries that are refused (encrypted, double, or too large when unpacked).
    .do = Unpack the zip into a folder and give that folder, or ask for a new zip.
error-iphone-backup-locked = The backup of the iPhone is encrypted, and no password was given.
    .do = Ask the holder for the password of the local backup and give it with --secret iphone-backup=… or type it when asked. It is not the passcode of the phone.
error-iphone-backup-password = This is not the password of this backup.
    .do = Ask the holder which password was set when the backup was made, and try again. Nothing is ever guessed.
error-iphone-backup-too-old = The backup is of iOS 9 or older, which is not read.
    .do = Update the phone and make a new, encrypted backup.
error-iphone-backups-several = { $path } holds several backups of iPhones.
    .do = Give the folder of one backup: the one in which Manifest.db lies.
error-iphone-backup-damaged = The backup of the iPhone is damaged or not complete: its list of files cannot be read.
    .do = Make a new backup, let it run to its end, and read that one out.
error-iphone-backup-refused = The backup asks for more work or room than any real one does, and is refused.
    .do = Do not use this folder. Make a new backup of the phone yourself.

## Errors: readout
error-no-app = No backup of { $app } was found.
    .do = { $app ->
        [signal] Have the holder make a backup on the device in Signal (Settings → Backups), and start again.
        [threema] Have the holder make a data backup in Threema (under the app's backups), and start again.
        [threema-work] Have the holder make a data backup in Threema Work, if the administrator allows it, and start again.
        [threema-onprem] Have the holder make a data backup in Threema OnPrem, if the administrator allows it, and start again.
       *[other] Have the holder tap WhatsApp → Settings → Chats → Chat backup → Back up, and start again.
    }
error-key-needed = The 64-digit key is needed for { $app }.
    .do = Holder: WhatsApp → Settings → Chats → Chat backup → End-to-end encrypted backup: choose the 64-digit key, note it down and make a new backup. Give it as --secret { $app }=….
error-key-wrong = The 64-digit key does not open the backup of { $app }.
    .do = Check the key. If encryption was switched off and on, a new key holds: have the holder show it and make a new backup.
error-key-form = This is not a 64-digit key.
    .do = Type the 64 characters (0-9, a-f); spaces are allowed. A password or passkey opens no file.
error-backup-truncated = The backup of { $app } is cut off.
    .do = Have the holder tap "Back up" again and wait until it is ready.
error-backup-altered = The backup of { $app } is damaged or was changed.
    .do = Have a new backup made and read out again. If it stays, tell the security officer.
error-backup-legacy = The backup of { $app } is of a kind (crypt12/crypt14) that only opens with a key file from inside the phone.
    .do = Holder: switch on the end-to-end encrypted backup with a 64-digit key and make a new backup.
error-disk-full = The disk is full.
    .do = Make room; the working folder is kept.
error-disk = Writing fails: { $why }.
    .do = Check the output folder and the disk; the working folder is kept.
error-child = A subprocess stopped while it read what came from the phone ({ $which }).
    .do = Try again. If it happens again, a file on the phone is damaged or hostile: tell the helpdesk.
error-child-silent = A subprocess gave no sign of life for too long ({ $which }).
    .do = Check that the phone is unlocked and connected and try again.
error-cancelled = Cancelled. Nothing was sealed.
    .do = Start again when it suits; if something was kept, `uitlezen runs resume` goes on.
error-internal = Something went wrong in the program itself: { $why }.
    .do = Tell the helpdesk this line.

## Errors: seal
error-seal-read = { $file } cannot be read: { $why }.
    .do = Check the file name.
error-seal-damaged = The seal is damaged: { $what } ({ $where }).
    .do = Do not use it. Fetch it again from where it is kept and report the damage to the security officer.
error-seal-signer = The seal is intact, but the signer ({ $subject }) is not known here.
    .do = Give with --signer the station's certificate, which you got by another way.
error-seal-demo = This is a seal of the demonstration.
    .do = Give --allow-demo if that is intended.
error-unseal-role = The seal has no role { $role }.
    .do = Choose one of: { $roles }.
error-unseal-key = This key does not open role { $role }.
    .do = Use the key of a recipient of that role, or the recovery key.
error-unseal-not-empty = { $dir } is not empty.
    .do = Choose a new folder; nothing is ever overwritten.
error-unseal = Opening fails: { $why }.
    .do = Check the seal with `uitlezen verify`.

## Progress
stage-connect = Connecting
stage-preflight = Preflight
stage-databases = Fetching databases
stage-unlock = Decrypting
stage-read = Reading
stage-media = Fetching attachments
stage-seal = Sealing
holder-connect = Connect the phone with a data cable.
holder-unlock = Holder: unlock the phone.
holder-allow = Holder: tap Allow at "Allow USB debugging?" on the phone.
holder-make-signal-backup = Holder: Signal → Settings → Backups → On-device backups → Create backup. The new backup is waited for.
holder-make-threema-backup = Holder: make a new data backup in Threema, under the app's backups, with the password that was given here. The new backup is waited for.
holder-make-backup = Holder: WhatsApp → Settings → Chats → Chat backup → Back up. The new backup is waited for.
phone-found = Phone: { $name }, { $system } { $version }, serial number { $serial }
phone-through-server = An adb server on this machine holds the phone: the readout goes through it.
backup-others = { $app }: there { $count ->
        [one] is 1 other backup
       *[other] are { $count } other backups
    }; the newest is read.
backup-found = { $app }: { $kind ->
        [provider-answers] answers of the phone itself
        [iphone-backup] backup of the iPhone
        [signal-file] backup (file)
        [signal-folder] backup (folder)
        [adb-backup] file of adb backup
        [adb-backup-encrypted] encrypted file of adb backup
        [threema-backup] data backup (zip)
       *[other] backup { $kind }
    }{ $increments ->
        [0] {""}
       *[other] {" "}with { $increments } increments
    }, { $age ->
        [0] less than an hour
        [one] 1 hour
       *[other] { $age } hours
    } old
backup-found-no-age = { $app }: { $kind ->
        [provider-answers] answers of the phone itself
        [iphone-backup] backup of the iPhone
        [signal-file] backup (file)
        [signal-folder] backup (folder)
        [adb-backup] file of adb backup
        [adb-backup-encrypted] encrypted file of adb backup
        [threema-backup] data backup (zip)
       *[other] backup { $kind }
    }{ $increments ->
        [0] {""}
       *[other] {" "}with { $increments } increments
    }
counts = { $app }: { $conversations ->
        [one] 1 conversation
       *[other] { $conversations } conversations
    }, { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    }, { $attachments ->
        [one] 1 attachment
       *[other] { $attachments } attachments
    }
may-unplug = Nothing more is needed from the phone: it may be unplugged.
sealed = Sealed: { $file } ({ $size })

## Verdict
verdict-off = { $app }: automatic deletion is off in { $count ->
        [one] 1 conversation
       *[other] { $count } conversations
    }.
verdict-off-by-contact = { $app }: in { $count ->
        [one] 1 of them this rests
       *[other] { $count } of them this rests
    } on the note beside the contact only (weaker evidence).
verdict-on = { $app }: automatic deletion is ON in conversation { $number }: after { $duration }.
verdict-none = { $app }: conversation { $number }: no evidence ({ $why }).
verdict-on-since = { $app }: automatic deletion is ON in conversation { $number }: after { $duration }, since { $since }.
verdict-holder = { $app }: the default timer for new chats stands in no file. Holder: show Settings → Privacy → Default message timer.
verdict-holder-keep = { $app }: the backup does not say how long messages are kept. Holder: show Settings → (Apps →) Messages → Keep Messages.
verdict-holder-keep-in-app = { $app }: the backup does not say how long messages are kept. Holder: show in the app's settings how long messages are kept.
verdict-holder-sms = { $app }: no file says whether old messages are deleted, whether codes go by themselves and what lies in the bin. Holder: show the settings and the bin of the messaging app.
verdict-holder-administrator = { $app }: no file says whether the administrator has messages deleted after a time. Holder: show in the app's settings how long messages are kept; what an administrator set is marked there.
verdict-holder-audio = { $app }: no file says for sure whether voice messages go after two minutes. Holder: show Settings → (Apps →) Messages → Audio Messages → Expire.
verdict-set-off = { $app }: messages are kept for ever, by the app's own settings.
verdict-set-on = { $app }: messages are DELETED after { $duration }, by the app's own settings.
verdict-administered-off = { $app }: messages are kept for ever, as the administrator enforces it; so says the plan.
verdict-administered-on = { $app }: messages are DELETED after { $duration }, as the administrator enforces it; so says the plan.
verdict-never-set = { $app }: keeping messages was never set, so the default (for ever) should hold. Holder: show the setting "Keep Messages".
verdict-never-set-in-app = { $app }: keeping messages was never set, so the default (for ever) should hold. Holder: show in the app's settings how long messages are kept.
verdict-holder-on = { $app }: the default timer for new chats is ON.
verdict-holder-off = { $app }: the holder showed that the default timer for new chats is off.
verdict-indirect-off = { $app }: an incremental backup says that the default timer for new chats was off.
verdict-indirect = { $app }: an incremental backup names a default timer of { $duration } for new chats.
verdict-view-once = { $app }: { $count ->
        [one] 1 view-once message; its content is
       *[other] { $count } view-once messages; their content is
    } in no backup.
to-holder-ask = Is the holder looking along at this screen now? Names will be shown; they are stored nowhere.
to-holder-done = Press Enter when the holder has finished looking: the names then leave the screen.
to-holder-more = Press Enter for the next conversations ({ $page } of { $pages }).
to-holder-line = conversation { $number }: { $name }: { $verdict }

## Seal
verify-intact = Seal: intact
verify-damaged = Seal: damaged ({ $what }, { $where })
verify-demo = DEMO: this seal comes from the demonstration
verify-lab = LAB: this seal comes from a test set-up
verify-expired = The certificate has expired; the signing time { $time } is the station's own claim.
unsealed = Opened for { $role }: { $files ->
        [one] 1 file
       *[other] { $files } files
    }, { $size }, in { $dir }
unsealed-conversations = { $conversations ->
        [one] 1 conversation
       *[other] { $conversations } conversations
    }, { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    }, { $attachments ->
        [one] 1 attachment
       *[other] { $attachments } attachments
    }

## Keys
key-made = Key made: { $file }
key-public = Recipient (put this in the plan): { $key }
key-keep = Keep this file in a safe place, not on this station. Whoever has it can open what was sealed for it.
key-passphrase-ask = Passphrase for this key file (leave empty for none)
station-made = Station set up: vault in { $dir }
station-certificate = Certificate: { $file }. Give this file to whoever verifies seals.
vault-passphrase = Passphrase of the vault
vault-passphrase-new = New passphrase of the vault
vault-passphrase-again = The same passphrase once more
secret-prompt = Secret { $name }
iphone-backup-ask = Password of the iPhone's local backup (not shown; nothing if it is not encrypted)
key-ask = 64-digit key of { $app } (not shown)

## Phones
phones-none = No phone found.
phones-line = { $serial }  { $name }  { $state }
phone-state-ready = reachable
phone-state-permission = no rights (udev rule missing)
phone-state-busy = held by another program
phone-state-server = held by an adb server; uitlezen goes through it

## Demonstration
demo-start = Demonstration: a virtual Android phone and a virtual iPhone of an alderman. Nothing of this is real.
demo-step-phone = 1. Virtual phone started at { $address }, with { $messages } WhatsApp messages, and besides them notices of the app and additions since the backup; beside it SMS, and backups of Signal and Threema, where their holder put them.
demo-step-keys = 2. Keys made: station "DEMO", recipient DIV, recovery.
demo-step-gate = 3. Reading out without a register: the gate lets nothing through.
demo-step-register = 4. Filling the register (register.toml): who, which phone, on what basis, and one private group that is left out.
demo-register-why = demonstration
demo-step-readout = 5. Reading out over the real adb protocol; on the way the cable comes out:
demo-step-resume = 6. The cable goes in again, and the run goes on:
demo-step-week = 7. A week later, the same phone:
demo-week = Of the attachments { $held } lie in the previous seal already; they were not fetched again. This time { $now } kB came from the phone, the week before { $then } kB.
demo-step-verify = 8. Verifying the seals (without a key):
demo-step-unseal = 9. Opening the second seal with the key of the recipient; what lies in the first comes from there:
demo-look = Now look for yourself:
demo-look-seal = { $path }   the seal; `unzip -l` shows what is in it
demo-look-report = { $path }   the report (role verantwoording, without names)
demo-look-conversation = { $path }   a conversation with its lines of context; attachments beside it
demo-real = With a real phone this readout would end with code { $code }: { $why }.
demo-code-0 = what the plan asked was read and there are no findings
demo-code-3 = automatic deletion is on somewhere
demo-code-6 = not everything that was asked was read
demo-code-8 = the holder must still show something
demo-done = Done in { $seconds ->
        [one] 1 second
       *[other] { $seconds } seconds
    }.

## Diagnosis
doctor-can = This station can read out.
doctor-cannot = This station cannot read out a phone yet: see the lines with "!!".
doctor-usb = USB
doctor-usb-ok = reachable, { $count ->
        [0] no phone
        [one] 1 phone
       *[other] { $count } phones
    }
doctor-usb-none = this computer offers no USB; only a folder or zip can be read out here
doctor-permission = udev rule
doctor-permission-ok = phones may be opened
doctor-permission-no = a phone may not be opened: install udev/51-uitlezen-android.rules
doctor-permission-unknown = cannot be told without a connected phone
doctor-adb-server = adb server
doctor-adb-server-yes = runs; uitlezen goes through it when it holds the phone
doctor-adb-server-no = does not run
doctor-usbmuxd = usbmuxd
doctor-usbmuxd-yes = runs
doctor-usbmuxd-no = does not run (only needed for iPhones)
doctor-sandbox = confinement
doctor-sandbox-fully = subprocesses are fully confined (Landlock)
doctor-sandbox-partly = subprocesses are partly confined (older kernel)
doctor-sandbox-not-by-kernel = the kernel has no Landlock; only memory limits hold
doctor-swap = swap
doctor-swap-none = none
doctor-swap-on = on: encrypt it or switch it off, for memory may reach the disk
doctor-space = free space
doctor-space-line = { $size } in { $dir }
doctor-vault = vault
doctor-vault-yes = present and whole, { $locks ->
        [one] 1 lock
       *[other] { $locks } locks
    }
doctor-vault-no = not made yet: `uitlezen keys new station …`
doctor-ledger = ledger
doctor-ledger-whole = { $lines ->
        [0] still empty
        [one] 1 line, chain whole
       *[other] { $lines } lines, chain whole
    }
doctor-ledger-broken = chain broken at line { $line }

## Guided run
guided-welcome = Reading out a business phone. You see counts only, no content.
choose-how = (arrow keys, then Enter)
guided-which = Which phone?
guided-plan-left-out = Left out. { $what }
guided-wait = Connect phone { $serial } with a data cable and unlock it. Waiting until it is there (Ctrl-C stops).
guided-wait-long = No phone seen yet. Is the cable in? Then see whether the phone is unlocked, whether it is a data cable (not one for charging only), and whether USB debugging is on (Settings → Developer options). Still waiting.
guided-wait-other = Phone { $found } is connected; the plan is for phone { $serial }. Waiting for that phone.
guided-wait-permission = A phone is connected, but this account may not open it. Have the administrator install udev/51-uitlezen-android.rules and plug the phone in again. Still waiting.
guided-passphrase-again = That passphrase is not right. Type it again (mind capitals; nothing shows while you type).
guided-there = The phone is there.
guided-person = { $person }, { $function } (phone { $serial })
guided-shown = Have the holder show in WhatsApp now: Settings → Privacy → Default message timer. Is it off?
guided-shown-off = Yes, it is off
guided-shown-on = No, it is on
guided-shown-not = Not shown
guided-receipt = Receipt
guided-receipt-line = { $date }: phone { $serial } read out by { $operator }; { $status }; seal { $file }; checksum { $digest }

## Virtual phone
twin-listening = Virtual phone { $serial } listens at { $address }
twin-usb = Virtual phone { $serial } on USB

## More
verdict-more = … and { $count } more conversations; they stand in the report.
verdict-off-one = conversation { $number }: off
error-no-space = There is too little free space: { $needed } needed, { $free } free.
    .do = Make room or choose another disk with --out.
error-backup-password = The backup of { $app } is locked with a password or passkey, which opens no file.
    .do = Holder: WhatsApp → Settings → Chats → Chat backup → End-to-end encrypted backup: choose the 64-digit key in place of the password, note it down and make a new backup.
error-backup-unknown = The backup of { $app } has a form that this version does not know.
    .do = Send the output of `uitlezen probe` to the helpdesk and see whether there is a newer version of uitlezen.
error-backup-unreadable = The backup of { $app } could not be read to its end.
    .do = Leave the phone connected and unlocked and start again.
verdict-short-off = off
verdict-short-on = ON, after { $duration }
verdict-short-none = cannot be told ({ $why })
vault-passphrase-differs = The two passphrases are empty or differ. Once more.
phone-state-silent = does not answer to USB debugging
help-keys-keep = Keeps an app's 64-digit key in the vault, by the holder's choice.
help-keys-forget = Erases an app's key from the vault.
help-arg-app = whatsapp or whatsapp-business.
help-arg-chosen-by = Who chose, as the operator records it.
key-kept = Kept in the vault, by choice of { $who }: the key of { $app } for phone { $serial }.
key-forgotten = Erased from the vault: the key of { $app } for phone { $serial }.
help-heading-usage = Usage
help-heading-arguments = Arguments
## Words
help-default = [default: { $value }]
error-usage-unknown = `{ $what }` is not known here.
    .do = See `uitlezen --help` or `uitlezen COMMAND --help`.
error-usage-near = `{ $what }` is not known here.
    .do = Did you mean `{ $near }`? Else see `uitlezen COMMAND --help`.
error-usage-missing = Something is missing: { $what }
    .do = Add it. `uitlezen COMMAND --help` says what it means.
error-usage-conflict = { $what } and { $other } do not go together.
    .do = Leave one of them out.
error-usage-value = `{ $value }` cannot follow { $what }.
    .do = See `uitlezen COMMAND --help` for what belongs there.
error-configuration = The settings of this station ({ $file }) are not right: { $why }
    .do = Correct that line, or take the file away: then the usual settings hold.
error-plan-toml = The plan { $file } is not right on line { $line }:
    { $why }
    .do = Correct that line. An example stands in fixtures/plan.voorbeeld.toml.
error-plan-format = The plan { $file } has format { $format }, which this version does not know.
    .do = Write `format = 1`, or see whether there is a newer version of uitlezen.
error-plan-empty = The plan { $file } is not right on line { $line }: `{ $name }` is empty.
    .do = Fill in that line.
error-plan-recipient = The plan { $file } is not right on line { $line }: that is not a recipient (age1…).
    .do = Put the recipient there that `uitlezen keys new role` or `recovery` showed.
error-plan-role = The plan { $file } is not right on line { $line }: `{ $role }` is not a role.
    .do = Choose from verantwoording, gesprekken, scheiding and bronnen.
error-plan-twice = The plan { $file } is not right on line { $line }: that recipient has role { $role } already.
    .do = Give each role two different keys: whoever loses one must still have the other.
error-vault-newer = The vault was made by a newer version of uitlezen.
    .do = Install that version on this station.
error-no-holder = No names were shown.
    .do = Do this when the holder looks along, or leave --to-holder out.
why-not-there = it is not there
why-there-already = it is there already
why-no-permission = this account may not
why-a-folder = it is a folder
why-no-folder = there is a file where a folder should be
why-no-text = it is not plain text
damage-content = the content is not what was signed
damage-checksum = the checksum in the zip is not that of the content
damage-not-listed = an entry does not stand in the signed list
damage-absent = a signed entry is missing
damage-no-container = this file does not have the form of a seal
damage-layout = the build of the file is not right
damage-manifest = the signed list is not right
damage-manifest-changed = the list changed after signing while what it lists did not
damage-signature = the signature is not right
damage-header = the header of the seal is not right

# The vault
error-vault-elsewhere = The state folder of this station holds the vault of another station, or the folder was copied to another machine.
    .do = Put this station's own vault back. Was the station moved on purpose: `uitlezen vault adopt` on the new machine, and erase the old one; two stations with one vault make two chains of seals that know nothing of each other.
error-vault-last-lock = A vault keeps at least one lock; nothing was changed.
    .do = Add another lock first with `uitlezen vault lock add`.
error-vault-no-lock = The vault has no lock of that number.
    .do = `uitlezen vault status` shows the locks with their numbers.
error-vault-no-such-lock = The vault has no lock of this kind.
    .do = `uitlezen vault status` shows which locks there are; unlock with one of those, or with the recovery key (`uitlezen vault recover`).
error-vault-not-for-key = The recovery key in { $file } does not open this vault.
    .do = Take the key of a recovery recipient of this vault; `uitlezen vault status` on a working station shows their fingerprints.
error-passphrase-weak = That passphrase is too weak: take at least { $least } characters, and not the same ones over and over.
    .do = Take a sentence of four words or more that nobody can guess.
error-token-uri = The place of the key on the token cannot be understood.
    .do = Write it as pkcs11:token=NAME;object=KEY?module-path=/PATH/TO/MODULE.so, without a PIN in it.
error-token-module = The PKCS#11 module cannot be loaded.
    .do = Check the path after module-path= and whether the token's driver is installed.
error-token-absent = The token was not found.
    .do = Plug it in and try again. Lost: unlock with another lock or with the recovery key, and remove the token's lock.
error-token-key = The token holds no RSA key (of at least 2048 bits) by that name, or more than one.
    .do = Name the key with object= or id=; show the keys with the token's own program.
error-token-pin = The PIN of the token is wrong.
    .do = Mind: after a few wrong PINs the token locks itself. Look the PIN up before you try again.
error-token-locked = The token has locked its PIN.
    .do = Lift that with the PUK, or unlock the vault with another lock or with the recovery key.
error-token-refused = The token refuses to decrypt.
    .do = Check that the key on the token may decrypt (RSA-OAEP), or use another lock.
vault-pin = PIN of the token (empty: on the token itself)
clock-set-back = Note: this station's clock is { $minutes } minutes behind the last change of the vault. That is recorded; set the clock right.
vault-status-locks = Locks:
lock-passphrase = passphrase
lock-credential = systemd credential
lock-pkcs11 = token { $token } (serial number { $serial })
vault-status-recovery = Recovery recipients (fingerprints):
vault-status-recovery-unknown = Recovery recipients: not recorded (vault of an older version). Set them again with `uitlezen vault recipients`.
vault-status-kept = Kept:
kept-station-key = signing key
kept-adb-key = adb key
kept-iphone-host = identity towards iPhones
kept-pair-records = iPhones that trust this station
kept-app-secrets = keys of apps, by the holder's choice
kept-backup-passwords = passwords of iPhone backups, by the holder's choice
kept-open-runs = open readouts
kept-register-key = key of the register
kept-fingerprint-keys = keys of attachment lists
vault-passphrase-done = The passphrase of the vault was changed. An old copy of the vault still opens with the old one: erase old copies.
vault-lock-add-done = The lock was added.
vault-lock-remove-done = The lock was removed.
vault-recipients-done = From now on the vault opens with these recovery keys, and with no others. An old copy still opens with the former ones.
vault-recover-done = The vault was opened with the recovery key. All old locks are gone and the new one counts. What stood only on a lost station (unfinished readouts) is gone with it: read those phones out again. If the station was stolen, replace the signing key with `uitlezen keys rotate station`.
vault-adopt-done = This vault now belongs to this station. Erase it on the old machine.
help-vault = This station's vault: locks, recovery, and what is kept in it.
help-vault-status = Shows the locks, the fingerprints of the recovery recipients and how many secrets of each kind are kept; no names.
help-vault-passphrase = Changes the passphrase. Without questions: --secret vault=… and --secret vault-new=….
help-vault-lock = More locks or fewer: passphrase, systemd credential, token.
help-vault-lock-add = Adds a lock: --secret vault-new=cred:ID, vault-new=pkcs11:… or a passphrase. A lock of the same kind is replaced.
help-vault-lock-remove = Removes a lock. The last one stays.
help-vault-recipients = Sets the recovery recipients anew: only those named here can recover the vault afterwards.
help-vault-recover = Opens the vault with a recovery key and sets a new passphrase: after a forgotten passphrase, or on a new station with a copy of the vault.
help-vault-adopt = Makes this machine the home of a vault that was moved here on purpose.
help-arg-number = Number of the lock, as `vault status` shows it.
error-vault-busy = Another process holds this station's vault for too long.
    .do = Wait until the other command is done, or end the process that hangs, and try again.
error-vault-full = The vault is full; nothing was changed.
    .do = Erase what is no longer needed, for instance with `uitlezen keys forget …`, or tell the helpdesk.

## Runs that were broken off
help-runs = Runs that were broken off: list, resume, discard.
help-runs-list = Lists the runs that were broken off, and until when they are kept.
help-runs-resume = Goes on with a run that was broken off; what is here already is not fetched again.
help-runs-discard = Destroys what was kept of a run.
help-arg-run = The run, as `runs list` names it; may be left out when there is only one.
help-arg-media = How large the attachments of the virtual phone are: none, small or realistic.
help-arg-yes = Without asking.
runs-none = No run was broken off.
runs-line = { $run } · phone { $serial } · begun { $started } · kept until { $ends } · { $state }
run-state-broken-off = broken off
run-state-running = running
run-state-gone = working folder not found
run-kept = The working folder of run { $run } is kept, encrypted, for seven days. To go on: `uitlezen runs resume { $run }`.
run-waits = Of this phone a run of { $started } ({ $run }) was broken off; it is kept until { $ends }. `uitlezen runs resume { $run }` goes on with it; this command begins anew.
run-waits-ask = Of this phone a run of { $started } was broken off. Go on with it?
run-resumed-begun = The broken run goes on; files that are here already are not fetched again.
run-resumed-databases = The broken run goes on: the databases are here already.
run-resumed-records = The broken run goes on: the conversations were read already.
run-resumed-acquired = The broken run goes on: everything was fetched from the phone, which is no longer needed.
run-sealed-already = This run was sealed already when it was broken off: { $file }. What was left of it is cleared away.
run-discard-ask = Destroy run { $run } of { $started }? What was kept of it does not come back.
run-discarded = Run { $run } is destroyed; the ledger says what went.
run-expired = Run { $run } was older than seven days and is destroyed; the ledger says what went.
run-clock-back = Mind: by the clock of this station a broken run began in the future. Check date and time.
error-phone-in-use = Phone { $serial } is being read out on this station already.
    .do = Wait until that run is done, or cancel it.
error-run-none = No run was broken off.
    .do = Begin a new one with `uitlezen readout`.
error-run-which = More than one run was broken off.
    .do = Name one; `uitlezen runs list` lists them.
error-run-unknown = Run { $run } is not known here.
    .do = `uitlezen runs list` says which there are.
error-run-in-use = This run is still going on.
    .do = Wait until it is done, or cancel it with Ctrl-C where it runs.
error-run-not-ours = The working folder is not of this vault, or its beginning is damaged.
    .do = Put the right working folder back, or destroy the run with `uitlezen runs discard` and begin anew.
error-run-nothing-kept = Nothing was kept of this run that could be gone on with.
    .do = Destroy it with `uitlezen runs discard` and begin anew.
error-run-other-version = The working folder is of another version of this program.
    .do = Go on with that version, or destroy the run with `uitlezen runs discard` and begin anew.
error-run-not-agreed = Nothing was destroyed.
    .do = Answer yes, or give `--yes`.

# Practising and replacing
doctor-drill = recovery practised
doctor-drill-never = not yet: `uitlezen keys drill` (every year at least, BIO2 8.13)
doctor-drill-late = last on { $date }; that is too long ago or in the future: `uitlezen keys drill`
doctor-drill-done = last on { $date }
drill-half = Key { $key } opens half { $half } of role { $role }.
drill-opened = Key { $key } opens: { $roles }.
drill-nothing = Key { $key } opens nothing here. Is this the right key, and does it stand in the plan?
drill-failed = Key { $key } did not get role { $role } open: { $why }.
drill-together = Role { $role } opens with the keys together.
drill-closed = Role { $role } stayed closed: none of the keys opens it.
drill-passed = The drill passed: every role opened and every key did its work. That stands in the ledger.
drill-not-passed = The drill did not pass. That stands in the ledger. Find the missing key, or replace the recipient for new seals with `uitlezen keys rotate recipient`.
error-rotate-issued = This station's certificate was issued by somebody else; they issue the next one too.
    .do = Ask the organisation's PKI for a new certificate (P-384).
error-rotate-recipient = The old and the new recipient must be two different public keys (age1…).
    .do = Use what `uitlezen keys new role` or `recovery` showed as the public key, not the secret one.
error-rotate-not-there = The plan { $file } does not have that old recipient; no plan was changed.
    .do = Name only plans that have the old recipient.
rotate-station-done = From now on this station signs with a new key. Share { $file } with whoever verifies seals; { $proof } is the old key's signature over it. Earlier seals stay valid under the old certificate.
rotate-recipient-done = The recipient was replaced in { $plans ->
        [one] 1 plan
       *[other] { $plans } plans
    }. Existing seals still open with the old key: keep it as long as they exist.
key-keep-ask = Does the holder want this station to keep the key of { $app } for the next time? It is the holder's choice, and is recorded as that choice.
key-not-kept = The key of { $app } was not kept: nothing was opened with it.
error-key-not-kept = The vault keeps no key of { $app } for phone { $serial }.
    .do = Look the serial number up with `uitlezen phones`.
help-keys-drill = Practises recovery: with each key really opens what was sealed for it, of seals or of a sample seal for a plan.
help-keys-rotate = Replaces keys for the seals that are still to come.
help-keys-rotate-station = Gives the station a new signing key; the old one signs the new certificate.
help-keys-rotate-recipient = Replaces a recipient in plans. All plans named, or none.
help-arg-plans = The plans (TOML).
help-arg-old = The recipient that is replaced.
help-arg-new = The recipient that takes its place.
help-arg-phone = Serial number of the phone, as `uitlezen phones` shows it.
help-arg-keep-secret = Keeps the key of this app in the vault if it opened the backup; only by the holder's choice.

# Two persons
error-plan-half = The plan { $file } does not name enough recipients for half { $half } of role { $role }.
    .do = Name at least two for each half, one of them with `recovery = true`.
error-plan-halves = The plan { $file } is wrong at line { $line }: role { $role } has recipients with and without `half`.
    .do = Give all recipients of that role `half = "a"` or `half = "b"`, or none of them.
error-unseal-half = Role { $role } opens only with two persons together: the key of half { $half } is missing.
    .do = Have the second person join and give their key file with a second --identity. The recovery key of half { $half } works too.
key-file-passphrase = Passphrase of key file { $file }

## The pages beside a seal
page-statement = Completeness statement: { $file }
page-receipt = Receipt for the holder: { $file }
demo-look-statement = { $path }   the completeness statement, to print
demo-look-receipt = { $path }   the receipt for the holder
demo-look-register = { $path }   what the register knows
## Separation
separation-left-out = { $app }: left out by decision { $rule } ({ $class }): { $conversations ->
        [one] 1 conversation
       *[other] { $conversations } conversations
    }, { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    }, { $attachments ->
        [one] 1 attachment
       *[other] { $attachments } attachments
    }.
separation-undecided = { $app }: not decided yet and therefore not taken over: { $conversations ->
        [one] 1 conversation
       *[other] { $conversations } conversations
    }, { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    }. Names and participants stand in role scheiding.
separation-councillors = { $app }: between council members only and therefore outside the duty to keep: { $conversations ->
        [one] 1 conversation
       *[other] { $conversations } conversations
    }, { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    }.
separation-repeats = { $app }: { $count ->
        [one] 1 repetition
       *[other] { $count } repetitions
    } of what was left out (quote, forward, file or name of a group) { $count ->
        [one] was
       *[other] were
    } withheld elsewhere too.
error-sources-beside-exclusions = The plan keeps raw databases while conversations are left out: they would stand in there all the same.
    .do = Set keep_sources to false, or name in the plan the reference of the decision that allows it.
error-nobody-decides = Under policy alleen-zakelijk the plan names nobody who may open role scheiding.
    .do = Give role scheiding to at least two recipients in the plan, one of them for recovery.

## Earlier seals: reading out, verifying, unsealing, destroying
help-arg-full = Transfers also what lies in earlier seals.
help-arg-earlier = Folder or file with earlier seals of this phone; may be repeated.
help-seals = This station's seals: show them, and destroy what nobody needs any more.
help-seals-list = Shows the seals and which rely on which.
help-seals-destroy = Destroys a seal on which no other relies.
full-run-asked = Full readout, as asked: what lies in earlier seals is transferred too.
full-run-due = Full readout: the last one is thirteen weeks ago or longer.
full-run-unknown = Full readout: the list of earlier seals cannot be used.
full-run-too-many = Full readout: it would rely on too many earlier seals.
held = { $count ->
        [one] 1 attachment lies
       *[other] { $count } attachments lie
    } in { $seals ->
        [one] an earlier seal
       *[other] { $seals } earlier seals
    } already ({ $size }) and { $count ->
        [one] was
       *[other] were
    } not transferred again. Keep those seals together with this one.
not-remembered = What this seal holds could not be entered in this station's list; the next readout transfers it again.
verify-file = { $file }
verify-relies = This seal relies on { $count ->
        [one] 1 earlier seal
       *[other] { $count } earlier seals
    }; keep them together:
verify-relies-line = · { $run }.uitlezing, seal digest { $seal }
verify-lacking = Not given: { $run }.uitlezing, seal digest { $seal }. It holds attachments of a seal that is given.
unsealed-lacking = { $count ->
        [one] 1 attachment lies
       *[other] { $count } attachments lie
    } in { $file } (seal digest { $seal }), which is not at hand or cannot be opened.
unsealed-differs = { $count ->
        [one] 1 attachment in { $file } (seal digest { $seal }) is
       *[other] { $count } attachments in { $file } (seal digest { $seal }) are
    } not what this seal says of it, and { $count ->
        [one] was
       *[other] were
    } left out.
unsealed-lacking-do = Open this seal once more into an empty folder and name those seals with it, or their folder with --earlier.
seals-none = This station knows no seals.
seals-line = { $closed } · phone { $serial } · { $file } · { $kind }, { $attachments ->
        [one] 1 attachment
       *[other] { $attachments } attachments
    }, relies on { $relies }, needed by { $needed } · seal digest { $digest }
seals-full = transferred in full
seals-incremental = relying on earlier ones
seals-list-unreadable = The list of earlier seals of phone { $serial } cannot be read.
seals-destroy-losing = { $count ->
        [one] 1 seal relies
       *[other] { $count } seals rely
    } on this one and { $count ->
        [one] loses
       *[other] lose
    } attachments that were transferred again since, where they were still on the phone: { $runs }.
seals-destroy-means = Destroying removes this file. Copies elsewhere remain, and the keys of the roles lie with their holders.
seals-destroy-ask = Destroy { $file } of { $closed }?
seals-destroyed = { $file } was removed; the ledger says so.
error-seals-unknown = This station does not know { $file } and cannot say whether other seals need it.
    .do = Ask the station that made this seal.
error-seals-needed = { $file } may not go: { $count } seals rely on it ({ $runs }).
    .do = First make a full readout of this phone (`uitlezen readout … --full`).
error-seals-not-agreed = { $file } was not destroyed.
    .do = Confirm the question, or give --yes.
error-earlier-list = The list of earlier seals cannot be used: { $why }.
    .do = The next readout transfers everything and makes the list anew; with a newer version: update this program.
error-earlier-busy = Another process holds the list of earlier seals for too long.
    .do = Wait until the other command is done and try again.
error-seal-not-kept = The seal { $file } is not intact after it was closed: the disk did not keep it as it was written.
    .do = Do not use this file. Check the disk and read the phone out again, to another disk.

# An iPhone on the cable
stage-backup = Backup of the iPhone
holder-trust = Holder: unlock the iPhone, tap Trust at "Trust This Computer?" and type the passcode.
holder-passcode = Holder: type the passcode on the iPhone now; it waits about three minutes.
holder-passcode-for-password = Backups of this iPhone are not encrypted yet. A password is set on them now, which is kept in the vault. Holder: type the passcode on the iPhone in a moment.
run-resumed-backup = The readout that broke off goes on: the backup of the iPhone is here already, the phone is no longer needed.
iphone-password-set = Backups of this iPhone are encrypted with the password that the vault keeps. It stays on the phone until it is taken away.
iphone-password-not-set = The password that was prepared before is not on this iPhone; it was removed from the vault.
iphone-password-unsettled = The iPhone was asked to set a password and gave no answer. The password stays in the vault; the next readout of this phone finds out whether it was set.
iphone-password-removed = The password was taken off the backups of this iPhone again; the next readout therefore fetches everything again.
iphone-password-stays = NOTE: the password was not taken off the iPhone. It is still in the vault; read out again with the holder there to take it away.
error-adb-for-iphone = --adb is for Android; the plan names an iPhone.
    .do = Leave --adb out. An iPhone is found through usbmuxd (or USBMUXD_SOCKET_ADDRESS).
error-iphone-no-usbmuxd = No usbmuxd runs on this machine, the program through which an iPhone is reached.
    .do = Install and start usbmuxd (Debian: apt install usbmuxd), plug the iPhone in again and start again.
error-iphone-mux-address = USBMUXD_SOCKET_ADDRESS is no address.
    .do = Give HOST:PORT of this machine or UNIX:/path, or leave the variable out.
error-iphone-mux-permission = This account may not use usbmuxd.
    .do = Ask the administrator for access to /var/run/usbmuxd for this account.
error-iphone-none = iPhone { $serial } is not plugged in, or is still starting.
    .do = Plug it in with a data cable, unlock it and start again. The plan names the UDID as serial; uitlezen phones shows what is there.
error-iphone-trust-refused = Somebody tapped Don't Trust on the iPhone.
    .do = Pull the cable out, plug it in again, start again and let the holder tap Trust.
error-iphone-trust-not-answered = Nobody tapped Trust in time.
    .do = Unlock the iPhone, start again and let the holder tap Trust and type the passcode.
error-iphone-pairing-forbidden = The administrator of this iPhone does not allow it to be paired with this computer.
    .do = Ask the administrator of the devices (MDM) to allow pairing (allowHostPairing), or for the organisation's identity (.p12), and take that in with uitlezen keys supervision import.
error-iphone-supervision = This iPhone pairs only with the identity of its organisation, and that is not here or is not accepted.
    .do = Ask the administrator of the devices (MDM) for the identity (.p12) and take it in with uitlezen keys supervision import, or to allow pairing.
error-iphone-cancelled-on-phone = Somebody tapped Cancel on the iPhone.
    .do = Start again and leave the screen of the iPhone alone until it says here that the cable may come out.
error-iphone-other-program = Another program synchronises with this iPhone.
    .do = Close Finder, iTunes or whatever else speaks to the phone, and start again.
error-iphone-not-finished = The iPhone says that its backup is not finished.
    .do = Start again; restart the iPhone if it happens again.
error-iphone-garbage = The iPhone, or usbmuxd, does not keep to the rules of its services.
    .do = Restart the iPhone and start again; ask the helpdesk if it happens again.
error-iphone-encryption-unknown = The iPhone does not say whether its backups are encrypted.
    .do = Unlock it and start again; ask the helpdesk if it happens again. Nothing is made without knowing.
error-iphone-holder-absent = Backups of this iPhone are not encrypted. A password is only set with the holder there.
    .do = Read out with the holder there (--holder-present yes), who types the passcode on the phone.
error-iphone-code-1 = The iPhone could not make the backup (1).
    .do = Restart the iPhone and start again.
error-iphone-code-3 = The iPhone could make no snapshot (3); mostly an earlier backup was broken off.
    .do = Restart the iPhone and start again.
error-iphone-code-100 = The iPhone could not read or write something (100).
    .do = Take another cable or port, plug in again and start again.
error-iphone-code-102 = The iPhone can do nothing with the folder of the backup (102).
    .do = Unlock the iPhone and start again.
error-iphone-code-103 = The iPhone cannot read the state of the previous backup (103).
    .do = Unlock the iPhone and start again.
error-iphone-code-104 = The iPhone could not send several files (104).
    .do = Keep the screen unlocked and start again; restart the iPhone if it happens again.
error-iphone-code-105 = The iPhone finds too little room on this station (105). It counts all that is on it, also what is not kept.
    .do = Make room or choose a larger disk with --out, and start again.
error-iphone-code-205 = The iPhone cannot read the data of the previous backup (205).
    .do = Start again.
error-iphone-code-207 = This iPhone has another password for its backups (207).
    .do = Ask the holder for the password of the local backup.
error-iphone-code-208 = The iPhone is locked, or the passcode was not typed in time (208).
    .do = Unlock the iPhone, start again and let the holder type the passcode as soon as it is asked here.
error-iphone-code-211 = The iPhone wants Find My to be off (211).
    .do = That has nothing to do with a backup: ask the helpdesk.
error-iphone-code-212 = The iPhone has not been set up yet (212).
    .do = Finish the setup on the iPhone and start again.
error-iphone-code-other = The iPhone ended the backup with an unknown code ({ $code }).
    .do = Restart the iPhone and start again; tell the helpdesk the code if it happens again.
phones-iphone = { $serial }: iPhone
phones-password-set = { $serial }: the backups have a password that this station set; it is in the vault.
phones-password-asked = { $serial }: STANDING TASK: the iPhone was asked to set a password and gave no answer. The next readout finds out whether it was set.
demo-step-iphone = 10. The alderman's other phone, an iPhone, through usbmuxd; the holder taps Trust and types the passcode:
demo-iphone-kept = Of the backup { $kept } files were kept ({ $size }); { $passed } others ({ $passed_size }) passed by unread.
help-keys-supervision = The identity of the organisation towards supervised iPhones.
help-keys-supervision-import = Takes the identity out of a .p12 file of Apple Configurator or the device management; password: secret supervision.
help-keys-supervision-forget = Erases the identity from the vault.
kept-supervision = identity for supervised iPhones
supervision-ask = Password of the .p12 file (not shown)
supervision-imported = The identity for supervised iPhones is in the vault. Certificate (SHA-256): { $fingerprint }. The .p12 file should not stay on this station.
supervision-forgotten = The identity for supervised iPhones was erased from the vault.
supervision-none = There was no identity for supervised iPhones in the vault.
error-supervision-read = { $file } cannot be read: { $why }
    .do = Give the .p12 file that Apple Configurator or the device management made.
error-supervision-file = { $file } is no usable identity, or the password is not right.
    .do = Check the password. The file must hold an RSA key of 2048 bits or more and its certificate.
error-iphone-password-is-ours = This station set that password on iPhone { $serial }; without it its backups cannot be opened.
    .do = Read out with backup_password = "remove-after" in the plan and the holder there: then it goes from the phone and from the vault.
error-settings-iphone = The settings of an iPhone stand in its backup, and only a readout makes one.
    .do = Read out (uitlezen readout): that checks them too. Or give a backup that exists with --from.
iphone-full-backup = The iPhone makes a whole backup after all: not everything that it sent before is still here. The holder types the passcode once more for it.
kept-backup-states = state of the last backup of an iPhone

## Signal
signal-ask = Passphrase (30 digits) or recovery key (64 characters) of the Signal backup (not shown)
signal-passphrase-ask = Passphrase of the Signal backup, 30 digits (not shown)
signal-recovery-key-ask = Recovery key of the Signal backup, 64 characters (not shown)
error-signal-form = This is neither a passphrase of 30 digits nor a recovery key of 64 characters.
    .do = Have the holder open Signal: Settings → Backups. Copy what stands there; spaces and line breaks do no harm. A code of 40 digits is not it.
error-signal-passphrase-form = This is no passphrase of Signal: that has 30 digits.
    .do = Have the holder open Signal: Settings → Backups, and copy the 30 digits. If there are 64 characters, it is a recovery key.
error-signal-passphrase-needed = The Signal backup that was found is a file; it needs the passphrase of 30 digits.
    .do = Give the passphrase with --secret signal-passphrase=@FILE, or begin again and type it.
error-signal-passphrase-wrong = The passphrase does not open the backup of Signal.
    .do = Check the 30 digits with the holder. If the passphrase was ever renewed, have Signal make a new backup and begin again.
error-signal-recovery-key-form = This is no recovery key of Signal: that has 64 letters and digits.
    .do = Have the holder open Signal: Settings → Backups, and copy the 64 characters as they stand. If there are 30 digits, it is a passphrase.
error-signal-recovery-key-needed = The Signal backup that was found is a folder; it needs the recovery key of 64 characters.
    .do = Give the recovery key with --secret signal-recovery-key=@FILE, or begin again and type it.
error-signal-recovery-key-wrong = The recovery key does not open the backup of Signal.
    .do = Check the 64 characters with the holder. If the key was ever renewed, have Signal make a new backup and begin again.
error-signal-from-server = This is a backup from Signal's servers; no key of the holder's opens it.
    .do = Have the holder make a backup on the device in Signal (Settings → Backups) and begin again.

## Threema
threema-password-ask = Password of Threema's data backup (not shown)
error-threema-password-needed = The backup of Threema that was found has a password, which was not given.
    .do = Ask the holder for the password with which the data backup was made. Give it with --secret threema-password=@FILE, or begin again and type it.
error-threema-password-wrong = The password does not open the backup of Threema.
    .do = Check the password with the holder; it is that of this data backup, not that of Threema Safe. If nobody knows it any more, have Threema make a new data backup and begin again.
verdict-holder-timer-in-app = { $app }: the default timer for new chats is not in the backup. Holder: show Settings → Privacy → Disappearing messages.
verdict-timer-set-off = { $app }: the default timer for new chats is off, by the app's own settings.
verdict-timer-set-on = { $app }: the default timer for new chats is ON, at { $duration }, by the app's own settings.
verdict-timer-never-set = { $app }: the default timer for new chats was never set, so the default (off) should hold. Holder: show Settings → Privacy → Disappearing messages.
verdict-trimmed = { $app }: every chat is CUT to { $messages } messages, by the app's own settings.
verdict-keep-off = { $app }: messages are kept for ever, by the app's own settings.
verdict-keep-never-set = { $app }: how long messages are kept was never set, so the default (for ever) should hold. Holder: show Settings → Data and storage → Manage storage.
verdict-keep-holder = { $app }: this backup does not say how long messages are kept. Holder: show Settings → Data and storage → Manage storage.
verdict-trim-off = { $app }: chats are not cut to a length, by the app's own settings.
verdict-trim-never-set = { $app }: cutting chats to a length was never set, so the default (not) should hold. Holder: show Settings → Data and storage → Manage storage.
verdict-trim-holder = { $app }: this backup does not say whether chats are cut to a length. Holder: show Settings → Data and storage → Manage storage.
help-phones-release = Takes from an iPhone what this station left on it (password of its backups, trust) and destroys what it keeps of the phone.
help-arg-gone = The phone is not there any more: only what this station keeps of it is destroyed.
release-password-removed = The password that this station had set was taken off the backups and removed from the vault.
release-no-password = The backups of this iPhone have no password.
release-holders-own = The backups have a password of the holder's own; it stays.
release-forgotten = Nothing of { $serial } is kept any more: password, pairing and backup were destroyed. Seals remain.
release-done = { $serial } was released: the phone trusts this station no more and nothing of it is kept. Seals remain.
release-gone-means = The password of its backups is destroyed. If it is still on the phone, nobody can open those backups any more.
release-gone-ask = Destroy everything that this station keeps of { $serial }?
error-release-unknown = This station keeps nothing of { $serial }.
    .do = See with `uitlezen phones --secret …` what the phone is called; an Android phone need not be released.
error-release-not-agreed = Nothing was destroyed.
    .do = Answer yes, or give --yes.
backup-expired = What was kept of the last backup of { $serial } was destroyed: it is more than thirteen weeks old.

## File of adb backup
adb-backup-ask = Password of the file of adb backup; Enter if it has none (not shown)
error-adb-backup-password-needed = The file of adb backup is encrypted; it takes the password that the holder typed on the phone when it was made.
    .do = Give it with --secret adb-backup-password=@FILE, or begin again and type it.
error-adb-backup-password-wrong = The password does not open the file of adb backup.
    .do = Check the password with the holder; capitals and spaces count. If nobody knows it any more, plug in the phone and read out over the cable, without --from.
error-adb-backup-damaged = The file of adb backup is damaged, or ends too early.
    .do = Ask for the file again and compare its size. If it stays, plug in the phone and read out over the cable, without --from.
error-adb-backup-unknown = The file of adb backup has a form that this version does not know (known are versions 1 to 5, unencrypted or with AES-256).
    .do = Plug in the phone and read out over the cable, without --from; or see whether there is a newer version of uitlezen.
error-adb-backup-empty = There is not one SMS or MMS in the file of adb backup: it is of another app, or this phone does not give them in that way.
    .do = Plug in the phone and read out over the cable, without --from.
error-no-adb-backup = No SMS and MMS were found; with --from they take a file of adb backup.
    .do = Plug in the phone and read out over the cable, without --from; or give with --from a file that `adb backup com.android.providers.telephony` wrote.
