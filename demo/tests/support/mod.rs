//! A stage with a small election, for tests that take its steps one by one.
#![allow(dead_code, clippy::mod_module_files, clippy::unwrap_used)]

use demo::audit::{self, Report};
use demo::clear;
use demo::example::{ExampleElection, VoterPlan, club};
use demo::programs::{Children, Programs};
use demo::stage::Stage;
use demo::voters;
use tempfile::TempDir;

/// An election in a folder that is removed at the end.
pub struct Scene {
    pub example: ExampleElection,
    pub stage: Stage,
    // Dropped last: the server still has files in it.
    pub folder: TempDir,
}

/// The club's questions, answered by the first `n_voters` plans, repeated.
pub fn small_club(n_voters: usize) -> ExampleElection {
    let club = club::election();
    let voters: Vec<VoterPlan> = club.voters.iter().cloned().cycle().take(n_voters).collect();
    ExampleElection { voters, ..club }
}

/// The real programs. A test without them would prove nothing, so it fails.
pub fn programs() -> Programs {
    match Programs::built_with_this_one(Children::default()) {
        Ok(programs) => programs,
        Err(error) => panic!("{error}"),
    }
}

impl Scene {
    /// Set up, with the roll published and everybody joined.
    pub fn set_up(example: ExampleElection, trustees: u16, threshold: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::set_up(&programs(), folder.path(), &example, trustees, threshold);
        let stage = stage.unwrap_or_else(|error| panic!("{error}"));
        Self {
            example,
            stage,
            folder,
        }
    }

    /// Open for ballots.
    pub fn opened(example: ExampleElection, trustees: u16, threshold: u16) -> Self {
        let scene = Self::set_up(example, trustees, threshold);
        scene.stage.ceremony().unwrap();
        scene.stage.open().unwrap();
        scene
    }

    /// Everybody votes as planned.
    pub fn vote(&self) {
        let (booth, codes) = self.stage.booth().unwrap();
        let entries = voters::seal_all(&booth, &self.example.voters, &codes, || ()).unwrap();
        voters::cast_all(&booth, self.stage.board(), &entries, || ()).unwrap();
    }

    /// Closes, lets the trustees of these numbers decrypt, and publishes; the verifier must accept
    /// the record, and every total must be right.
    pub fn finish(&self, decrypting: &[u16]) {
        self.stage.close().unwrap();
        self.stage.decrypt(decrypting).unwrap();
        self.publish();
    }

    /// Publishes; the verifier must accept the record, and every total must be right.
    pub fn publish(&self) {
        let record = self.folder.path().join("record");
        self.stage.publish().unwrap();
        self.stage.write_record(&record).unwrap();
        let report = self.verify(&record);
        assert!(report.is_accepted(), "{:?}", report.failed());
        let (booth, _) = self.stage.booth().unwrap();
        let expected = clear::election(booth.manifest(), &self.example.voters);
        assert!(report.matches(&expected), "{:?}", report.figures());
    }

    /// What the verifier says of a record.
    pub fn verify(&self, record: &std::path::Path) -> Report {
        let report = audit::verify(self.stage.programs(), record, self.folder.path());
        report.unwrap_or_else(|error| panic!("{error}"))
    }
}
