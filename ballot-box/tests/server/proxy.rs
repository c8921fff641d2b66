//! A network between voters and the server that delays, reorders, doubles and loses requests and
//! answers: each acknowledged ballot is on the board once, with one receipt.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use board_client::{BoardClient, ClientError};
use getrandom::SysRng;
use protocol::ballot::ConfirmationCode;
use protocol::manifest::ElectionManifest;
use protocol::receipt::Receipt;

use crate::host::{Http as _, Place, free_port};
use crate::parties::Parties;
use crate::rfc6962::{Audit, leaf, leaves};
use crate::voters::fsck;

/// What happened to requests, so that a test that tests nothing is noticed.
#[derive(Default)]
struct Mishaps {
    lost: AtomicUsize,
    unanswered: AtomicUsize,
    doubled: AtomicUsize,
    delayed: AtomicUsize,
}

/// A sequence that is the same for the same seed.
struct Dice(AtomicU64);

impl Dice {
    fn roll(&self, below: u64) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        let mut mixed = state ^ (state >> 30);
        mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        (mixed.wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % below
    }
}

/// A proxy of one request for each connection.
struct Proxy {
    port: u16,
    ended: Arc<AtomicBool>,
    mishaps: Arc<Mishaps>,
}

impl Proxy {
    fn start(server: u16, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (ended, mishaps) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mishaps::default()),
        );
        let dice = Arc::new(Dice(AtomicU64::new(seed)));
        let (is_over, counted) = (ended.clone(), mishaps.clone());
        std::thread::spawn(move || {
            for stream in listener
                .incoming()
                .take_while(|_| !is_over.load(Ordering::SeqCst))
            {
                let (dice, mishaps) = (dice.clone(), counted.clone());
                std::thread::spawn(move || pass_on(stream.unwrap(), server, &dice, &mishaps));
            }
        });
        Self {
            port,
            ended,
            mishaps,
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// The head and the body of a request, told to close its connection.
fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            let n_head = request.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
            if request.len() >= n_head + length {
                let close = b"Connection: close\r\n\r\n";
                let head = &request[..n_head - 2];
                return Some([head, close, &request[n_head..]].concat());
            }
        }
        match stream.read(&mut buffer).ok()? {
            0 => return None,
            n => request.extend_from_slice(&buffer[..n]),
        }
    }
}

fn ask(server: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", server)).unwrap();
    let mut answer = Vec::new();
    if stream.write_all(request).is_ok() {
        let _ = stream.read_to_end(&mut answer);
    }
    answer
}

fn pass_on(mut stream: TcpStream, server: u16, dice: &Dice, mishaps: &Mishaps) {
    let Some(request) = read_request(&mut stream) else {
        return;
    };
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::SeqCst);
    if dice.roll(4) == 0 {
        // Long enough for later requests to overtake this one.
        count(&mishaps.delayed);
        std::thread::sleep(Duration::from_millis(dice.roll(80)));
    }
    match dice.roll(6) {
        0 => {
            count(&mishaps.lost);
            return;
        }
        1 => {
            // The server takes it, and the voter never hears of it.
            count(&mishaps.unanswered);
            ask(server, &request);
            return;
        }
        2 => {
            count(&mishaps.doubled);
            let (again, wait) = (request.clone(), Duration::from_millis(dice.roll(120)));
            std::thread::spawn(move || {
                std::thread::sleep(wait);
                ask(server, &again)
            });
        }
        _ => {}
    }
    let answer = ask(server, &request);
    match dice.roll(12) {
        // Cut off in the middle.
        0 => {
            count(&mishaps.unanswered);
            let _ = stream.write_all(&answer[..answer.len() / 2]);
        }
        _ => {
            let _ = stream.write_all(&answer);
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Posts a ballot until it has a receipt that holds.
fn cast(client: &BoardClient, ballot: &[u8]) -> Receipt {
    for _ in 0..200 {
        match client.post(ballot) {
            Ok(posted) => return posted.receipt,
            Err(ClientError::Unreachable { .. }) => {}
            Err(ClientError::Refused { status: 503, .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no answer came through in 200 tries");
}

fn survive_the_network(place: &Place, seed: u64) {
    const N_VOTERS: usize = 40;
    let port = free_port();
    let host = place.start(port);
    let parties = Parties::new(&host, N_VOTERS, 2);
    let election = parties.open(&host);
    let proxy = Proxy::start(port, seed);
    let identity = ElectionManifest::parse(parties.manifest.as_bytes())
        .unwrap()
        .board;
    let url = format!("http://127.0.0.1:{}{}", proxy.port, parties.path(""));
    let voting = election.voting();
    // Every voter votes twice, the second time as soon as the first is acknowledged.
    let cast_twice = |key| {
        let client = BoardClient::new(&url)
            .unwrap()
            .with_identity(identity.clone());
        let first = parties.seal(voting, key, 1, [0; 32]);
        let previous = first.code().0.0;
        let first = first.cast(key, &mut SysRng).unwrap();
        let first_receipt = cast(&client, &first);
        let second = parties.ballot(voting, key, 2, previous);
        let second_receipt = cast(&client, &second);
        // Whoever asks again gets the place that was acknowledged.
        assert_eq!(cast(&client, &first).index, first_receipt.index);
        [(first, first_receipt), (second, second_receipt)]
    };
    let acknowledged: Vec<(Vec<u8>, Receipt)> = std::thread::scope(|scope| {
        let threads: Vec<_> = parties
            .voters
            .chunks(N_VOTERS / 8)
            .map(|keys| scope.spawn(|| keys.iter().flat_map(cast_twice).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    // Until the last doubled request is through.
    std::thread::sleep(Duration::from_millis(300));
    let entries = Audit::new(&host, &parties.uuid).entries(&host);
    let leaves = leaves(&entries);
    assert_eq!(
        entries.iter().filter(|entry| entry[1] == 11).count(),
        2 * N_VOTERS
    );
    for (ballot, receipt) in &acknowledged {
        let index = usize::try_from(receipt.index).unwrap();
        assert_eq!(leaves[index], leaf(ballot));
        assert_eq!(
            leaves
                .iter()
                .filter(|found| **found == leaf(ballot))
                .count(),
            1
        );
        let code = ConfirmationCode::of(&ballot[..ballot.len() - 64]).0;
        let shown = host.get(&parties.path(&format!("/receipt/{code}")));
        assert_eq!(shown.expect(200).json()["index"], receipt.index);
    }
    let mishaps = &proxy.mishaps;
    for counter in [
        &mishaps.lost,
        &mishaps.unanswered,
        &mishaps.doubled,
        &mishaps.delayed,
    ] {
        assert!(counter.load(Ordering::SeqCst) >= 10);
    }
    fsck(place);
}

#[test]
fn a_network_that_loses_and_doubles_requests_costs_and_doubles_no_ballot() {
    for (place, seed) in Place::of_each_kind().iter().zip(1..) {
        survive_the_network(place, seed);
    }
}
