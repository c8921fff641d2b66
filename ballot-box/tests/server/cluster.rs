//! A PostgreSQL server of the tests' own, in a temporary folder, that ends with them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

struct Cluster {
    folder: PathBuf,
    /// A shell that watches the server, and ends it when its input is closed, however the tests
    /// end.
    _watch: Child,
}

/// The address of a new, empty database.
pub fn new_database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = &CLUSTER.get_or_init(start).folder;
    let name = format!("board{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::establish(&url(folder, "postgres")).unwrap();
    connection
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .unwrap();
    url(folder, &name)
}

fn url(folder: &Path, database: &str) -> String {
    let host = folder.to_str().unwrap().replace('/', "%2F");
    format!("postgres://psephos@{host}/{database}")
}

/// Where Debian puts the programs, or the search path does.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut folders: Vec<_> = versions
        .map(|version| version.unwrap().path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    folders.sort();
    folders.pop().unwrap_or_default()
}

fn start() -> Cluster {
    let folder = tempfile::Builder::new()
        .prefix("psephos-pg-")
        .tempdir()
        .unwrap()
        .keep();
    // PostgreSQL refuses to run as root.
    let id = Command::new("id").arg("-u").output().unwrap();
    let is_root = id.stdout.starts_with(b"0\n");
    let (user, owner) = match is_root {
        true => (
            "setpriv --reuid=postgres --regid=postgres --clear-groups",
            "chown postgres \"$1\"",
        ),
        false => ("", "true"),
    };
    let script = format!(
        "set -e; {owner}; \
         {user} \"$2/initdb\" --no-sync --auth=trust --username=psephos --encoding=UTF8 --locale=C -D \"$1/data\" >\"$1.log\" 2>&1; \
         {user} \"$2/postgres\" -D \"$1/data\" -k \"$1\" -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB >>\"$1.log\" 2>&1 & \
         server=$!; read _ || true; kill -QUIT $server; wait $server || true; rm -rf \"$1\" \"$1.log\""
    );
    let watch = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(&folder)
        .arg(programs())
        .stdin(Stdio::piped())
        .current_dir("/")
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while PgConnection::establish(&url(&folder, "postgres")).is_err() {
        let log = folder.with_extension("log");
        assert!(
            Instant::now() < deadline,
            "PostgreSQL (packages postgresql and libpq-dev) does not start: {}",
            std::fs::read_to_string(log).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    Cluster {
        folder,
        _watch: watch,
    }
}
