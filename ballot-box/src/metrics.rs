//! Figures of the server for whoever runs it, in the text format of Prometheus. They count kinds of
//! requests and name neither election, voter nor address.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// A kind of request, and what it was answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    route: String,
    method: String,
    status: u16,
}

/// What a witness that the operator named did.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    witness: String,
    outcome: &'static str,
}

/// The figures.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    posting: Histogram,
    transactions: Histogram,
    entries: Counter,
    failed: Counter,
    asked: Family<Asked, Counter>,
    waiting: Gauge,
    appends: Gauge,
    elections: Gauge,
    publishing: Histogram,
    unpublishable: Counter,
    unpublished: Gauge,
}

/// What is asked when the figures are.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Bytes of entries that wait to be checked.
    pub waiting: usize,
    /// Whether this server appends.
    pub appends: bool,
    /// Elections of this server.
    pub elections: usize,
    /// Boards with entries that are not published yet.
    pub unpublished: usize,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = || exponential_buckets(0.001, 2.0, 14);
        let metrics = Self {
            registry: Registry::with_prefix("ballot_box"),
            answered: Family::default(),
            posting: Histogram::new(seconds()),
            transactions: Histogram::new(seconds()),
            entries: Counter::default(),
            failed: Counter::default(),
            asked: Family::default(),
            waiting: Gauge::default(),
            appends: Gauge::default(),
            elections: Gauge::default(),
            publishing: Histogram::new(seconds()),
            unpublishable: Counter::default(),
            unpublished: Gauge::default(),
        };
        metrics.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.answered.clone());
        registry.register(
            "post_seconds",
            "Time from a posted entry to its answer",
            self.posting.clone(),
        );
        registry.register(
            "transaction_seconds",
            "Time of a transaction that appends entries",
            self.transactions.clone(),
        );
        registry.register("entries", "Entries appended", self.entries.clone());
        registry.register(
            "failed_transactions",
            "Transactions that failed; their entries were not acknowledged",
            self.failed.clone(),
        );
        registry.register(
            "witness_requests",
            "Requests to witnesses, and whether they cosigned",
            self.asked.clone(),
        );
        registry.register(
            "waiting_bytes",
            "Entries that wait to be checked",
            self.waiting.clone(),
        );
        registry.register(
            "appends",
            "1 if this server appends, 0 if it follows another",
            self.appends.clone(),
        );
        registry.register(
            "elections",
            "Elections of this ballot box",
            self.elections.clone(),
        );
        registry.register(
            "publication_seconds",
            "Time to publish what is new of a board",
            self.publishing.clone(),
        );
        registry.register(
            "failed_publications",
            "Times that a board could not be published; it is tried again",
            self.unpublishable.clone(),
        );
        registry.register(
            "unpublished_boards",
            "Boards with entries that are not published yet",
            self.unpublished.clone(),
        );
        self
    }

    /// A request was answered.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = Answered {
            route: route.to_owned(),
            method: method.to_owned(),
            status,
        };
        self.answered.get_or_create(&labels).inc();
        if method == "POST" {
            self.posting.observe(took.as_secs_f64());
        }
    }

    /// A transaction ended.
    pub fn transaction(&self, is_done: bool, n_entries: usize, took: Duration) {
        self.transactions.observe(took.as_secs_f64());
        if is_done {
            self.entries.inc_by(n_entries as u64);
        } else {
            self.failed.inc();
        }
    }

    /// A witness was asked.
    pub fn asked(&self, witness: &str, outcome: &'static str) {
        let labels = Asked {
            witness: witness.to_owned(),
            outcome,
        };
        self.asked.get_or_create(&labels).inc();
    }

    /// A board was published, or could not be.
    pub fn published(&self, is_done: bool, took: Duration) {
        if is_done {
            self.publishing.observe(took.as_secs_f64());
        } else {
            self.unpublishable.inc();
        }
    }

    /// All figures as text.
    pub fn text(&self, now: Now) -> String {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.waiting.set(whole(now.waiting));
        self.appends.set(i64::from(now.appends));
        self.elections.set(whole(now.elections));
        self.unpublished.set(whole(now.unpublished));
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
