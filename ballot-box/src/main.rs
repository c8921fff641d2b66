//! The server's program.

mod chores;

use std::process::ExitCode;

use ballot_box::config::{Config, Settings};
use ballot_box::data_folder;
use ballot_box::error::StartError;
use ballot_box::key::BoardKey;
use chores::Chore;
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
    serving: Serving,
}

#[derive(clap::Args)]
struct Serving {
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
    /// Write each line of the log as a JSON object
    #[arg(long, env = "BALLOT_BOX_LOG_JSON")]
    log_json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the boards, as without a subcommand
    Serve(Serving),
    /// Print the board's public key and origin prefix, which manifests name; makes the key if there is none
    Key {
        #[command(flatten)]
        settings: Settings,
    },
    #[command(flatten)]
    Chore(Chore),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Key { settings }) => print_key(settings).map_err(|error| error.to_string()),
        Some(Command::Chore(chore)) => match chore.run() {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Some(Command::Serve(serving)) => serve(serving).map_err(|error| error.to_string()),
        None => serve(cli.serving).map_err(|error| error.to_string()),
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

fn serve(
    Serving {
        settings,
        log,
        log_json,
    }: Serving,
) -> Result<(), StartError> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(log))
        .with_writer(std::io::stderr);
    // Only our own lines: those of the web framework, which go another way, would name addresses
    // with codes and credentials in them. This is the first and only time it is set.
    let _ = match log_json {
        true => tracing::subscriber::set_global_default(log.json().finish()),
        false => tracing::subscriber::set_global_default(log.finish()),
    };
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
