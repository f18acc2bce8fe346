//! Called by `benches/run` (see `benches/README.md`): makes data, and times the steps that no command of `uitlezen` does
//! alone. Each prints one line of JSON. A tool of engineers: it fails with a plain text and exit code 1.

mod backup;
mod iphone;
mod material;
mod pull;
mod sealing;
mod signal;

use std::{error::Error, process::ExitCode, time::Duration};

/// What went wrong, for an engineer.
type Failure = Box<dyn Error + Send + Sync>;

const USAGE: &str = "uitlezen-bench messages DIR N | file PATH BYTES | unlock BACKUP KEY OUT | inflate BACKUP KEY PLAIN ROUNDS |
    whatsapp-iphone DIR N | messages-iphone DIR N | read-whatsapp-iphone DIR | read-messages-iphone DIR |
    signal DIR N VERSION | signal-limit BYTES | pull PROGRAM ADDRESS NAME DIR | seal FILE DIR [CHUNK-LOG2 [PART-MIB]]";

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line tool")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["messages", dir, count] => material::messages(dir.as_ref(), count),
        ["file", path, bytes] => material::file(path.as_ref(), bytes),
        ["unlock", backup, key, out] => backup::unlock_to(backup.as_ref(), key.as_ref(), out),
        ["inflate", backup, key, plain, rounds] => {
            backup::beside_inflating(backup.as_ref(), key.as_ref(), plain.as_ref(), rounds)
        }
        ["whatsapp-iphone", dir, count] => iphone::whatsapp(dir.as_ref(), count),
        ["messages-iphone", dir, count] => iphone::messages(dir.as_ref(), count),
        ["read-whatsapp-iphone", dir] => iphone::read_whatsapp(dir.as_ref()),
        ["read-messages-iphone", dir] => iphone::read_messages(dir.as_ref()),
        ["pull", program, address, name, dir] => pull::pull(program.as_ref(), address, name, dir.as_ref()),
        ["signal", dir, count, version] => signal::file(dir.as_ref(), count, version),
        ["signal-limit", bytes] => signal::limit(bytes),
        ["seal", file, dir, rest @ ..] => sealing::seal(file.as_ref(), dir.as_ref(), rest),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("uitlezen-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e4).round() / 1e4
}
