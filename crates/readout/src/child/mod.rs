//! Child processes of this same binary: the link child talks to a phone (or a folder that holds a phone's files), the reader
//! child parses what came from it. A hostile phone or file kills a child, never the closing process.
//!
//! A child has a pipe on its standard input, an unnamed socket on its standard output, and nothing else: no keys but those handed to it, no writable path, a
//! memory limit, no network beyond what its kind needs ([`confine`]).

pub mod confine;
pub mod process;

pub use confine::{Confined, Confinement};
pub use process::{Child, ChildError, Frame, Program};

use std::{
    fs::File,
    io::{BufWriter, Stdin},
    os::fd::AsFd,
};

/// Which child a process is to be: the word after [`FLAG`] on its command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Link,
    Reader,
}

/// The hidden first argument that makes the binary a child.
pub const FLAG: &str = "__child";

impl Kind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Reader => "reader",
        }
    }
}

/// A child's end of its pipes.
#[derive(Debug)]
pub(crate) struct Pipes {
    pub(crate) from: Stdin,
    /// Not [`std::io::stdout`]: that looks for line ends in every byte and writes up to the last of them.
    pub(crate) to: BufWriter<File>,
}

impl Pipes {
    /// `frame`: bytes of the usual frame; a larger one is not copied on its way.
    pub(crate) fn open(frame: usize) -> std::io::Result<Self> {
        let to = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { from: std::io::stdin(), to: BufWriter::with_capacity(frame, to) })
    }
}

/// The whole life of a child process. `arguments` are those after [`FLAG`]. Returns the process's exit code.
#[must_use]
pub fn main(arguments: &[String]) -> u8 {
    // A panic payload may hold content; where it happened does not.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "child stopped at {}:{}", place.file(), place.line());
        }
    }));
    let Some((kind, confinement)) = arguments.split_first() else { return 2 };
    let Some(confinement) = Confinement::from_arguments(confinement) else { return 2 };
    let confined = confine::confine(&confinement);
    match kind.as_str() {
        "link" => crate::link::serve(confined),
        "reader" => crate::reader::serve(confined),
        _ => 2,
    }
}
