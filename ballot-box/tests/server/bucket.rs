//! The same in a bucket: the real program and a server that speaks S3 (moto, in a folder of its own
//! that `cargo xtask test` makes).

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::host::{Connection, Http, Place, Process, Reply, free_port, program};
use crate::parties::Parties;
use crate::published::{await_size, figure, verify};
use crate::rfc6962::Audit;

const SECRET: &str = "the-key-that-nobody-may-read";

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
    "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::records/*" }] }"#;

/// A server that speaks S3 and forgets everything when it ends.
struct Store {
    port: u16,
    child: Option<Child>,
}

impl Store {
    fn start(&mut self) {
        let target = Path::new(env!("CARGO_BIN_EXE_ballot-box"))
            .ancestors()
            .nth(2);
        let server = target.unwrap().join("s3/bin/moto_server");
        assert!(
            server.is_file(),
            "{} is missing; `cargo xtask test` installs it",
            server.display()
        );
        let child = Command::new(server)
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.agent().put(self.url("/records")).send_empty().is_err() {
            assert!(Instant::now() < deadline, "the bucket is never made");
            std::thread::sleep(Duration::from_millis(50));
        }
        // Everybody may read what is in it.
        let policy = self.agent().put(self.url("/records?policy"));
        let policy = policy.header("Content-Type", "application/json");
        policy.send(POLICY).unwrap();
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn agent(&self) -> ureq::Agent {
        ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .into()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Http for Store {
    fn get(&self, path: &str) -> Reply {
        let url = self.url(&format!("/records/all{path}"));
        Connection::to(url).try_get("").unwrap()
    }

    fn post(&self, _: &str, _: &[u8]) -> Reply {
        unreachable!("nobody posts to a bucket")
    }
}

fn start(place: &Place, store: &Store, log: &Path) -> Process {
    let port = free_port();
    let child = program()
        .args(place.settings())
        .args(["--port", &port.to_string(), "--log", "trace", "--metrics"])
        .args(["--origin-prefix", "localhost:8000/e"])
        .args(["--tiles", "s3://records/all"])
        .env("AWS_ACCESS_KEY_ID", "name")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT", store.url(""))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(log).unwrap())
        .spawn()
        .unwrap();
    Process::await_answer(child, port)
}

#[test]
fn a_bucket_that_is_gone_for_a_while_holds_up_no_vote_and_has_everything_in_the_end() {
    let place = Place::in_file();
    let log: PathBuf = place.folder.path().join("log");
    let mut store = Store {
        port: free_port(),
        child: None,
    };
    // Not there yet.
    let mut host = start(&place, &store, &log);
    let parties = Parties::new(&host, 40, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let mut election = parties.open(&host);
    store.start();
    await_size(&store, &audit, election.fold.size());
    let tile = format!("/tile/entries/000.p/{}", election.fold.size());
    for (path, content_type, keep) in [
        (tile.as_str(), "application/octet-stream", "immutable"),
        ("/checkpoint", "text/plain", "no-cache"),
    ] {
        let found = store.get(&parties.path(path));
        assert!(
            found
                .header("content-type")
                .unwrap()
                .starts_with(content_type)
        );
        assert!(found.header("cache-control").unwrap().contains(keep));
    }
    // Gone, with all that it had.
    store.stop();
    let start_of_outage = Instant::now();
    for _ in 0..7 {
        for voter in 0..40 {
            election.vote(voter);
        }
    }
    assert!(start_of_outage.elapsed() < Duration::from_secs(30));
    let failed = |host: &Process| figure(host, "ballot_box_failed_publications_total");
    let deadline = Instant::now() + Duration::from_secs(60);
    while failed(&host) < 2.0 || figure(&host, "ballot_box_unpublished_boards") < 1.0 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
    store.start();
    await_size(&store, &audit, election.fold.size());
    // The next step replaces the checkpoint that stands there, and nothing else.
    election.vote(0);
    await_size(&store, &audit, election.fold.size());
    let full = store.get(&parties.path("/tile/entries/000"));
    assert!(full.header("cache-control").unwrap().contains("immutable"));
    election.finish();
    await_size(&store, &audit, election.fold.size());
    verify(&store.url(&format!("/records/all/e/{}", parties.uuid)));
    drop(election);
    assert_eq!(host.terminate(), Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("could not be published") && !log.contains(SECRET));
}
