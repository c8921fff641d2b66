//! Records that the server publishes in a folder or a bucket: complete whenever they are looked at,
//! behind by a second or two, and never in the way of a vote.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::crashes::post_until;
use crate::host::{Http, Place, Process, Reply, free_port, program};
use crate::parties::{Parties, Posted};
use crate::rfc6962::{Audit, leaf, root};

/// A folder of records, as a web server would hand it out.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn url(&self) -> String {
        format!("file://{}", self.0.path().display())
    }

    fn start(&self, place: &Place) -> Process {
        place.start_with(free_port(), &["--metrics", "--tiles", &self.url()])
    }
}

impl Http for Folder {
    fn get(&self, path: &str) -> Reply {
        let found = std::fs::read(self.0.path().join(path.trim_start_matches('/')));
        Reply {
            status: if found.is_ok() { 200 } else { 404 },
            headers: Vec::new(),
            body: found.unwrap_or_default(),
        }
    }

    fn post(&self, _: &str, _: &[u8]) -> Reply {
        unreachable!("nobody posts to a folder")
    }
}

/// The names of all hash tiles of a log and what they hold.
fn tiles(entries: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
    let mut hashes: Vec<_> = entries.iter().map(|entry| leaf(entry)).collect();
    let mut tiles = Vec::new();
    for level in 0.. {
        if hashes.is_empty() {
            break;
        }
        for (index, tile) in hashes.chunks(256).enumerate() {
            let partial = match tile.len() {
                256 => String::new(),
                width => format!(".p/{width}"),
            };
            tiles.push((format!("{level}/{index:03}{partial}"), tile.concat()));
        }
        hashes = hashes.chunks_exact(256).map(root).collect();
    }
    tiles
}

/// Checks that everything is there that the published checkpoint names; gives the entries.
pub fn check_complete(published: &impl Http, audit: &Audit) -> Vec<Vec<u8>> {
    let entries = audit.entries(published);
    for (name, hashes) in tiles(&entries) {
        let path = format!("/e/{}/tile/{name}", audit.uuid);
        assert!(published.get(&path).expect(200).body == hashes, "{name}");
    }
    entries
}

