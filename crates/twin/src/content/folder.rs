//! The phone's files as a folder tree, for `readout --from` in tests. What is written is encrypted or made up.

use super::{ContentError, PhoneContent};
use std::fs::{File, FileTimes, create_dir_all};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Write every file below `dir`, with its time of change. Returns bytes written.
///
/// # Errors
/// When a folder or file cannot be made or written.
pub fn write_folder(content: &PhoneContent, dir: &Path) -> Result<u64, ContentError> {
    let mut buf = vec![0; 1 << 20];
    let mut written = 0;
    for (path, file) in &content.files {
        let target = dir.join(path);
        if let Some(parent) = target.parent() {
            create_dir_all(parent)?;
        }
        let mut out = File::create(&target)?;
        let mut pos = 0;
        loop {
            let n = file.read_at(pos, &mut buf);
            if n == 0 {
                break;
            }
            out.write_all(&buf[..n])?;
            pos += n as u64;
        }
        written += pos;
        let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(file.mtime()).unwrap_or(0));
        out.set_times(FileTimes::new().set_modified(time).set_accessed(time))?;
    }
    Ok(written)
}
