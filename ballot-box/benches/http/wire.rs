//! A client that costs next to nothing: the request as bytes, the answer as far as its status and length.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// A connection that is kept.
pub struct Wire {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
    line: String,
}

impl Wire {
    pub fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            body: Vec::new(),
            line: String::new(),
        }
    }

    /// Posts an entry that must be new.
    pub fn post(&mut self, path: &str, entry: &[u8]) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
            entry.len()
        );
        self.ask(&[head.as_bytes(), entry].concat(), "HTTP/1.1 201");
    }

    /// Reads what must be there; gives its length.
    pub fn get(&mut self, path: &str) -> usize {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.ask(head.as_bytes(), "HTTP/1.1 200")
    }

    fn ask(&mut self, request: &[u8], status: &str) -> usize {
        self.stream.get_mut().write_all(request).unwrap();
        self.next_line();
        assert!(self.line.starts_with(status), "{}", self.line);
        let mut length = 0;
        while self.line != "\r\n" {
            self.next_line();
            let (name, value) = self.line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).unwrap();
        length
    }

    fn next_line(&mut self) {
        self.line.clear();
        self.stream.read_line(&mut self.line).unwrap();
    }
}
