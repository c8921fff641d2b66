//! The proxy of `deploy/nginx.conf` before the real program: what the server itself cannot do, give
//! up whoever never ends the head of a request, is the proxy's work.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::host::{Connection, Http, Place, Process, Reply, free_port};
use crate::parties::{Parties, Posted};

/// The limit in `deploy/nginx.conf`.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// nginx with the settings of `deploy`; only names of this computer are put in.
struct Proxy {
    child: Child,
    port: u16,
    connection: Connection,
    _folder: TempDir,
}

impl Proxy {
    fn start(server: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx.conf");
        let mut settings = std::fs::read_to_string(path).unwrap();
        for (from, to) in [
            ("listen 443 ssl;", format!("listen 127.0.0.1:{port};")),
            (
                "server 127.0.0.1:8000 ",
                format!("server 127.0.0.1:{server} "),
            ),
            ("/var/log/nginx/error.log", "stderr".to_owned()),
        ] {
            assert!(settings.contains(from), "{from}");
            settings = settings.replace(from, &to);
        }
        let plain = settings
            .lines()
            .filter(|line| !line.contains("ssl_certificate"));
        let settings = plain.collect::<Vec<_>>().join("\n");
        let at = folder.path().display();
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {at}/{name};\n"))
            .concat();
        let file = folder.path().join("nginx.conf");
        let text = format!(
            "user root;\ndaemon off;\npid {at}/pid;\nerror_log stderr crit;\n\
             events {{ worker_connections 1024; }}\nhttp {{\n{paths}{settings}\n}}\n"
        );
        std::fs::write(&file, text).unwrap();
        let program = ["/usr/sbin/nginx", "nginx"]
            .into_iter()
            .find(|name| Path::new(name).is_file())
            .unwrap_or("nginx");
        let child = Command::new(program)
            .args(["-e", "stderr", "-c", file.to_str().unwrap()])
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is missing; `cargo xtask test` installs it");
        let connection = Connection::to(format!("http://127.0.0.1:{port}"));
        let deadline = Instant::now() + Duration::from_secs(30);
        while connection
            .try_get("/health")
            .is_none_or(|reply| reply.status != 200)
        {
            assert!(Instant::now() < deadline, "nginx does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            child,
            port,
            connection,
            _folder: folder,
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Its workers end only if it is asked; then it has ended, or is ended.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

impl Http for Proxy {
    fn get(&self, path: &str) -> Reply {
        self.connection.try_get(path).unwrap()
    }

    fn post(&self, path: &str, entry: &[u8]) -> Reply {
        self.connection.try_post(path, entry).unwrap()
    }
}

/// Connections that are open to a port of this computer.
fn n_open(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let server = format!("0100007F:{port:04X}");
    let open = table.lines().filter(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields.len() > 3 && fields[1] == server && fields[3] == "01"
    });
    open.count()
}

fn host(place: &Place) -> (Process, u16) {
    let port = free_port();
    (place.start(port), port)
}

#[test]
fn slow_heads_hold_up_no_voter_and_the_proxy_closes_them() {
    let place = Place::in_file();
    let (host, server) = host(&place);
    let proxy = Proxy::start(server);
    let parties = Parties::new(&host, 12, 2);
    let fold = parties.open(&host).fold;
    let mut election = Posted {
        http: &proxy,
        parties: &parties,
        fold,
    };
    let start = Instant::now();
    let mut slow: Vec<_> = (0..200)
        .map(|_| TcpStream::connect(("127.0.0.1", proxy.port)).unwrap())
        .collect();
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(1000));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (mut sending, is_over, head) = (Vec::new(), &is_over, &head);
        for stream in &slow {
            sending.push(stream.try_clone().unwrap());
        }
        scope.spawn(move || {
            for byte in head.as_bytes() {
                for stream in &mut sending {
                    // One that was closed takes no more.
                    let _ = stream.write_all(&[*byte]);
                }
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                std::thread::sleep(Duration::from_secs(1));
            }
        });
        for voter in 0..12 {
            let asked = Instant::now();
            election.vote(voter);
            assert!(asked.elapsed() < Duration::from_secs(5));
            // Nothing of them has reached the server.
            assert!(n_open(server) < 40, "{}", n_open(server));
            std::thread::sleep(Duration::from_millis(300));
        }
        for stream in &mut slow {
            stream
                .set_read_timeout(Some(Duration::from_secs(30)))
                .unwrap();
            let mut rest = Vec::new();
            // The end, with or without a word, or a reset: closed, and not for lack of patience here.
            if let Err(error) = stream.read_to_end(&mut rest) {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
            }
            assert!(!rest.starts_with(b"HTTP/1.1 2"));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let took = start.elapsed();
    assert!(took < HEAD_TIMEOUT + Duration::from_secs(5), "{took:?}");
}

#[test]
fn heads_and_bodies_that_are_too_long_end_at_the_proxy() {
    let place = Place::in_file();
    let (_host, server) = host(&place);
    let proxy = Proxy::start(server);
    let answer = |request: &[u8]| {
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
        // It may be closed before all of it is sent.
        let _ = stream.write_all(request);
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        String::from_utf8(status.to_vec()).unwrap()
    };
    let many = "X: y\r\n".repeat(8_000);
    for head in [
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(40_000)),
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
            "y".repeat(40_000)
        ),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
    ] {
        let status = answer(head.as_bytes());
        assert!(["400", "414", "431"].contains(&&status[9..]), "{status}");
    }
    let head = "POST /elections HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n";
    let status = answer(format!("{head}Content-Length: 70000\r\n\r\n").as_bytes());
    assert_eq!(&status[9..], "413");
    // The longest entry there can be is let through, and refused by the server for what is in it.
    let reply = proxy.post("/elections", &[0; 65_535]);
    assert_eq!(reply.problem().0, 400);
}
