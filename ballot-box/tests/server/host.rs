//! Servers to talk to: one inside the test, and the real program.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use ballot_box::clock::SetClock;
use ballot_box::config::{Config, Settings};
use ballot_box::database::Database;
use protocol::secret::Secret;
use rocket::http::{ContentType, Status};
use rocket::local::blocking::Client;
use serde_json::Value;
use tempfile::TempDir;
use tracing_subscriber::filter::LevelFilter;

use crate::cluster::new_database;

/// Opening and closing time of the manifests of `parties`, and a time between.
pub const OPENS: i64 = 1_577_836_800;
pub const DURING: i64 = 1_780_000_000;
pub const CLOSES: i64 = 4_070_908_800;

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The code of a problem document, which must be complete.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(!problem["title"].as_str().unwrap().is_empty());
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.ends_with('.') && !detail.to_lowercase().contains("sql"),
            "{detail}"
        );
        let code = problem["type"]
            .as_str()
            .unwrap()
            .strip_prefix("urn:psephos:problem:")
            .unwrap();
        (self.status, code.to_owned())
    }

    pub fn expect(&self, status: u16) -> &Self {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}

/// A server that one can ask.
pub trait Http {
    fn get(&self, path: &str) -> Reply;
    fn post(&self, path: &str, entry: &[u8]) -> Reply;
}

/// A server inside the test, with a database file of its own and a clock that is set by hand.
pub struct Local {
    pub folder: TempDir,
    pub clock: Arc<SetClock>,
    pub busy_timeout: Duration,
    /// A database elsewhere, if there is one.
    url: Option<String>,
    client: Option<Client>,
}

impl Local {
    /// One with a file and one with PostgreSQL.
    pub fn of_each_kind() -> [Self; 2] {
        [Self::start(), Self::start_on(Some(new_database()))]
    }

    pub fn start() -> Self {
        Self::start_on(None)
    }

    fn start_on(url: Option<String>) -> Self {
        // Rocket's own lines go nowhere; they would be mixed with those of the tests.
        let _ = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::OFF)
            .try_init();
        let mut host = Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(SetClock::new(DURING)),
            busy_timeout: Duration::from_secs(5),
            url,
            client: None,
        };
        host.restart();
        host
    }

    /// Settings of a server on this folder.
    pub fn config(&self) -> Config {
        let settings = Settings {
            data: Some(self.folder.path().join("data")),
            workers: Some(2),
            database: self.url.clone(),
            ..Settings::default()
        };
        Config {
            clock: self.clock.clone(),
            busy_timeout: self.busy_timeout,
            ..Config::read(settings).unwrap()
        }
    }

    pub fn restart(&mut self) {
        self.restart_with(|_| {});
    }

    pub fn restart_with(&mut self, change: impl FnOnce(&mut Config)) {
        self.client = None;
        let mut config = self.config();
        change(&mut config);
        self.client = Some(Client::tracked(ballot_box::rocket(config).unwrap()).unwrap());
    }

    pub fn stop(&mut self) {
        self.client = None;
    }

    pub fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    pub fn database(&self) -> String {
        self.folder
            .path()
            .join("data/board.sqlite")
            .to_str()
            .unwrap()
            .to_owned()
    }

    pub fn post_as(&self, path: &str, content_type: Option<ContentType>, body: &[u8]) -> Reply {
        let mut request = self.client().post(path.to_owned()).body(body);
        if let Some(content_type) = content_type {
            request = request.header(content_type);
        }
        local_reply(request.dispatch())
    }

    pub fn send(&self, method: rocket::http::Method, path: &str) -> Reply {
        local_reply(self.client().req(method, path.to_owned()).dispatch())
    }
}

impl Http for Local {
    fn get(&self, path: &str) -> Reply {
        local_reply(self.client().get(path.to_owned()).dispatch())
    }

    fn post(&self, path: &str, entry: &[u8]) -> Reply {
        self.post_as(path, Some(ContentType::Binary), entry)
    }
}

fn local_reply(response: rocket::local::blocking::LocalResponse<'_>) -> Reply {
    let Status { code: status } = response.status();
    let headers = response
        .headers()
        .iter()
        .map(|header| (header.name.to_string(), header.value.to_string()));
    let headers = headers.collect();
    Reply {
        status,
        headers,
        body: response.into_bytes().unwrap_or_default(),
    }
}

/// The way to a server in a process of its own.
#[derive(Clone)]
pub struct Connection {
    url: String,
    agent: ureq::Agent,
}

impl Connection {
    pub fn to(url: String) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self {
            url,
            agent: config.into(),
        }
    }

    pub fn try_get(&self, path: &str) -> Option<Reply> {
        reply(self.agent.get(format!("{}{path}", self.url)).call())
    }

    /// `None` if the connection broke before there was an answer.
    pub fn try_post(&self, path: &str, entry: &[u8]) -> Option<Reply> {
        let request = self.agent.post(format!("{}{path}", self.url));
        reply(
            request
                .header("Content-Type", "application/octet-stream")
                .send(entry),
        )
    }
}

