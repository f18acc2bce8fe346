//! Commands, prompts, progress bars and the Dutch and English texts.
