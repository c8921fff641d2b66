//! How the parties of a Psephos election read a board and add to it over HTTP.
//!
//! The server is not trusted: a [`Board`] only grows, every checkpoint is signed by the key that
//! its manifest names, every entry is hashed into the root, and every receipt is checked. What the
//! entries mean is decided by `protocol::election`. What the server signed and then contradicts is
//! kept beside the board's folder as evidence.

mod board;
mod client;
mod error;
mod evidence;
mod http;
mod plain_text;
mod record;

pub use board::Board;
pub use client::{BoardClient, Posted, ServerIdentity};
pub use error::ClientError;
pub use protocol::receipt::Receipt;
pub use record::{RecordError, record_files};
