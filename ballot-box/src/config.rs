//! Settings: from flags, then the environment, then `Rocket.toml`, then what is usual.

mod error;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use protocol::cosignature::is_witness_name;
use protocol::encoding::decode_hex;
use protocol::group::Element;
use protocol::secret::Secret;
use rocket::figment::Figment;
use rocket::figment::providers::{Format as _, Serialized, Toml};

use crate::clock::{Clock, SystemClock};
use crate::database::{Database, file_in, is_postgres};
use crate::publication::destination::Address;

pub use error::ConfigError;
pub use settings::Settings;

/// Who may create elections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Organisers {
    /// Anybody.
    Any,
    /// The holders of these keys.
    Only(BTreeSet<[u8; 32]>),
}

impl Organisers {
    /// Whether the holder of `key` is among them.
    pub fn allow(&self, key: &Element) -> bool {
        match self {
            Self::Any => true,
            Self::Only(keys) => keys.contains(key.as_bytes()),
        }
    }
}

/// The settings in use.
#[derive(Clone)]
pub struct Config {
    /// Folder of the key, and of the database if that is a file.
    pub data: PathBuf,
    /// Where the board is.
    pub database: Database,
    /// Address to listen on.
    pub address: IpAddr,
    /// Port to listen on.
    pub port: u16,
    /// Folder of the pages, if they are served.
    pub pages: Option<PathBuf>,
    /// Where the records are published, if they are.
    pub tiles: Option<Address>,
    /// What origins of elections start with; no `/` at the end.
    pub origin_prefix: String,
    /// Who may create elections.
    pub organisers: Organisers,
    /// Where witnesses answer, by name.
    pub witnesses: BTreeMap<String, String>,
    /// Threads that check entries.
    pub workers: usize,
    /// Bytes of entries that may wait to be checked.
    pub queue: usize,
    /// Entries a minute of a credential; 0 is no limit.
    pub credential_limit: u32,
    /// Entries a minute of an address; 0 is no limit.
    pub address_limit: u32,
    /// Boards kept in memory beside those that take entries.
    pub boards: usize,
    /// Whether the figures are shown.
    pub metrics: bool,
    /// How long a client may take to send an entry.
    pub body_timeout: Duration,
    /// How long the database waits for a lock.
    pub busy_timeout: Duration,
    /// Tells opening and closing times.
    pub clock: Arc<dyn Clock>,
    /// What Rocket reads its own settings from.
    pub figment: Figment,
}

impl Config {
    /// Puts the settings together. Rocket's own settings (`keep_alive`, `ip_header`, …) may stand
    /// in `Rocket.toml`, too.
    ///
    /// # Errors
    /// [`ConfigError`], naming the setting.
    pub fn read(settings: Settings) -> Result<Self, ConfigError> {
        let figment = Figment::from(rocket::Config::default())
            .merge(Toml::file("Rocket.toml").nested())
            .merge(Serialized::globals(settings));
        let settings: Settings = figment
            .extract()
            .map_err(|error| ConfigError::Unreadable(Box::new(error)))?;
        Self::check(settings, figment)
    }

