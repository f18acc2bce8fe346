//! What an operator says at the gate, beside the plan.

use clap::{Args, ValueEnum};
use uitlezen_readout::{Plan, Presented, Purpose};

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Admit {
    /// In place of the plan's.
    #[arg(long, value_name = "PURPOSE", value_enum)]
    pub purpose: Option<PurposeWord>,
    #[arg(long, value_name = "REASON")]
    pub reason: Option<String>,
    #[arg(long, value_name = "WHO")]
    pub approved_by: Option<String>,
    #[arg(long, value_name = "EVENT")]
    pub hotspot: Option<String>,
    #[arg(long, value_name = "YES|NO", value_enum)]
    pub holder_present: Option<YesNo>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PurposeWord {
    Periodiek,
    Crisis,
    Incidenteel,
    EindeAmbtstermijn,
    Woo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    #[value(alias = "ja")]
    Yes,
    #[value(alias = "nee")]
    No,
}

impl Admit {
    pub(crate) fn presented(&self) -> Presented {
        Presented {
            reason: self.reason.clone(),
            approved_by: self.approved_by.clone(),
            hotspot: self.hotspot.clone(),
            holder_present: self.holder_present.map(|answer| answer == YesNo::Yes),
        }
    }

    /// The plan, for the purpose that was named here if one was.
    pub(crate) fn purpose(&self, plan: &mut Plan) {
        let Some(purpose) = self.purpose else { return };
        plan.run.purpose = match purpose {
            PurposeWord::Periodiek => Purpose::Periodiek,
            PurposeWord::Crisis => Purpose::Crisis,
            PurposeWord::Incidenteel => Purpose::Incidenteel,
            PurposeWord::EindeAmbtstermijn => Purpose::EindeAmbtstermijn,
            PurposeWord::Woo => Purpose::Woo,
        };
    }
}
