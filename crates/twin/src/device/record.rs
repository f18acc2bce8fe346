//! What the phone was asked, so that a story can say "nothing was pulled".

/// Everything asked since the phone was made, or since it was told to forget. Lists stop growing at a bound; counts do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Connections opened.
    pub connections: u64,
    /// Times the dialog was shown.
    pub dialogs: u64,
    /// Streams opened, by the name of their service, in order.
    pub services: Vec<String>,
    /// Command lines given to the shell, in order.
    pub commands: Vec<String>,
    /// Folders listed over sync, as asked.
    pub listed: Vec<Vec<u8>>,
    /// Paths whose facts were asked over sync, as asked.
    pub statted: Vec<Vec<u8>>,
    /// Files pulled over sync, or read by a shell command, without links in the path.
    pub opened: Vec<Vec<u8>>,
    /// Bytes of files given away.
    pub bytes_served: u64,
    /// Attempts to write to the phone.
    pub writes_refused: u64,
}

/// Longest list kept.
const MOST: usize = 200_000;

pub(crate) fn note<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MOST {
        list.push(item);
    }
}