    fn check(settings: Settings, figment: Figment) -> Result<Self, ConfigError> {
        let data = settings.data.ok_or(ConfigError::NoData)?;
        let database = match settings.database {
            None => Database::Sqlite(file_in(&data)),
            Some(url) if is_postgres(&url) => Database::Postgres(Arc::new(Secret::new(url))),
            Some(_) => return Err(ConfigError::Database),
        };
        let tiles = match settings.tiles {
            None => None,
            Some(url) => Some(Address::parse(&url).ok_or(ConfigError::Tiles)?),
        };
        let address = settings.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = settings.port.unwrap_or(8000);
        let origin_prefix = match settings.origin_prefix {
            Some(prefix) if is_origin_prefix(&prefix) => prefix,
            Some(prefix) => return Err(ConfigError::OriginPrefix { prefix }),
            None if address.is_loopback() => format!("localhost:{port}/e"),
            None => return Err(ConfigError::NoOriginPrefix { address }),
        };
        let listed = settings.organisers.unwrap_or_default();
        let organisers = match (settings.any_organiser, listed.is_empty()) {
            (true, _) => Organisers::Any,
            (false, true) if address.is_loopback() && is_loopback(&origin_prefix) => {
                Organisers::Any
            }
            (false, true) => {
                return Err(ConfigError::NoOrganisers {
                    address,
                    origin_prefix,
                });
            }
            (false, false) => Organisers::Only(
                listed
                    .into_iter()
                    .map(organiser)
                    .collect::<Result<_, _>>()?,
            ),
        };
        let mut witnesses = BTreeMap::new();
        for given in settings.witnesses.unwrap_or_default() {
            let (name, url) = witness(&given).ok_or(ConfigError::Witness)?;
            if witnesses.insert(name.clone(), url).is_some() {
                return Err(ConfigError::WitnessTwice { name });
            }
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = range("--workers", settings.workers.unwrap_or(processors), 1, 1024)?;
        let queue = range("--queue", settings.queue.unwrap_or(64), 1, 65_536)? * 1_000_000;
        let boards = range("--boards", settings.boards.unwrap_or(32), 1, 1_000_000)?;
        let timeout = range(
            "--body-timeout",
            settings.body_timeout.unwrap_or(30),
            1,
            3600,
        )?;
        Ok(Self {
            data,
            database,
            address,
            port,
            pages: settings.pages,
            tiles,
            origin_prefix,
            organisers,
            witnesses,
            workers,
            queue,
            credential_limit: settings.credential_limit.unwrap_or(60),
            address_limit: settings.address_limit.unwrap_or(0),
            boards,
            metrics: settings.metrics,
            body_timeout: Duration::from_secs(timeout),
            busy_timeout: Duration::from_secs(5),
            clock: Arc::new(SystemClock),
            figment,
        })
    }

    /// The origin of the election of this uuid, 32 hexadecimal digits.
    pub fn origin(&self, uuid: &str) -> String {
        format!("{}/{uuid}", self.origin_prefix)
    }
}

fn range<T: Copy + PartialOrd + TryInto<u64>>(
    name: &'static str,
    value: T,
    least: u64,
    most: u64,
) -> Result<T, ConfigError> {
    let found = value.try_into().unwrap_or(u64::MAX);
    if (least..=most).contains(&found) {
        Ok(value)
    } else {
        Err(ConfigError::Range {
            name,
            found,
            least,
            most,
        })
    }
}

/// The origin is the name of the note's key, which may hold no space and no plus, and a URL.
fn is_origin_prefix(prefix: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]".contains(&byte);
    prefix.len() <= 400
        && prefix.bytes().all(plain)
        && !prefix.contains("//")
        && prefix.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && !prefix.ends_with('/')
}

/// Whether an origin is of this computer only. Behind a proxy the address is, and the origin is not.
fn is_loopback(origin_prefix: &str) -> bool {
    let authority = origin_prefix.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The name and the address of a witness, as they are given.
fn witness(given: &str) -> Option<(String, String)> {
    let (name, url) = given.split_once('=')?;
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    // A password in it would come into logs.
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic()) && !host.contains(['@', '?', '#']);
    let is_good = is_witness_name(name) && plain && !host.is_empty() && !host.starts_with('/');
    is_good.then(|| (name.to_owned(), url.to_owned()))
}

