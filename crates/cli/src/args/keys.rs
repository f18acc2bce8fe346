//! `keys drill` and `keys rotate`.

use super::Secrets;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Drill {
    #[arg(required_unless_present = "plan", conflicts_with = "plan")]
    pub files: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    #[arg(long, value_name = "KEY", required = true)]
    pub identity: Vec<PathBuf>,
    #[arg(long, value_name = "CERT")]
    pub signer: Vec<PathBuf>,
    #[arg(long)]
    pub allow_demo: bool,
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(subcommand)]
    pub what: RotateWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RotateWhat {
    /// A new signing key for this station.
    Station {
        #[arg(long, default_value_t = 5)]
        years: u16,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Another recipient in plans.
    #[command(visible_alias = "ontvanger")]
    Recipient {
        #[arg(required = true)]
        plans: Vec<PathBuf>,
        #[arg(long, value_name = "age1…")]
        old: String,
        #[arg(long, value_name = "age1…")]
        new: String,
    },
}
