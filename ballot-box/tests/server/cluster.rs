//! PostgreSQL servers of the tests' own, in temporary folders, that end with them. One is shared by
//! all tests that only need a database; others are killed, stopped, copied and promoted.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _};

/// A server, which listens only on a socket in its folder.
pub struct Cluster {
    folder: PathBuf,
    /// A shell that ends the server and removes its folder when its input is closed, however the
    /// tests end.
    watch: Child,
}

/// The address of a new, empty database on the shared server.
pub fn new_database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start_new).new_database()
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

/// PostgreSQL refuses to run as root.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

impl Cluster {
    /// A folder of a server that is still to be made.
    pub fn in_new_folder() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("psephos-pg-")
            .tempdir()
            .unwrap()
            .keep();
        if is_root() {
            let status = Command::new("chown").arg("postgres").arg(&folder).status();
            assert!(status.unwrap().success());
        }
        // Whatever happens to the server, its first process is the one that its file names.
        let script = "read _; \
             p=$(head -n 1 \"$1/data/postmaster.pid\" 2>/dev/null) && { \
             c=$(cat /proc/$p/task/$p/children); kill -KILL $p $c; kill -CONT $p $c; } 2>/dev/null; \
             rm -rf \"$1\" \"$1.log\"";
        let watch = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .current_dir("/")
            .spawn()
            .unwrap();
        Self { folder, watch }
    }

    /// A program of PostgreSQL, run by somebody who may; a shell's line may come before it.
    fn program(&self, before: &str, name: &str) -> Command {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
                command.arg("sh");
                command
            }
            false => Command::new("sh"),
        };
        command
            .args(["-c", &format!("{before} exec \"$@\""), "sh"])
            .arg(programs().join(name))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .current_dir("/");
        command
    }

    fn run(&self, name: &str, arguments: &[&str]) {
        let status = self.program("", name).args(arguments).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "{name} (packages postgresql and libpq-dev): {}",
            self.said()
        );
    }

    fn data(&self) -> String {
        self.folder.join("data").to_str().unwrap().to_owned()
    }

    fn log(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// A new server.
    pub fn start_new() -> Self {
        let cluster = Self::make(&[]);
        cluster.start();
        cluster
    }

    /// A new server that does not run yet.
    pub fn make(more: &[&str]) -> Self {
        let cluster = Self::in_new_folder();
        let data = cluster.data();
        let usual = [
            "--no-sync",
            "--auth=trust",
            "--username=psephos",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
            &data,
        ];
        cluster.run("initdb", &[&usual, more].concat());
        cluster
    }

    /// A copy of this server as it is now, which does not run yet and follows this one when it does.
    pub fn copy(&self) -> Self {
        let copy = Self::in_new_folder();
        copy.copy_from(self);
        copy
    }

    /// Fills the folder with a copy of another server as it is now.
    pub fn copy_from(&self, other: &Self) {
        let (socket, data) = (other.folder.to_str().unwrap(), self.data());
        let arguments = ["-h", socket, "-U", "psephos", "-D", &data];
        let how = ["-R", "-X", "stream", "-c", "fast", "--no-sync"];
        self.run("pg_basebackup", &[arguments.as_slice(), &how].concat());
    }

    /// Starts the server and waits until it answers.
    pub fn start(&self) {
        self.start_after("", &[]);
    }

    /// The same, after a line of a shell and with more settings.
    pub fn start_after(&self, before: &str, settings: &[&str]) {
        let socket = self.folder.to_str().unwrap();
        let child = self
            .program(before, "postgres")
            .args(["-D", &self.data(), "-k", socket])
            .args(["-c", "listen_addresses="])
            .args(["-c", "max_connections=200", "-c", "shared_buffers=32MB"])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .spawn()
            .unwrap();
        // Nobody else asks how it ended.
        std::thread::spawn(move || {
            let mut child = child;
            child.wait()
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        while PgConnection::establish(&self.url("postgres")).is_err() {
            let is_late = Instant::now() >= deadline;
            assert!(!is_late, "PostgreSQL does not start: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The address of a database on this server.
    pub fn url(&self, database: &str) -> String {
        url(&[self], database)
    }

    /// The address of a new, empty database.
    pub fn new_database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("board{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// Runs a statement.
    pub fn execute(&self, sql: &str) {
        self.connect("postgres").batch_execute(sql).unwrap();
    }

    pub fn connect(&self, database: &str) -> PgConnection {
        PgConnection::establish(&self.url(database)).unwrap()
    }

    /// Waits until a question about the server is answered with yes.
    pub fn await_true(&self, condition: &str) {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Bool)]
            holds: bool,
        }
        let query = format!("SELECT COALESCE(({condition}), false) AS holds");
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let row = diesel::sql_query(&query).get_result(&mut self.connect("postgres"));
            let Row { holds } = row.unwrap();
            if holds {
                return;
            }
            assert!(Instant::now() < deadline, "{condition}: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The first process and all of its children.
    fn processes(&self) -> Vec<String> {
        let file = Path::new(&self.data()).join("postmaster.pid");
        let first = std::fs::read_to_string(file).unwrap();
        let first = first.lines().next().unwrap().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        let children = children.unwrap();
        let children = children.split_whitespace().map(str::to_owned);
        std::iter::once(first).chain(children).collect()
    }

    /// Sends a signal to all its processes.
    pub fn signal(&self, name: &str) {
        signal(&self.processes(), name);
    }

    /// The process of the connection over which a ballot box appends; there must be one.
    pub fn appender(&self) -> [String; 1] {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            pid: i32,
        }
        let query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted";
        let row = diesel::sql_query(query).get_result(&mut self.connect("postgres"));
        let Row { pid } = row.unwrap();
        [pid.to_string()]
    }

    /// Ends all its processes at once, as if the machine had lost its power.
    pub fn kill(&self) {
        let processes = self.processes();
        signal(&processes, "-KILL");
        // One that nobody has waited for is there in name only.
        let is_there = |pid: &String| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(") ")
                .is_some_and(|(_, rest)| !rest.starts_with('Z'))
        };
        while processes.iter().any(is_there) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Sends a signal to processes, of which some may have ended.
pub fn signal(processes: &[String], name: &str) {
    let _ = Command::new("kill")
        .arg(name)
        .args(processes)
        .stderr(Stdio::null())
        .status();
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// The address of a database that is on one of these servers.
pub fn url(clusters: &[&Cluster], database: &str) -> String {
    let hosts: Vec<_> = clusters
        .iter()
        .map(|cluster| cluster.folder.to_str().unwrap())
        .collect();
    format!(
        "postgresql:///{database}?user=psephos&host={}",
        hosts.join(",")
    )
}