fn organiser(key: String) -> Result<[u8; 32], ConfigError> {
    let bytes = decode_hex(&key).filter(|bytes| Element::decode(bytes).is_some());
    bytes.ok_or(ConfigError::Organiser { key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Settings)) -> Result<Config, ConfigError> {
        let mut settings = Settings {
            data: Some("data".into()),
            ..Settings::default()
        };
        change(&mut settings);
        Config::check(settings, Figment::new())
    }

    #[test]
    fn a_loopback_server_needs_only_a_folder() {
        let config = check(|_| {}).unwrap();
        assert_eq!(config.origin("00"), "localhost:8000/e/00");
        assert_eq!(config.organisers, Organisers::Any);
        assert!(matches!(
            check(|settings| settings.data = None),
            Err(ConfigError::NoData)
        ));
    }

    #[test]
    fn a_public_server_needs_an_origin_and_organisers() {
        let public = |settings: &mut Settings| settings.address = Some("0.0.0.0".parse().unwrap());
        assert!(matches!(
            check(public),
            Err(ConfigError::NoOriginPrefix { .. })
        ));
        let named = |settings: &mut Settings| {
            public(settings);
            settings.origin_prefix = Some("vote.example.org/e".to_owned());
        };
        assert!(matches!(
            check(named),
            Err(ConfigError::NoOrganisers { .. })
        ));
        let key = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
        let listed = check(|settings| {
            named(settings);
            settings.organisers = Some(vec![key.to_owned()]);
        });
        assert_eq!(
            listed.unwrap().organisers,
            Organisers::Only(BTreeSet::from([decode_hex(key).unwrap()]))
        );
        let any = check(|settings| {
            named(settings);
            settings.any_organiser = true;
        });
        assert_eq!(any.unwrap().organisers, Organisers::Any);
    }

    #[test]
    fn a_server_behind_a_proxy_is_not_open_to_everybody_by_oversight() {
        let at = |prefix: &str| check(|settings| settings.origin_prefix = Some(prefix.to_owned()));
        for public in [
            "vote.example.org/e",
            "vote.example.org:8000/e",
            "localhost.example.org/e",
            "192.0.2.1/e",
            "[2001:db8::1]:8000/e",
            "127.0.0.1.example.org/e",
        ] {
            assert!(
                matches!(at(public), Err(ConfigError::NoOrganisers { .. })),
                "{public}"
            );
        }
        for local in [
            "localhost/e",
            "localhost:9000/e",
            "127.0.0.1:9000/e",
            "[::1]:9000/e",
        ] {
            assert_eq!(at(local).unwrap().organisers, Organisers::Any, "{local}");
        }
    }

    #[test]
    fn bad_values_are_named() {
        for prefix in [
            "https://example.org/e",
            "example.org/e/",
            "",
            "a b",
            "a+b",
            "/e",
            "a//b",
        ] {
            let bad = check(|settings| settings.origin_prefix = Some(prefix.to_owned()));
            assert!(
                matches!(bad, Err(ConfigError::OriginPrefix { .. })),
                "{prefix}"
            );
        }
        let key = |key: String| check(move |settings| settings.organisers = Some(vec![key]));
        for bad in ["00".repeat(32), "E2".repeat(32), "xy".to_owned()] {
            assert!(matches!(key(bad), Err(ConfigError::Organiser { .. })));
        }
        let given = |given: &str| {
            let given = vec![given.to_owned()];
            check(move |settings| settings.witnesses = Some(given))
        };
        for bad in [
            "ada",
            "=http://w.example",
            "a b=http://w.example",
            "ada=w.example",
            "ada=ftp://w.example",
            "ada=http://",
            "ada=http:///path",
            "ada=https://me:secret@w.example",
            "ada=https://w.example/?a",
        ] {
            assert!(matches!(given(bad), Err(ConfigError::Witness)), "{bad}");
        }
        let good = given("w.example/ada=https://w.example/ada").unwrap();
        assert_eq!(good.witnesses["w.example/ada"], "https://w.example/ada");
        assert!(matches!(
            check(|settings| {
                let twice = vec!["a=http://b".to_owned(), "a=http://c".to_owned()];
                settings.witnesses = Some(twice);
            }),
            Err(ConfigError::WitnessTwice { .. })
        ));
        assert!(matches!(
            check(|settings| settings.workers = Some(0)),
            Err(ConfigError::Range { .. })
        ));
    }
}
