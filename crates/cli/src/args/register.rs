//! Arguments of `register`.

use super::Secrets;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use uitlezen_register::Kind;

#[derive(Debug, Args)]
pub(crate) struct Register {
    #[command(subcommand)]
    pub what: RegisterWhat,
}

/// Who changes the register, and why: kept with every change.
#[derive(Clone, Debug, Args)]
pub(crate) struct By {
    #[arg(long, value_name = "WHO")]
    pub by: String,
    #[arg(long, value_name = "REASON")]
    pub why: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegisterWhat {
    /// Questions at the terminal, or a file.
    #[command(visible_alias = "inrichten")]
    Init {
        #[arg(long, value_name = "FILE")]
        with: Option<PathBuf>,
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        #[arg(long, value_name = "REASON")]
        why: Option<String>,
        #[command(flatten)]
        secrets: Secrets,
    },
    #[command(visible_alias = "toon")]
    Show {
        #[arg(value_name = "KIND")]
        kind: Option<KindWord>,
        #[arg(value_name = "ID")]
        id: Option<String>,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Adds or changes an entry.
    #[command(visible_alias = "zet")]
    Set {
        #[arg(value_name = "KIND")]
        kind: KindWord,
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "FIELD=VALUE", required = true)]
        fields: Vec<String>,
        #[command(flatten)]
        by: By,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// An entry counts no longer.
    #[command(visible_alias = "beeindig")]
    End {
        #[arg(value_name = "KIND")]
        kind: KindWord,
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        by: By,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// A decision about what a conversation is.
    #[command(visible_alias = "scheiding")]
    Separate(Box<Separate>),
    #[command(visible_alias = "importeer")]
    Import {
        #[arg(value_name = "FILE")]
        table: PathBuf,
        #[arg(long, value_name = "KIND")]
        of: Option<KindWord>,
        #[arg(long)]
        preview: bool,
        #[command(flatten)]
        by: By,
        #[command(flatten)]
        secrets: Secrets,
    },
    #[command(visible_alias = "exporteer")]
    Export {
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_name = "KIND")]
        of: Option<KindWord>,
        #[command(flatten)]
        secrets: Secrets,
    },
    #[command(visible_alias = "geschiedenis")]
    History {
        #[arg(value_name = "KIND", requires = "id")]
        kind: Option<KindWord>,
        #[arg(value_name = "ID")]
        id: Option<String>,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// The DPIA fact sheet.
    Dpia {
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Separate {
    #[arg(long, value_name = "ID", required_unless_present = "group", conflicts_with = "group")]
    pub contact: Option<String>,
    #[arg(long, value_name = "ID")]
    pub group: Option<String>,
    #[arg(long, value_name = "CLASS")]
    pub class: String,
    /// Without it: every phone.
    #[arg(long, value_name = "SERIAL")]
    pub phone: Option<String>,
    #[arg(long, value_name = "DAY")]
    pub first_day: Option<String>,
    #[arg(long, value_name = "DAY")]
    pub last_day: Option<String>,
    #[arg(long, value_name = "WHO")]
    pub decider: String,
    #[arg(long, value_name = "WHO")]
    pub second: Option<String>,
    #[arg(long, value_name = "DAY")]
    pub decided_on: Option<String>,
    #[command(flatten)]
    pub by: By,
    #[command(flatten)]
    pub secrets: Secrets,
}

/// A kind of entry, in Dutch or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindWord {
    #[value(alias = "organisatie")]
    Organisation,
    #[value(aliases = ["officials", "functionaris", "functionarissen"])]
    Official,
    #[value(aliases = ["phones", "telefoon", "telefoons"])]
    Phone,
    #[value(aliases = ["accounts"])]
    Account,
    #[value(aliases = ["contacts", "contacten"])]
    Contact,
    #[value(aliases = ["groups", "groep", "groepen"])]
    Group,
    #[value(aliases = ["decisions", "besluit", "besluiten"])]
    Decision,
}

impl KindWord {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Organisation => Kind::Organisation,
            Self::Official => Kind::Official,
            Self::Phone => Kind::Phone,
            Self::Account => Kind::Account,
            Self::Contact => Kind::Contact,
            Self::Group => Kind::Group,
            Self::Decision => Kind::Decision,
        }
    }
}
