//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The organiser's program: sets an election up, opens and closes it, publishes its result.
///
/// Exit codes: 0 done, 1 something was checked and refused, 2 could not run.
#[derive(Debug, Parser)]
#[command(name = "election-authority", version, propagate_version = true)]
pub struct Cli {
    /// The organiser's folder: key, elections, voter lists [default: ~/.psephos-organiser]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "ELECTION_AUTHORITY_HOME"
    )]
    pub home: Option<PathBuf>,

    /// Which election, if there are several: the first digits of its uuid are enough
    #[arg(
        long,
        global = true,
        value_name = "UUID",
        env = "ELECTION_AUTHORITY_ELECTION"
    )]
    pub election: Option<String>,

    /// File with the passphrase of an encrypted key; without it, a terminal is asked
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ELECTION_AUTHORITY_PASSPHRASE_FILE"
    )]
    pub passphrase_file: Option<PathBuf>,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do, in the order of an election.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the organiser's key
    Init(Init),
    /// Show the organiser's public key, which a ballot box may ask for
    Key,
    /// Complete a draft manifest and create the election on a ballot box
    New(New),
    /// Post the manifest that `new --dry-run` wrote
    Submit,
    /// The voter list and the public roll
    #[command(subcommand)]
    Roll(Roll),
    /// The voters' credentials
    #[command(subcommand)]
    Credentials(Credentials),
    /// Show where the election stands, and who is waited for
    Status(Status),
    /// Open the election for ballots
    Open(Open),
    /// Close the election
    Close(Close),
    /// Publish the result, once enough trustees gave their shares
    Publish(Publish),
    /// Write the record: everything that an auditor needs
    Record(Record),
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Encrypt the key with a passphrase
    #[arg(long)]
    pub passphrase: bool,
}

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// The draft, in JSON; without it, a terminal is asked
    #[arg(value_name = "DRAFT.json")]
    pub draft: Option<PathBuf>,

    /// Card of a trustee; repeat it in the order of the trustees
    #[arg(long = "trustee", value_name = "CARD.json")]
    pub trustees: Vec<PathBuf>,

    /// How many trustees can decrypt the result together
    #[arg(long, value_name = "T")]
    pub threshold: Option<u64>,

    /// Key of a witness of the board, as `verifier witness` prints it; may be repeated
    #[arg(long = "witness", value_name = "NAME+ID+KEY")]
    pub witnesses: Vec<String>,

    /// Address of the ballot box, such as https://vote.example.org
    #[arg(long, value_name = "URL", env = "ELECTION_AUTHORITY_BOARD")]
    pub board: String,

    /// Key and origin of the ballot box, as saved from <URL>/board, instead of asking it
    #[arg(long, value_name = "FILE")]
    pub server_identity: Option<PathBuf>,

    /// Opening time in UTC, such as 2026-05-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub opens: Option<String>,

    /// Closing time in UTC
    #[arg(long, value_name = "TIME")]
    pub closes: Option<String>,

    /// How many voters are expected (or the sum of their weights): totals that could then never be
    /// opened are warned of
    #[arg(long, value_name = "N")]
    pub voters: Option<u64>,

    /// Write the manifest, but do not post it
    #[arg(long)]
    pub dry_run: bool,
}

/// `roll …`
#[derive(Debug, Subcommand)]
pub enum Roll {
    /// Read a voter list with the columns id and, as needed, name, email, weight, style; it stays
    /// on this computer
    Import(Import),
    /// Check the parts of all issuers against each other and take them in
    Combine(Combine),
    /// Read the keys that respondents made themselves, check them, and make the roll of them
    Register(Register),
    /// Put the public roll on the board; continues where an earlier run stopped
    Publish,
}

/// `roll import`
#[derive(Debug, Args)]
pub struct Import {
    /// The voter list, CSV in UTF-8, separated by commas or semicolons
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,

    /// Take the place of a list that was read before, if no credentials were issued yet
    #[arg(long)]
    pub replace: bool,
}

