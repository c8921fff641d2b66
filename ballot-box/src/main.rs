//! The server's program.

use std::process::ExitCode;

use ballot_box::config::{Config, Settings};
use ballot_box::data_folder;
use ballot_box::error::StartError;
use ballot_box::key::BoardKey;
use clap::{Parser, Subcommand};
use protocol::encoding::encode_hex;
use rocket::error::ErrorKind;
use tracing_subscriber::EnvFilter;

/// Runs a ballot box: accepts the entries of elections, keeps their boards, answers with receipts.
///
/// Each setting can be given as a flag, in the environment, or in Rocket.toml in the folder where
/// the server is started (under [default], with the flag's name and _ for -; the keys of
/// organisers as a list named organisers). Flags come before the environment, that before the
/// file. An entry has at most 65,535 bytes; that is a rule of the protocol and no setting.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
    /// What to write to the log on standard error, such as warn, info or ballot_box=debug
    #[arg(
        long,
        value_name = "FILTER",
        env = "BALLOT_BOX_LOG",
        default_value = "info"
    )]
    log: String,
}

#[derive(Subcommand)]
enum Command {
    /// Print the board's public key and origin prefix, which manifests name; makes the key if there is none
    Key {
        #[command(flatten)]
        settings: Settings,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Key { settings }) => print_key(settings),
        None => serve(cli.settings, &cli.log),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ballot-box: {error}");
            ExitCode::from(2)
        }
    }
}

fn print_key(mut settings: Settings) -> Result<(), StartError> {
    // Who may create elections is asked when the server starts; nothing is served here.
    settings.any_organiser = true;
    let config = Config::read(settings)?;
    data_folder::make(&config.data)?;
    let key = BoardKey::load_or_create(&config.data)?;
    println!("board key:     {}", encode_hex(&key.public()));
    println!("origin prefix: {}", config.origin_prefix);
    Ok(())
}

fn serve(settings: Settings, log: &str) -> Result<(), StartError> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(log))
        .with_writer(std::io::stderr)
        .finish();
    // Only our own lines: those of the web framework, which go another way, would name addresses
    // with codes and credentials in them. This is the first and only time it is set.
    let _ = tracing::subscriber::set_global_default(log);
    let config = Config::read(settings)?;
    let (address, port) = (config.address, config.port);
    let web = |error: &dyn std::fmt::Display| StartError::Web {
        reason: error.to_string(),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(StartError::Thread)?;
    let server = ballot_box::rocket(config)?.attach(announce());
    let ended = runtime
        .block_on(server.launch())
        .map_err(|error| match error.kind() {
            ErrorKind::Bind(source) if source.kind() == std::io::ErrorKind::AddrInUse => {
                StartError::PortInUse { address, port }
            }
            ErrorKind::Bind(source) => StartError::Listen {
                address,
                port,
                source: std::io::Error::new(source.kind(), source.to_string()),
            },
            kind => web(kind),
        });
    // Dropping the server waits until every entry that was accepted is on the disk and answered.
    drop(ended?);
    tracing::info!("stopped");
    Ok(())
}

fn announce() -> rocket::fairing::AdHoc {
    rocket::fairing::AdHoc::on_liftoff("announce", |server| {
        Box::pin(async move {
            let config = server.config();
            println!("ballot box: http://{}:{}", config.address, config.port);
            tracing::info!(address = %config.address, port = config.port, "listening");
        })
    })
}
