//! Results are sealed by trustees who saw them, and by nobody else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

#[path = "support/mod.rs"]
mod support;

use support::{Scene, small_club};

#[test]
fn a_yes_to_opening_is_none_to_a_result_that_nobody_saw() {
    let scene = Scene::opened(small_club(6), 1, 1);
    scene.vote();
    scene.stage.close().unwrap();
    let trustee = &scene.stage.trustees[0];
    let arguments = [
        "decrypt",
        "--yes",
        "--seal",
        "--poll",
        "0.1",
        "--timeout",
        "60",
    ];
    let staying = trustee.start(&arguments).unwrap();
    let has_opened = "Your beacon is on the board";
    staying
        .wait_until(Duration::from_secs(60), |running| {
            running.said().contains(has_opened)
        })
        .unwrap();
    scene.publish();
    // There is no terminal to ask on.
    let error = staying.finish().unwrap_err();
    assert_eq!(error.exit_code(), Some(1), "{error}");
    assert!(error.said().contains("it was not sealed"), "{error}");

    let sealed_by = |name: &str| {
        let record = scene.folder.path().join(name);
        scene.stage.write_record(&record).unwrap();
        let report = scene.verify(&record);
        assert!(report.is_accepted(), "{:?}", report.failed());
        let seal = report.joint().unwrap().seal.clone().unwrap();
        (seal.by, seal.signature.is_some())
    };
    assert_eq!(sealed_by("before"), (vec![], false));
    scene.stage.seal(&[1]).unwrap();
    assert_eq!(sealed_by("after"), (vec![1], true));
}