/// `roll combine`
#[derive(Debug, Args)]
pub struct Combine {
    /// The public part of each issuer
    #[arg(value_name = "PART.json", required = true)]
    pub parts: Vec<PathBuf>,
}

/// `roll register`
#[derive(Debug, Args)]
pub struct Register {
    /// A text file with a line psephos-key-1:… of each respondent; with the ballot style that they
    /// get, if there are several
    #[arg(value_name = "[STYLE=]KEYS.txt", required = true)]
    pub keys: Vec<String>,

    /// Table with the columns key and, as needed, style and weight, for those who get others
    #[arg(long, value_name = "FILE.csv")]
    pub assign: Option<PathBuf>,

    /// Take the place of keys that were read before, if the roll is not published yet
    #[arg(long)]
    pub replace: bool,
}

/// `credentials …`
#[derive(Debug, Subcommand)]
pub enum Credentials {
    /// Make a code for each voter, and the public part of the roll. Nothing is sent.
    Issue(Issue),
    /// Write a personal link for each voter, once the election is open. Nothing is sent.
    Links(Links),
}

/// `credentials links`
#[derive(Debug, Args)]
pub struct Links {
    /// The codes that `credentials issue --csv` wrote; one file of each issuer, in their order
    #[arg(long, value_name = "FILE.csv", required = true)]
    pub codes: Vec<PathBuf>,

    /// New CSV file for the links, with the columns id, name, email, link
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Address of the page where voters vote [default: that of the ballot box]
    #[arg(long, value_name = "URL")]
    pub vote_at: Option<String>,
}

/// `credentials issue`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("codes").required(true).args(["out", "csv"]))]
pub struct Issue {
    /// New folder for the codes, a file for each voter
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// New CSV file for all codes
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Number of this issuer in the manifest, from 1
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub issuer: u16,

    /// Secret that the issuers share; the first issuer's run makes it [default: in the election's
    /// folder]
    #[arg(long, value_name = "FILE")]
    pub order_key: Option<PathBuf>,

    /// Where to write the public part [default: in the election's folder]
    #[arg(long, value_name = "FILE")]
    pub public: Option<PathBuf>,

    /// On an issuer's own machine: the voter list
    #[arg(long, value_name = "FILE.csv", requires_all = ["public", "order_key"])]
    pub roll: Option<PathBuf>,

    /// On an issuer's own machine: the manifest
    #[arg(long, value_name = "FILE", requires = "roll", conflicts_with = "uuid")]
    pub manifest: Option<PathBuf>,

    /// On an issuer's own machine, without the manifest: the election's uuid
    #[arg(long, value_name = "UUID", requires = "roll")]
    pub uuid: Option<String>,

    /// Address of the page where voters vote, to be written beside their codes
    #[arg(long, value_name = "URL")]
    pub vote_at: Option<String>,
}

/// `status`
#[derive(Debug, Args)]
pub struct Status {
    /// Print JSON for programs
    #[arg(long)]
    pub json: bool,
}

/// `open`
#[derive(Debug, Args)]
pub struct Open {
    /// Digest of the booth's files, 64 hexadecimal digits; voters' programs compare it
    #[arg(long, value_name = "HEX")]
    pub booth: Option<String>,

    /// Warn when fewer voters than this have the same ballot style and weight
    #[arg(long, value_name = "K", default_value_t = crate::small_classes::USUAL)]
    pub smallest_class: usize,
}

/// `close`
#[derive(Debug, Args)]
pub struct Close {
    /// Close before the time that the manifest announces
    #[arg(long)]
    pub early: bool,
}

/// `publish`
#[derive(Debug, Args)]
pub struct Publish {
    /// Write the record too: a folder, or one archive if the name ends in .tar
    #[arg(long, value_name = "OUT")]
    pub record: Option<PathBuf>,
}

/// `record`
#[derive(Debug, Args)]
pub struct Record {
    /// A folder, or one archive if the name ends in .tar
    #[arg(long, value_name = "OUT")]
    pub out: PathBuf,
}
