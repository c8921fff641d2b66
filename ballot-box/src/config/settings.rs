//! The settings as an operator gives them.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The settings as they are given; all are optional but the data folder.
#[derive(Default, clap::Args, Serialize, Deserialize)]
pub struct Settings {
    /// Folder of the signing key and of the database; made if it is missing
    #[arg(long, value_name = "DIR", env = "BALLOT_BOX_DATA")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,

    /// PostgreSQL database that holds the board, such as postgres://user@host/name; several servers
    /// may share it [default: an SQLite file in the data folder]
    #[arg(
        long,
        value_name = "URL",
        env = "BALLOT_BOX_DATABASE",
        hide_env_values = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,

    /// Address to listen on [default: 127.0.0.1, which only this computer reaches]
    #[arg(long, value_name = "IP", env = "BALLOT_BOX_ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,

    /// Port to listen on [default: 8000]
    #[arg(long, env = "BALLOT_BOX_PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,

    /// Folder of the pages of voters, as `cargo xtask ui` builds them [default: no pages]
    #[arg(long, value_name = "DIR", env = "BALLOT_BOX_PAGES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<PathBuf>,

    /// Folder (file:///srv/records) or S3 bucket (s3://bucket/prefix) where the records of all
    /// elections are published for web servers and readers; a bucket's keys, region and endpoint are
    /// read from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT
    /// [default: nowhere]
    #[arg(long, value_name = "URL", env = "BALLOT_BOX_TILES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles: Option<String>,

    /// Public address of this server's elections, without scheme, such as vote.example.org/e: a
    /// board's origin is this, `/` and the election's uuid [default on a loopback address:
    /// localhost:PORT/e]
    #[arg(long, value_name = "PREFIX", env = "BALLOT_BOX_ORIGIN_PREFIX")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_prefix: Option<String>,

    /// Key of an organiser who may create elections, 64 hexadecimal digits; may be repeated, or
    /// separated by commas
    #[arg(
        long = "organiser",
        value_name = "KEY",
        env = "BALLOT_BOX_ORGANISERS",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisers: Option<Vec<String>>,

    /// Let anybody create elections [default without --organiser if both the address and the origin
    /// prefix are of this computer only]
    #[arg(long, env = "BALLOT_BOX_ANY_ORGANISER")]
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub any_organiser: bool,

    /// Where a witness that manifests name answers, as NAME=URL; may be repeated. The server hands
    /// every new checkpoint of an election that names it to `URL/add-checkpoint`
    #[arg(
        long = "witness",
        value_name = "NAME=URL",
        env = "BALLOT_BOX_WITNESSES",
        value_delimiter = ' '
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnesses: Option<Vec<String>>,

    /// Threads that check ballots [default: one for each processor]
    #[arg(long, env = "BALLOT_BOX_WORKERS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,

    /// Megabytes of entries that may wait to be checked before clients are told to try again
    /// [default: 64]
    #[arg(long, value_name = "MB", env = "BALLOT_BOX_QUEUE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<usize>,

    /// Entries a minute that a credential may sign, and as many at once; 0 for no limit
    /// [default: 60]
    #[arg(long, value_name = "NUMBER", env = "BALLOT_BOX_CREDENTIAL_LIMIT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_limit: Option<u32>,

    /// Entries a minute that an address may post, and as many at once; 0 for no limit, since many
    /// voters may share one [default: 0]
    #[arg(long, value_name = "NUMBER", env = "BALLOT_BOX_ADDRESS_LIMIT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_limit: Option<u32>,

    /// Elections kept in memory besides those that took an entry within the last hour; of others
    /// that are asked for, the one that nobody has asked for the longest is dropped [default: 32]
    #[arg(long, value_name = "NUMBER", env = "BALLOT_BOX_BOARDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boards: Option<usize>,

    /// Show the server's figures at /metrics, to this computer only
    #[arg(long, env = "BALLOT_BOX_METRICS")]
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub metrics: bool,

    /// Seconds within which a client must have sent an entry [default: 30]
    #[arg(long, value_name = "SECONDS", env = "BALLOT_BOX_BODY_TIMEOUT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_timeout: Option<u64>,
}
