//! The witness over HTTP: `POST /add-checkpoint` (C2SP tlog-witness), and
//! `GET /<SHA-256 of the origin>/checkpoint` for whoever wants the last cosigned checkpoint.
//!
//! Body, head, time and connections are bounded, and every request is answered from memory and
//! one small file, so strangers can make it slow but not fall.

use super::{Refusal, Witness};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{ALLOW, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::TcpListener, sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::spawn_blocking, time};

/// More than a proof and a checkpoint with sixteen signatures of any kind need.
const MAX_BODY: usize = 131_072;
/// How many bytes a request's head may have.
const MAX_HEAD: usize = 16_384;
/// How many are served at once; others wait.
const CONNECTIONS: usize = 64;
/// How long a request's head may take, a pause between two requests included.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long its body may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a connection may last in all.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// Hears of every refusal: some are for others than the client, too.
pub type Tell = dyn Fn(&Refusal) + Send + Sync;
/// Tells the time in seconds since 1970.
pub type Clock = fn() -> u64;

type Answer = Response<Full<Bytes>>;

/// Serves until the program ends.
///
/// # Errors
/// If the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    witness: Arc<Witness>,
    clock: Clock,
    tell: Arc<Tell>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return Ok(());
            };
            let Ok((stream, _)) = listener.accept().await else {
                // Too many open files, mostly: some of them will be closed.
                time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (witness, tell) = (Arc::clone(&witness), Arc::clone(&tell));
            tokio::spawn(async move {
                let _place = place;
                let service = service_fn(move |request| {
                    answer(request, Arc::clone(&witness), clock, Arc::clone(&tell))
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_TIME)
                    .max_buf_size(MAX_HEAD)
                    .serve_connection(TokioIo::new(stream), service);
                // Whoever breaks off, or takes too long, has its reasons.
                let _ = time::timeout(CONNECTION_TIME, connection).await;
            });
        }
    })
}

async fn answer(
    request: Request<Incoming>,
    witness: Arc<Witness>,
    clock: Clock,
    tell: Arc<Tell>,
) -> Result<Answer, Infallible> {
    let path = request.uri().path();
    let is_add = path == "/add-checkpoint";
    let hash = path
        .strip_prefix('/')
        .and_then(|path| path.strip_suffix("/checkpoint"));
    Ok(match (request.method(), is_add, hash) {
        (&Method::POST, true, _) => add(request, witness, clock, tell).await,
        (&Method::GET | &Method::HEAD, _, Some(hash)) => match witness.latest(hash) {
            Some(note) => text(StatusCode::OK, note),
            None => text(
                StatusCode::NOT_FOUND,
                "nothing is cosigned for this board\n",
            ),
        },
        (_, true, _) => with_header(
            text(StatusCode::METHOD_NOT_ALLOWED, "use POST\n"),
            (ALLOW, HeaderValue::from_static("POST")),
        ),
        _ => text(StatusCode::NOT_FOUND, "there is nothing here\n"),
    })
}

async fn add(
    request: Request<Incoming>,
    witness: Arc<Witness>,
    clock: Clock,
    tell: Arc<Tell>,
) -> Answer {
    let body = Limited::new(request.into_body(), MAX_BODY).collect();
    let body = match time::timeout(BODY_TIME, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return text(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long\n");
        }
        Ok(Err(_)) => return text(StatusCode::BAD_REQUEST, "the request is cut off\n"),
        Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "the request took too long\n"),
    };
    // The disk may be slow.
    let done = spawn_blocking(move || {
        let done = witness.add_checkpoint(&body, clock());
        if let Err(refusal) = &done {
            tell(refusal);
        }
        done
    });
    match done.await {
        Ok(Ok(line)) => text(StatusCode::OK, line),
        Ok(Err(Refusal::Conflict { size })) => with_header(
            text(StatusCode::CONFLICT, format!("{size}\n")),
            (CONTENT_TYPE, HeaderValue::from_static("text/x.tlog.size")),
        ),
        Ok(Err(refusal)) => text(status_of(&refusal), format!("{refusal}\n")),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "try again\n"),
    }
}

/// The status that tlog-witness names for a refusal.
fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Malformed { .. } | Refusal::Note(_) => StatusCode::BAD_REQUEST,
        Refusal::UnknownOrigin => StatusCode::NOT_FOUND,
        Refusal::Unsigned => StatusCode::FORBIDDEN,
        Refusal::Conflict { .. } | Refusal::TwoHistories { .. } => StatusCode::CONFLICT,
        Refusal::Proof => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    with_header(
        answer,
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
    )
}

fn with_header(mut answer: Answer, header: (hyper::header::HeaderName, HeaderValue)) -> Answer {
    answer.headers_mut().insert(header.0, header.1);
    answer
}