/// Waits until a log of this size is published, and checks it.
pub fn await_size(published: &impl Http, audit: &Audit, size: u64) -> Vec<Vec<u8>> {
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        if published
            .get(&format!("/e/{}/checkpoint", audit.uuid))
            .status
            == 200
        {
            let entries = check_complete(published, audit);
            if entries.len() as u64 == size {
                return entries;
            }
        }
        assert!(
            Instant::now() < deadline,
            "{size} entries are never published"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// The value of one of the server's figures.
pub fn figure(host: &Process, name: &str) -> f64 {
    let text = host.get("/metrics").expect(200).text();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_folder_holds_what_the_server_shows() {
    for place in Place::of_each_kind() {
        let folder = Folder::new();
        let mut host = folder.start(&place);
        let parties = Parties::new(&host, 6, 2);
        let audit = Audit::new(&host, &parties.uuid);
        let mut election = parties.open(&host);
        // Published in many steps, over the end of the first tile.
        let mut n_published = BTreeSet::new();
        while election.fold.size() < 300 {
            for voter in 0..6 {
                election.vote(voter);
            }
            if let Reply { status: 200, .. } = folder.get(&parties.path("/checkpoint")) {
                n_published.insert(check_complete(&folder, &audit).len());
            }
            std::thread::sleep(Duration::from_millis(60));
        }
        let size = election.fold.size();
        await_size(&folder, &audit, size);
        assert!(n_published.len() > 2, "{n_published:?}");
        for path in [
            "/checkpoint",
            "/tile/0/000",
            "/tile/entries/000",
            "/tile/1/000.p/1",
        ] {
            let path = parties.path(path);
            assert_eq!(folder.get(&path).body, host.get(&path).expect(200).body);
        }
        // They are removed after the checkpoint is there.
        let deadline = Instant::now() + Duration::from_secs(60);
        while figure(&host, "ballot_box_unpublished_boards") > 0.0 {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(20));
        }
        // Partial tiles in whose place there is a full one are gone, and drafts were never seen.
        let elsewhere = files(&folder.0.path().join(format!("e/{}", parties.uuid)));
        let stale = |path: &&PathBuf| {
            path.to_str().unwrap().contains("000.p/") && !path.to_str().unwrap().contains("tile/1/")
        };
        assert_eq!(elsewhere.iter().find(stale), None);
        assert_eq!(figure(&host, "ballot_box_unpublished_boards"), 0.0);
        assert_eq!(figure(&host, "ballot_box_failed_publications_total"), 0.0);
        // What was accepted last is published before the server ends.
        election.vote(0);
        let size = election.fold.size();
        drop(election);
        assert_eq!(host.terminate(), Some(0));
        assert_eq!(check_complete(&folder, &audit).len() as u64, size);
    }
}

/// The real verifier must accept the record at this address.
pub fn verify(url: &str) {
    let verifier = Path::new(program().get_program()).with_file_name("verifier");
    let output = Command::new(verifier)
        .args(["verify", url])
        .output()
        .expect("the verifier is missing; build the workspace first");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{url}: {text}");
}

/// Python's web server, which knows nothing of logs.
pub struct PlainServer {
    child: Child,
    port: u16,
}

impl PlainServer {
    pub fn of(folder: &Path) -> Self {
        let port = free_port();
        let child = Command::new("python3")
            .args(["-m", "http.server", &port.to_string()])
            .args(["--bind", "127.0.0.1", "--directory"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 is missing; `cargo xtask test` installs it");
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                Instant::now() < deadline,
                "Python's web server never answers"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, port }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for PlainServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_finished_election_is_verified_from_any_web_server() {
    let place = Place::in_file();
    let folder = Folder::new();
    let host = folder.start(&place);
    let parties = Parties::new(&host, 260, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let mut election = parties.open(&host);
    for voter in 0..260 {
        election.vote(voter);
    }
    election.finish();
    await_size(&folder, &audit, election.fold.size());
    let server = PlainServer::of(folder.0.path());
    verify(&server.url(&parties.path("")));
}

#[test]
fn a_server_killed_while_it_publishes_leaves_a_complete_record_and_goes_on() {
    let place = Place::in_file();
    let folder = Folder::new();
    let mut host = folder.start(&place);
    let parties = Parties::new(&host, 600, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let election = parties.open(&host);
    let ballots: Vec<_> = (0..600).map(|voter| election.next_ballot(voter)).collect();
    drop(election);
    let mut sizes = BTreeSet::new();
    for (round, ballots) in ballots.chunks(50).enumerate() {
        let pause = Duration::from_millis(37 * round as u64);
        post_until(&mut host, &parties.path("/entries"), ballots, 30, |host| {
            std::thread::sleep(pause);
            host.kill();
        });
        if folder.get(&parties.path("/checkpoint")).status == 200 {
            sizes.insert(check_complete(&folder, &audit).len());
        }
        host = folder.start(&place);
    }
    assert!(sizes.len() > 3, "{sizes:?}");
    let size = audit.entries(&host).len();
    assert!(size > 256 + 50);
    await_size(&folder, &audit, size as u64);
}

#[test]
fn what_another_server_published_is_not_overwritten_and_voters_notice_nothing() {
    let place = Place::in_file();
    let folder = Folder::new();
    let host = folder.start(&place);
    let parties = Parties::new(&host, 2, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let mut election = parties.open(&host);
    await_size(&folder, &audit, election.fold.size());
    let path = folder
        .0
        .path()
        .join(format!("e/{}/checkpoint", parties.uuid));
    let own = std::fs::read(&path).unwrap();
    let foreign = "example.org/e/1\n7\nAAAA\n\n\u{2014} x y\n";
    std::fs::write(&path, foreign).unwrap();
    election.vote(0);
    let deadline = Instant::now() + Duration::from_secs(60);
    while figure(&host, "ballot_box_failed_publications_total") < 1.0 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
    election.vote(1);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), foreign);
    assert_eq!(figure(&host, "ballot_box_unpublished_boards"), 1.0);
    // Another board is published all the same, and this one when the operator has mended it.
    let others = Parties::new(&host, 1, 2);
    let other = others.create(&host);
    await_size(&folder, &Audit::new(&host, &others.uuid), other.fold.size());
    std::fs::write(&path, own).unwrap();
    await_size(&folder, &audit, election.fold.size());
}

/// The bucket remembers what the restored database has lost.
#[test]
fn a_log_that_lost_what_is_published_is_not_gone_on_with() {
    let place = Place::in_file();
    let folder = Folder::new();
    let mut host = folder.start(&place);
    let parties = Parties::new(&host, 3, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let mut election = parties.open(&host);
    election.vote(0);
    let scene = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| scene.path().join(name));
    let run = |arguments: &[&str]| {
        let output = place.run(arguments);
        assert!(output.status.success(), "{output:?}");
    };
    run(&["backup", old.to_str().unwrap()]);
    election.vote(1);
    let lost = election.next_ballot(2);
    let size = election.fold.size();
    await_size(&folder, &audit, size);
    drop(election);
    assert_eq!(host.terminate(), Some(0));
    run(&["backup", new.to_str().unwrap()]);
    run(&["restore", old.to_str().unwrap(), "--overwrite", "--fork"]);
    let mut host = folder.start(&place);
    host.await_status(&parties.path("/checkpoint"), 503);
    let unavailable = (503, "unavailable".to_owned());
    for _ in 0..3 {
        let answer = host.post(&parties.path("/entries"), &lost);
        assert_eq!(answer.problem(), unavailable);
    }
    assert_eq!(check_complete(&folder, &audit).len() as u64, size);
    assert_eq!(host.terminate(), Some(0));
    // With the database that has all, it goes on.
    run(&["restore", new.to_str().unwrap(), "--overwrite"]);
    let host = folder.start(&place);
    host.post(&parties.path("/entries"), &lost).expect(201);
    await_size(&folder, &audit, size + 1);
}

#[test]
fn the_server_that_takes_over_publishes_on() {
    let place = Place::in_postgres();
    let folder = Folder::new();
    let mut first = folder.start(&place);
    let second_place = place.second();
    let settings = ["--metrics", "--tiles", &folder.url()];
    let second = second_place.follow_with(free_port(), &settings);
    let parties = Parties::new(&first, 3, 2);
    let audit = Audit::new(&first, &parties.uuid);
    let mut election = parties.open(&first);
    await_size(&folder, &audit, election.fold.size());
    assert_eq!(figure(&second, "ballot_box_publication_seconds_count"), 0.0);
    election.vote(0);
    let fold = election.fold;
    first.kill();
    second.await_status("/ready", 200);
    let mut election = Posted {
        http: &second,
        parties: &parties,
        fold,
    };
    // The last ballot of the first may not have been published by it.
    await_size(&folder, &audit, election.fold.size());
    election.vote(1);
    await_size(&folder, &audit, election.fold.size());
    assert!(figure(&second, "ballot_box_publication_seconds_count") >= 1.0);
}
