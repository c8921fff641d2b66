//! The server: accepts entries, keeps the board, answers with receipts. Trusted for nothing but
//! being up.
//!
//! An entry arrives ([`routes`]), is checked beside others ([`verification`]), is put in order by
//! the protocol's fold and written to the disk ([`sequencer`], [`writer`]), and only then has a
//! receipt. Witnesses cosign checkpoints meanwhile ([`witnesses`]). Everything shown is read from what is on the disk ([`boards`], [`load`], [`store`]).

pub mod ballot_box;
pub mod boards;
pub mod bundle;
pub mod clock;
pub mod config;
pub mod connection;
pub mod data_folder;
pub mod database;
pub mod error;
pub mod guards;
pub mod headers;
pub mod kept;
pub mod key;
pub mod limits;
pub mod load;
pub mod maintenance;
pub mod metrics;
pub mod models;
pub mod pages;
pub mod problem;
pub mod publication;
pub mod refusals;
pub mod routes;
pub mod schema;
pub mod sequencer;
pub mod state;
pub mod store;
pub mod tiles;
pub mod tree;
pub mod verification;
pub mod witnesses;
pub mod writer;

use rocket::config::{LogLevel, Shutdown};
use rocket::{Build, Rocket};

use crate::ballot_box::BallotBox;
use crate::config::Config;
use crate::error::StartError;
use crate::pages::Pages;

/// The server, ready to be launched.
///
/// # Errors
/// [`StartError`], naming what is in the way.
pub fn rocket(config: Config) -> Result<Rocket<Build>, StartError> {
    let figment = config
        .figment
        .clone()
        .merge((rocket::Config::ADDRESS, config.address))
        .merge((rocket::Config::PORT, config.port))
        // The server writes its own log, which names nobody.
        .merge((rocket::Config::LOG_LEVEL, LogLevel::Off))
        .merge((
            rocket::Config::SHUTDOWN,
            Shutdown {
                grace: 5,
                mercy: 5,
                ..Shutdown::default()
            },
        ));
    let pages = config.pages.as_deref().map(Pages::read).transpose()?;
    let shows_metrics = config.metrics;
    let server = rocket::custom(figment)
        .manage(BallotBox::open(config)?)
        .attach(headers::SecurityHeaders)
        .attach(headers::RequestLog)
        .mount("/", routes::elections::all())
        .mount("/", routes::entries::all())
        .mount("/", routes::board::all())
        .mount("/", routes::openapi::all())
        .register("/", routes::catchers::all());
    let server = match shows_metrics {
        true => server.mount("/", routes::metrics::all()),
        false => server,
    };
    Ok(match pages {
        Some(pages) => server.manage(pages).mount("/", routes::pages::all()),
        None => server,
    })
}
