//! The loop against a scripted phone over a socket pair: what it must do, and all that it must survive.

mod captured;
mod endings;
mod files;
mod hostile;
mod peer;
mod screen;
