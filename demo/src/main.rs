//! A whole election with the real programs and real ballots.

fn main() -> std::process::ExitCode {
    demo::cli::main()
}
