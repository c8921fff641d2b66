//! Why settings cannot be used, each in one sentence.

use std::net::IpAddr;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No data folder.
    #[error("No data folder is set; start with: ballot-box --data DIR")]
    NoData,
    /// Unreadable.
    #[error("The settings could not be read: {0}.")]
    Unreadable(Box<rocket::figment::Error>),
    /// Not an address of a database. It may hold a password and is not repeated.
    #[error(
        "The address given by --database is not of the form postgres://user@host/name; without it the board is an SQLite file in the data folder."
    )]
    Database,
    /// Not an address of a folder or bucket. It may hold a key and is not repeated.
    #[error(
        "The address given by --tiles is neither of the form file:///folder nor s3://bucket/prefix; keys are read from the environment and have no place in it."
    )]
    Tiles,
    /// An origin that no checkpoint could carry.
    #[error(
        "The origin prefix {prefix:?} is not of the form vote.example.org/e: letters, digits and -._~:/[] only, no scheme, no / at the end."
    )]
    OriginPrefix {
        /// What was given.
        prefix: String,
    },
    /// Not a witness. Its address may hold a password and is not repeated.
    #[error(
        "A value of --witness is not of the form NAME=URL, such as w.example/ada=https://w.example; the name is that in its key, and the URL has neither a password nor a question mark."
    )]
    Witness,
    /// One name with two addresses.
    #[error("The witness {name:?} is given twice; leave one --witness out.")]
    WitnessTwice {
        /// The name.
        name: String,
    },
    /// Public, without an origin.
    #[error(
        "The server listens on {address}, which other computers reach: say under which address voters reach it, with --origin-prefix, such as vote.example.org/e."
    )]
    NoOriginPrefix {
        /// The address.
        address: IpAddr,
    },
    /// Public, perhaps behind a proxy, and nobody may create elections.
    #[error(
        "Other computers reach this server (it listens on {address}; its elections are at {origin_prefix}): say who may create elections, with --organiser KEY for each, or --any-organiser."
    )]
    NoOrganisers {
        /// The address.
        address: IpAddr,
        /// The origin prefix.
        origin_prefix: String,
    },
    /// Not a key.
    #[error(
        "The organiser key {key:?} is not 64 lower-case hexadecimal digits of a group element; copy it from the organiser's program."
    )]
    Organiser {
        /// What was given.
        key: String,
    },
    /// A number that makes no sense.
    #[error("{name} is {found}; it must be between {least} and {most}.")]
    Range {
        /// Which setting.
        name: &'static str,
        /// Its value.
        found: u64,
        /// Smallest value allowed.
        least: u64,
        /// Largest value allowed.
        most: u64,
    },
}
