//! The program `sluis`. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    sluis::cli::main(std::env::args_os())
}
