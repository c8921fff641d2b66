//! Witnesses, honest, lying, silent and broken, beside the server.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ballot_box::config::Config;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use ed25519_dalek::{Signer as _, SigningKey};
use protocol::ballot::ConfirmationCode;
use protocol::checkpoint::{Checkpoint, CosignedCheckpoint, board_note};
use protocol::cosignature::{Witness, cosigned_message};
use protocol::election::Phase;
use protocol::manifest::{BoardIdentity, ElectionManifest};
use protocol::merkle::{leaf_hash, verify_consistency};
use protocol::receipt::Receipt;
use protocol::transcript::Digest;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::host::{Http, Local, Place, free_port};
use crate::parties::{Parties, Posted};

/// What a witness does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Honest,
    /// Signs a text of its own.
    OtherText,
    /// Signs with another key.
    OtherKey,
    Garbage,
    /// Sends without end.
    Endless,
    /// Takes the request and never answers.
    Silent,
    /// Sends whoever asks elsewhere.
    Elsewhere,
    /// Says that it has cosigned more than there is.
    Ahead,
}

/// A witness written anew for these tests, on a port of its own.
struct Stand {
    witness: Witness,
    address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    manner: Manner,
    last: Option<Checkpoint>,
    asked: Vec<Instant>,
}

impl Stand {
    fn new(number: u8, manner: Manner) -> Self {
        let key = SigningKey::from_bytes(&[number; 32]);
        let witness = Witness {
            name: format!("w.example/{number}"),
            key: key.verifying_key().to_bytes(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            manner,
            last: None,
            asked: Vec::new(),
        }));
        let (shared, known) = (state.clone(), witness.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (shared, known, key) = (shared.clone(), known.clone(), key.clone());
                thread::spawn(move || answer(stream.unwrap(), &shared, &known, &key));
            }
        });
        Self {
            witness,
            address,
            state,
        }
    }

    fn set(&self, manner: Manner) {
        self.state.lock().unwrap().manner = manner;
    }

    fn asked(&self) -> Vec<Instant> {
        self.state.lock().unwrap().asked.clone()
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).ok()?.to_lowercase();
    assert!(head.starts_with("post /add-checkpoint "), "{head}");
    let length = head.split("content-length: ").nth(1)?;
    let length = length.split("\r\n").next()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}

