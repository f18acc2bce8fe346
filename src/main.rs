//! The binary: everything is in the command line room.

fn main() -> std::process::ExitCode {
    uitlezen_cli::main()
}
