//! Judgements over records: auto-delete verdict and completeness.