/// A place for a board: a data folder, and a database elsewhere or in it.
pub struct Place {
    pub folder: TempDir,
    pub url: Option<String>,
}

impl Place {
    /// A new one of each kind.
    pub fn of_each_kind() -> [Self; 2] {
        [Self::in_file(), Self::in_postgres()]
    }

    pub fn in_file() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: None,
        }
    }

    pub fn in_postgres() -> Self {
        Self::at(new_database())
    }

    /// One with a database at this address.
    pub fn at(url: String) -> Self {
        Self {
            url: Some(url),
            ..Self::in_file()
        }
    }

    /// Another folder with the same key, for a second server on this database.
    pub fn second(&self) -> Self {
        let second = Self {
            url: self.url.clone(),
            ..Self::in_file()
        };
        let key = |place: &Self| place.folder.path().join("board.key");
        std::fs::copy(key(self), key(&second)).unwrap();
        second
    }

    pub fn database(&self) -> Database {
        match &self.url {
            None => Database::Sqlite(self.folder.path().join("board.sqlite")),
            Some(url) => Database::Postgres(Arc::new(Secret::new(url.clone()))),
        }
    }

    /// The settings that name this place.
    pub fn settings(&self) -> Vec<&str> {
        let mut settings = vec!["--data", self.folder.path().to_str().unwrap()];
        settings.extend(self.url.iter().flat_map(|url| ["--database", url.as_str()]));
        settings
    }

    /// Runs a subcommand of the program on this place.
    pub fn run(&self, arguments: &[&str]) -> Output {
        program()
            .args(arguments)
            .args(self.settings())
            .output()
            .unwrap()
    }

    /// Starts the program and waits until it takes entries.
    pub fn start(&self, port: u16) -> Process {
        self.start_with(port, &[])
    }

    pub fn start_with(&self, port: u16, more: &[&str]) -> Process {
        let host = self.follow_with(port, more);
        host.await_status("/ready", 200);
        host
    }

    /// Starts the program and waits until it answers; another may take the entries.
    pub fn follow(&self, port: u16) -> Process {
        self.follow_with(port, &[])
    }

    pub fn follow_with(&self, port: u16, more: &[&str]) -> Process {
        let child = program()
            .args(self.settings())
            .args(["--port", &port.to_string(), "--log", "warn"])
            .args(["--origin-prefix", "localhost:8000/e"])
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Process::await_answer(child, port)
    }
}

/// The real program, in a process of its own.
pub struct Process {
    child: Child,
    connection: Connection,
}

impl Process {
    /// Starts the program on a folder and waits until it answers.
    pub fn start(folder: &Path, port: u16) -> Self {
        Self::start_with(folder, port, &[])
    }

    /// The same with more settings.
    pub fn start_with(folder: &Path, port: u16, settings: &[&str]) -> Self {
        let child = program()
            .args([
                "--data",
                folder.to_str().unwrap(),
                "--port",
                &port.to_string(),
                "--log",
                "warn",
            ])
            .args(settings)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self::await_answer(child, port)
    }

    /// Starts the program with every line of its log, its two outputs into files.
    pub fn start_logged(folder: &Path, port: u16, files: [File; 2]) -> Self {
        Self::start_logged_as(folder, port, files, &[])
    }

    /// The same with more settings.
    pub fn start_logged_as(
        folder: &Path,
        port: u16,
        [out, err]: [File; 2],
        settings: &[&str],
    ) -> Self {
        let child = program()
            .args([
                "--data",
                folder.to_str().unwrap(),
                "--port",
                &port.to_string(),
                "--log",
                "trace",
            ])
            .args(settings)
            .stdout(out)
            .stderr(err)
            .spawn()
            .unwrap();
        Self::await_answer(child, port)
    }

    pub fn await_answer(child: Child, port: u16) -> Self {
        let connection = Connection::to(format!("http://127.0.0.1:{port}"));
        let host = Self { child, connection };
        host.await_status("/health", 200);
        host
    }

    /// Waits until an address answers with this status.
    pub fn await_status(&self, path: &str, status: u16) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self
            .connection
            .try_get(path)
            .is_none_or(|reply| reply.status != status)
        {
            assert!(Instant::now() < deadline, "{path} is never {status}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process at once, without a chance to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end, and gives its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let pid = self.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Http for Process {
    fn get(&self, path: &str) -> Reply {
        self.connection.try_get(path).unwrap()
    }

    fn post(&self, path: &str, entry: &[u8]) -> Reply {
        self.connection.try_post(path, entry).unwrap()
    }
}

fn reply(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<Reply> {
    let mut answer = answer.ok()?;
    let value =
        |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, text)| (name.to_string(), value(text)))
        .collect();
    let status = answer.status().as_u16();
    let body = answer
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_vec()
        .ok()?;
    Some(Reply {
        status,
        headers,
        body,
    })
}

/// The program, with no settings from the environment of the test.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballot-box"));
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("BALLOT_BOX_") || name.starts_with("ROCKET_"))
    {
        command.env_remove(name);
    }
    command
}

/// A free port, each time another one, and none that outgoing connections are given.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 100).unwrap() * 100;
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
