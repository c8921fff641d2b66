//! The server as its clients meet it: whole elections over HTTP, on a real database file.

// A test stops where anything fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod abuse;
mod board;
mod bucket;
mod cast;
mod cluster;
mod crashes;
mod creation;
mod database;
mod failover;
mod host;
mod maintenance;
mod nginx;
mod openapi;
mod operation;
mod pages;
mod parties;
mod process;
mod proxy;
mod published;
mod races;
mod refused;
mod restart;
mod rfc6962;
mod schema;
mod signatures;
mod storage;
mod strangers;
mod takeover;
mod voters;
mod witnesses;
