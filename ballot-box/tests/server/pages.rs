//! The pages of voters beside the API.

use std::fs;

use ballot_box::config::Settings;
use ballot_box::pages::Pages;
use rocket::http::{Header, Method};

use crate::host::{Http, Local};

/// The word "script" with Brotli, and with gzip.
const BROTLI: &[u8] = &[139, 2, 128, 115, 99, 114, 105, 112, 116, 3];
const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 43, 78, 46, 202, 44, 40, 1, 0, 58, 135, 129, 28, 6, 0, 0, 0,
];

/// A server with a small folder of pages.
fn with_pages() -> Local {
    let mut host = Local::start();
    let folder = host.folder.path().join("pages");
    fs::create_dir_all(folder.join("assets")).unwrap();
    for (path, content) in [
        ("index.html", "home"),
        ("vote.html", "booth"),
        ("check.html", "check"),
        ("board.html", "board"),
        ("HASHES.txt", "list"),
        ("assets/a-1.js", "script"),
        ("assets/b-1.wasm", "wasm"),
    ] {
        fs::write(folder.join(path), content).unwrap();
    }
    fs::write(folder.join("assets/a-1.js.br"), BROTLI).unwrap();
    fs::write(folder.join("assets/a-1.js.gz"), GZIP).unwrap();
    host.restart_with(|config| config.pages = Some(folder));
    host
}

const UUID: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn pages_run_only_what_this_server_has_and_the_api_stays_what_it_was() {
    let host = with_pages();
    let page = |path: &str| format!("/e/{UUID}/{path}");
    for (path, text, content_type) in [
        ("/", "home", "text/html; charset=utf-8"),
        (&page("vote"), "booth", "text/html; charset=utf-8"),
        (&page("check"), "check", "text/html; charset=utf-8"),
        (&page("board"), "board", "text/html; charset=utf-8"),
        ("/vote.html", "booth", "text/html; charset=utf-8"),
        ("/HASHES.txt", "list", "text/plain; charset=utf-8"),
        ("/assets/a-1.js", "script", "text/javascript"),
        ("/assets/b-1.wasm", "wasm", "application/wasm"),
    ] {
        let reply = host.get(path);
        assert_eq!(reply.expect(200).text(), text, "{path}");
        assert_eq!(reply.header("content-type"), Some(content_type), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        let features = reply.header("permissions-policy").unwrap();
        let camera = if text == "check" {
            "camera=(self), "
        } else {
            "camera=(), "
        };
        assert!(features.starts_with(camera), "{text}: {features}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert!(reply.header("set-cookie").is_none());
    }
    let forever = host.get("/assets/a-1.js");
    assert!(
        forever
            .header("cache-control")
            .unwrap()
            .contains("immutable")
    );
    assert_eq!(host.get("/").header("cache-control"), Some("no-cache"));

    assert_eq!(host.get("/board").json()["kind"], "board");
    assert_eq!(host.get("/elections").json()["kind"], "elections");
    for missing in [
        &page("checkpoint"),
        &page("nothing"),
        "/assets/c.js",
        "/nothing",
    ] {
        assert_eq!(host.get(missing).problem(), (404, "not-found".to_owned()));
    }
    for beside in [
        "/assets/..%2fHASHES.txt",
        "/..%2fdata%2fboard.key",
        "/%2e%2e/data",
    ] {
        assert_eq!(host.get(beside).status, 404, "{beside}");
    }
    assert_eq!(host.send(Method::Post, &page("vote")).status, 405);
}

#[test]
fn clients_get_the_smallest_form_they_take() {
    let host = with_pages();
    let ask = |accepted: &'static str| {
        let request = host.client().get("/assets/a-1.js");
        let reply = request
            .header(Header::new("Accept-Encoding", accepted))
            .dispatch();
        let coding = reply
            .headers()
            .get_one("Content-Encoding")
            .map(str::to_owned);
        assert_eq!(reply.headers().get_one("Vary"), Some("Accept-Encoding"));
        (coding, reply.into_bytes().unwrap())
    };
    assert_eq!(
        ask("gzip, deflate, br"),
        (Some("br".into()), BROTLI.to_vec())
    );
    assert_eq!(ask("gzip;q=1.0"), (Some("gzip".into()), GZIP.to_vec()));
    assert_eq!(ask("identity"), (None, b"script".to_vec()));
}

#[test]
fn a_compressed_copy_of_something_else_stops_the_start() {
    let host = with_pages();
    let folder = host.folder.path().join("pages");
    for (copy, content) in [
        ("assets/b-1.wasm.br", BROTLI),
        ("assets/b-1.wasm.gz", GZIP),
        ("assets/a-1.js.br", b"no Brotli"),
        ("assets/a-1.js.gz", b"no gzip"),
        ("assets/a-1.js.br", BROTLI.split_last().unwrap().1),
        ("assets/alone.js.br", BROTLI),
    ] {
        let before = fs::read(folder.join(copy));
        fs::write(folder.join(copy), content).unwrap();
        let error = Pages::read(&folder).unwrap_err().to_string();
        assert!(error.contains(copy), "{copy}: {error}");
        match before {
            Ok(bytes) => fs::write(folder.join(copy), bytes).unwrap(),
            Err(_) => fs::remove_file(folder.join(copy)).unwrap(),
        }
    }
    Pages::read(&folder).unwrap();
}

#[test]
fn a_server_without_pages_has_only_its_api() {
    let host = Local::start();
    for path in [
        "/",
        &format!("/e/{UUID}/vote"),
        "/HASHES.txt",
        "/assets/a.js",
    ] {
        assert_eq!(host.get(path).problem(), (404, "not-found".to_owned()));
    }
}

#[test]
fn a_folder_without_pages_stops_the_start() {
    let host = Local::start();
    let config = ballot_box::config::Config {
        pages: Some(host.folder.path().to_owned()),
        ..host.config()
    };
    let error = ballot_box::rocket(config).err().unwrap().to_string();
    assert!(error.contains("cargo xtask ui"), "{error}");
    assert!(Settings::default().pages.is_none());
}