fn answer(mut stream: TcpStream, state: &Mutex<State>, witness: &Witness, key: &SigningKey) {
    while let Some(request) = read_request(&mut stream) {
        let manner = {
            let mut state = state.lock().unwrap();
            state.asked.push(Instant::now());
            state.manner
        };
        let (status, kind, body) = match manner {
            Manner::Silent => return thread::sleep(Duration::from_secs(60)),
            Manner::Endless => {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let mut open = stream.write_all(head.as_bytes()).is_ok();
                while open {
                    open = stream.write_all(b"4\r\naaaa\r\n").is_ok();
                }
                return;
            }
            Manner::Garbage => ("200 OK", "text/plain", "no signature at all\n".to_owned()),
            Manner::Ahead => ("409 Conflict", "text/x.tlog.size", "1000000\n".to_owned()),
            Manner::Elsewhere => (
                "307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/",
                "text/plain",
                String::new(),
            ),
            _ => cosign(&request, manner, state, witness, key),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// What tlog-witness asks of an honest one: the old size is its own, and the proof holds.
fn cosign(
    request: &str,
    manner: Manner,
    state: &Mutex<State>,
    witness: &Witness,
    key: &SigningKey,
) -> (&'static str, &'static str, String) {
    let (head, note) = request.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let old = lines.next().unwrap().strip_prefix("old ").unwrap();
    let old: u64 = old.parse().unwrap();
    let proof: Vec<Digest> = lines
        .map(|line| Digest(STANDARD.decode(line).unwrap().try_into().unwrap()))
        .collect();
    let text: String = note.split_inclusive('\n').take(3).collect();
    let parts: Vec<&str> = text.lines().collect();
    let new = Checkpoint {
        size: parts[1].parse().unwrap(),
        root: Digest(STANDARD.decode(parts[2]).unwrap().try_into().unwrap()),
    };
    let mut state = state.lock().unwrap();
    let mine = state.last.map_or(0, |last| last.size);
    if old != mine {
        return ("409 Conflict", "text/x.tlog.size", format!("{mine}\n"));
    }
    if let Some(last) = state.last {
        verify_consistency(old, &last.root, new.size, &new.root, &proof).unwrap();
    }
    state.last = Some(new);
    let (text, key) = match manner {
        Manner::OtherText => (text.replacen('\n', "\n1", 1), key.clone()),
        Manner::OtherKey => (text, SigningKey::from_bytes(&[99; 32])),
        _ => (text, key.clone()),
    };
    let signature = key.sign(cosigned_message(1_763_800_000, &text).as_bytes());
    let line = witness.line(1_763_800_000, &signature.to_bytes());
    ("200 OK", "text/plain", line)
}

/// Names these witnesses in the manifest; more than half of them are needed.
fn name(parties: &mut Parties, stands: &[Stand]) {
    let mut manifest: Value = serde_json::from_str(&parties.manifest).unwrap();
    let roster = stands.iter().map(|stand| {
        let key: String = stand
            .witness
            .key
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        json!({ "name": stand.witness.name, "key": key })
    });
    manifest["witnesses"] = json!(roster.collect::<Vec<_>>());
    let quorum = stands.len() / 2 + 1;
    manifest["witness_quorum"] = json!(quorum);
    // Of three trustees and threshold 2: 2q > (3 + W) + 1 + (W − k), and more than W.
    let least = (4 + 2 * stands.len() - quorum) / 2 + 1;
    manifest["close_quorum"] = json!(least.max(stands.len() + 1));
    parties.manifest = manifest.to_string();
}

fn tell(config: &mut Config, stands: &[Stand]) {
    let known = stands.iter();
    config.witnesses = known
        .map(|stand| (stand.witness.name.clone(), stand.address.clone()))
        .collect();
}

fn started(stands: &[Stand]) -> (Local, Parties) {
    let mut host = Local::start();
    host.restart_with(|config| tell(config, stands));
    let mut parties = Parties::new(&host, 3, 2);
    name(&mut parties, stands);
    (host, parties)
}

fn identity(parties: &Parties) -> BoardIdentity {
    ElectionManifest::parse(parties.manifest.as_bytes())
        .unwrap()
        .board
}

/// What an address shows, verified.
fn shown(http: &impl Http, parties: &Parties, what: &str) -> Option<CosignedCheckpoint> {
    let reply = http.get(&parties.path(what));
    (reply.status == 200)
        .then(|| CosignedCheckpoint::verify(&reply.text(), &identity(parties)).unwrap())
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(40), "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the last checkpoint is the witnessed one, and gives its witnesses.
fn await_witnessed(http: &impl Http, parties: &Parties) -> Vec<u16> {
    wait_until("the last checkpoint is witnessed", || {
        let last = shown(http, parties, "/checkpoint").unwrap();
        shown(http, parties, "/witnessed").is_some_and(|seen| seen.checkpoint == last.checkpoint)
    });
    let seen = shown(http, parties, "/witnessed").unwrap();
    assert!(seen.is_witnessed(&identity(parties)));
    seen.cosignatures.iter().map(|one| one.witness).collect()
}

/// Closes with two of the three trustees, and waits for what the witnesses post.
fn close(posted: &mut Posted<'_, impl Http>) {
    let entry = posted
        .parties
        .organiser()
        .close(&posted.fold, &mut getrandom::SysRng)
        .unwrap();
    posted.post(&entry);
}

#[test]
fn witnesses_sign_what_the_board_shows_and_certify_its_close() {
    let stands = [Stand::new(1, Manner::Honest), Stand::new(2, Manner::Honest)];
    let (mut host, parties) = started(&stands);
    assert_eq!(host.get("/e/00/witnessed").status, 404);
    let mut posted = parties.open(&host);
    assert_eq!(await_witnessed(&host, &parties), [1, 2]);
    posted.vote(0);
    posted.vote(1);
    // A ballot's receipt under what they signed holds, strictly.
    let ballot = posted.next_ballot(2);
    posted.post(&ballot);
    let code = ConfirmationCode::of(&ballot[..ballot.len() - 64]).0;
    await_witnessed(&host, &parties);
    let path = parties.path(&format!("/receipt/{code}/witnessed"));
    let receipt = Receipt::parse(&host.get(&path).expect(200).body).unwrap();
    let scope = posted.fold.election_id().unwrap();
    let (board, leaf) = (identity(&parties), leaf_hash(&ballot));
    receipt.verify(&board, &scope, &code, &leaf).unwrap();
    let signed = CosignedCheckpoint::verify(&receipt.checkpoint, &board).unwrap();
    assert!(signed.is_witnessed(&board));
    close(&mut posted);
    let id = posted.fold.election_id();
    drop(posted);
    wait_until("the witnesses certify the close", || {
        let state = host.get(&parties.path("")).expect(200).json();
        state["witnesses"]
            .as_array()
            .unwrap()
            .iter()
            .all(|w| w["certified_close"] == true)
    });
    assert_eq!(await_witnessed(&host, &parties), [1, 2]);
    assert!(id.is_some());
    // A restart neither loses cosignatures nor has anything posted twice.
    let size = shown(&host, &parties, "/checkpoint")
        .unwrap()
        .checkpoint
        .size;
    let before = host.get(&parties.path("/witnessed")).text();
    host.restart_with(|config| tell(config, &stands));
    assert_eq!(host.get(&parties.path("/witnessed")).text(), before);
    thread::sleep(Duration::from_millis(500));
    let after = shown(&host, &parties, "/checkpoint").unwrap();
    assert_eq!((after.checkpoint.size, after.cosignatures.len()), (size, 2));
}

#[test]
fn no_false_witness_is_believed_or_stops_the_others() {
    for manner in [
        Manner::OtherText,
        Manner::OtherKey,
        Manner::Garbage,
        Manner::Endless,
        Manner::Silent,
        Manner::Elsewhere,
        Manner::Ahead,
    ] {
        let stands = [
            Stand::new(1, manner),
            Stand::new(2, Manner::Honest),
            Stand::new(3, Manner::Honest),
        ];
        let (host, parties) = started(&stands);
        let start = Instant::now();
        let mut posted = parties.open(&host);
        posted.vote(0);
        assert_eq!(await_witnessed(&host, &parties), [2, 3]);
        assert!(start.elapsed() < Duration::from_secs(10), "nobody waited");
        assert!(!stands[0].asked().is_empty());
        // The note is the board's own with lines after it, whatever a witness said.
        let note = host.get(&parties.path("/checkpoint")).text();
        assert!(note.starts_with(board_note(&note)));
    }
}

#[test]
fn a_witness_that_comes_back_is_asked_again() {
    let stands = [Stand::new(1, Manner::Garbage)];
    let (host, parties) = started(&stands);
    parties.open(&host);
    thread::sleep(Duration::from_millis(1500));
    assert!(shown(&host, &parties, "/witnessed").is_none());
    let asked = stands[0].asked().len();
    assert!(
        (1..=4).contains(&asked),
        "{asked} requests to a witness that fails"
    );
    stands[0].set(Manner::Honest);
    assert_eq!(await_witnessed(&host, &parties), [1]);
}

#[test]
fn a_busy_board_asks_once_a_second() {
    let stands = [Stand::new(1, Manner::Honest)];
    let (host, parties) = started(&stands);
    let start = Instant::now();
    let mut posted = parties.open(&host);
    for _ in 0..20 {
        posted.vote(0);
        thread::sleep(Duration::from_millis(100));
    }
    let most = start.elapsed().as_secs() + 2;
    let asked = stands[0].asked().len() as u64;
    assert!((2..=most).contains(&asked), "{asked} of {most}");
    assert_eq!(await_witnessed(&host, &parties), [1]);
}

#[test]
fn a_witness_that_stands_elsewhere_is_met_there() {
    let stands = [Stand::new(1, Manner::Honest)];
    let (host, parties) = started(&stands);
    let mut posted = parties.open(&host);
    await_witnessed(&host, &parties);
    posted.vote(0);
    await_witnessed(&host, &parties);
    // A witness that lost its memory begins anew, and the server with it.
    stands[0].state.lock().unwrap().last = None;
    posted.vote(1);
    assert_eq!(await_witnessed(&host, &parties), [1]);
}

#[test]
fn what_witnesses_signed_is_published_backed_up_and_exported() {
    for place in Place::of_each_kind() {
        let stands = [Stand::new(1, Manner::Honest), Stand::new(2, Manner::Honest)];
        let given: Vec<String> = stands
            .iter()
            .map(|stand| format!("{}={}", stand.witness.name, stand.address))
            .collect();
        let published = tempfile::tempdir().unwrap();
        let tiles = format!("file://{}", published.path().display());
        let mut more: Vec<&str> = given
            .iter()
            .flat_map(|given| ["--witness", given])
            .collect();
        more.extend(["--tiles", &tiles]);
        let port = free_port();
        let mut server = place.start_with(port, &more);
        let mut parties = Parties::new(&server, 2, 2);
        name(&mut parties, &stands);
        let mut posted = parties.open(&server);
        posted.vote(0);
        close(&mut posted);
        assert_eq!(posted.fold.phase(), Phase::Closed);
        wait_until("the close is certified by witnesses", || {
            let state = server.get(&parties.path("")).json();
            state["witnesses"]
                .as_array()
                .unwrap()
                .iter()
                .all(|w| w["certified_close"] == true)
        });
        assert_eq!(await_witnessed(&server, &parties), [1, 2]);
        // Nothing is appended any more, and what they sign is published all the same.
        let place_of = format!("e/{}/checkpoint", parties.uuid);
        let note = server.get(&parties.path("/checkpoint")).text();
        wait_until("the witnessed checkpoint is published", || {
            std::fs::read_to_string(published.path().join(&place_of))
                .is_ok_and(|found| found == note)
        });
        server.terminate();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let run = |place: &Place, arguments: &[&str]| {
            let output = place.run(arguments);
            assert!(output.status.success(), "{output:?}");
        };
        run(&place, &["fsck"]);
        run(&place, &["backup", &path("backup")]);
        let second = Place::in_file();
        run(&second, &["restore", &path("backup")]);
        std::fs::copy(
            place.folder.path().join("board.key"),
            second.folder.path().join("board.key"),
        )
        .unwrap();
        run(&second, &["fsck"]);
        run(
            &second,
            &["export", "--unfinished", &parties.uuid, &path("record")],
        );
        let note = std::fs::read_to_string(path("record/checkpoint")).unwrap();
        let signed = CosignedCheckpoint::verify(&note, &identity(&parties)).unwrap();
        assert!(signed.is_witnessed(&identity(&parties)));
    }
}

#[test]
fn a_cosignature_that_was_not_stored_is_asked_for_again() {
    let cluster = Cluster::start_new();
    let url = cluster.new_database();
    let place = Place::at(url.clone());
    let stands = [Stand::new(1, Manner::Garbage)];
    let witness = format!("{}={}", stands[0].witness.name, stands[0].address);
    let host = place.start_with(free_port(), &["--witness", &witness]);
    let mut parties = Parties::new(&host, 1, 2);
    name(&mut parties, &stands);
    parties.open(&host).vote(0);
    let mut database = PgConnection::establish(&url).unwrap();
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'no'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON cosignatures FOR EACH ROW EXECUTE FUNCTION refuse()";
    database.batch_execute(refuse).unwrap();
    stands[0].set(Manner::Honest);
    let size = shown(&host, &parties, "/checkpoint")
        .unwrap()
        .checkpoint
        .size;
    wait_until("the witness signs", || {
        let last = stands[0].state.lock().unwrap().last;
        last.is_some_and(|last| last.size == size)
    });
    thread::sleep(Duration::from_secs(1));
    assert!(shown(&host, &parties, "/witnessed").is_none());
    database
        .batch_execute("DROP TRIGGER refuse ON cosignatures")
        .unwrap();
    assert_eq!(await_witnessed(&host, &parties), [1]);

    // The board's own checkpoint is shown while the database does not answer.
    let cosigned = host.get(&parties.path("/checkpoint")).text();
    cluster.signal("-STOP");
    let start = Instant::now();
    let shown = host.get(&parties.path("/checkpoint"));
    cluster.signal("-CONT");
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(shown.expect(200).text(), board_note(&cosigned));
}
