//! Computers that die: a trustee's for ever, or to come back; the ballot box's in mid-casting.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use demo::voters::{Postbox, Receipted, cast_all, seal_all};
use protocol::merkle::leaf_hash;

#[path = "support/mod.rs"]
mod support;

use support::{Scene, small_club};

#[test]
fn a_trustee_gone_before_the_close_is_named_and_the_quorum_is_waited_for() {
    let scene = Scene::opened(small_club(6), 3, 2);
    scene.vote();
    scene.stage.organiser.run(&["close", "--early"]).unwrap();
    let [first, second, third] = scene.stage.trustees.as_slice() else {
        panic!("three trustees")
    };
    first.certify_close().unwrap().finish().unwrap();
    second.certify_close().unwrap().finish().unwrap();
    // Two of three certified; with a threshold of two, all three must, or two closes could be.
    let error = first.decrypt().unwrap().finish().unwrap_err();
    assert_eq!(error.exit_code(), Some(1), "{error}");
    assert!(error.said().contains("Missing: Trustee 3"), "{error}");
    let error = scene.stage.organiser.run(&["publish"]).unwrap_err();
    assert!(matches!(error.exit_code(), Some(1 | 2)), "{error}");
    // It was only late.
    third.certify_close().unwrap().finish().unwrap();
    scene.stage.decrypt(&[1, 2]).unwrap();
    scene.publish();
}

#[test]
fn with_more_trustees_one_may_be_gone_for_ever_before_the_close() {
    // Five of whom two decrypt: four certify.
    let scene = Scene::opened(small_club(6), 5, 2);
    scene.vote();
    scene.stage.trustees[0]
        .lose_everything_but_the_words()
        .unwrap();
    scene.stage.organiser.run(&["close", "--early"]).unwrap();
    for trustee in &scene.stage.trustees[1..] {
        trustee.certify_close().unwrap().finish().unwrap();
    }
    scene.stage.decrypt(&[4, 2]).unwrap();
    scene.publish();
}

#[test]
fn after_the_certified_close_the_threshold_suffices() {
    let scene = Scene::opened(small_club(6), 3, 2);
    scene.vote();
    scene.stage.close().unwrap();
    scene.stage.trustees[1]
        .lose_everything_but_the_words()
        .unwrap();
    scene.stage.decrypt(&[3]).unwrap();
    let error = scene.stage.organiser.run(&["publish"]).unwrap_err();
    assert!(
        error.said().contains('2'),
        "too few shares, and how many are needed: {error}"
    );
    scene.stage.decrypt(&[1]).unwrap();
    scene.publish();
}

#[test]
fn a_trustee_comes_back_from_its_words() {
    let scene = Scene::opened(small_club(6), 3, 3);
    scene.vote();
    let second = &scene.stage.trustees[1];
    second.lose_everything_but_the_words().unwrap();
    second.restore(scene.stage.board()).unwrap();
    scene.stage.organiser.run(&["close", "--early"]).unwrap();
    for number in [0, 2] {
        let trustee = &scene.stage.trustees[number];
        trustee.certify_close().unwrap().finish().unwrap();
    }
    // It cannot know whether it certified another close before, and says so.
    let error = second.certify_close().unwrap().finish().unwrap_err();
    assert_eq!(error.exit_code(), Some(1), "{error}");
    assert!(error.said().contains("--never-certified"), "{error}");
    second
        .start(&["certify-close", "--yes", "--early", "--never-certified"])
        .unwrap()
        .finish()
        .unwrap();
    scene.stage.decrypt(&[1, 2, 3]).unwrap();
    scene.publish();
}

#[test]
fn a_trustee_killed_in_every_round_of_the_ceremony_goes_on() {
    let scene = Scene::set_up(small_club(6), 3, 2);
    let [first, second, third] = scene.stage.trustees.as_slice() else {
        panic!("three trustees")
    };
    let (first, third) = (first.ceremony().unwrap(), third.ceremony().unwrap());
    // Killed as soon as it shows the round, its own message sent or not, and once more right after
    // it was started: whichever of the two sends the message, the next one has to find that out.
    for sign in ["2 Commit", "3 Reveal", "4 Deal"] {
        let running = second.ceremony().unwrap();
        let limit = Duration::from_secs(60);
        running
            .wait_until(limit, |running| running.said().contains(sign))
            .unwrap();
        running.kill();
        let brief = second.ceremony().unwrap();
        sleep(Duration::from_millis(15));
        brief.kill();
    }
    second.ceremony().unwrap().finish().unwrap();
    first.finish().unwrap();
    third.finish().unwrap();
    scene.stage.open().unwrap();
    scene.vote();
    scene.finish(&[2, 3]);
}

#[test]
fn a_ballot_box_killed_while_casting_keeps_every_ballot_it_acknowledged() {
    let scene = Scene::opened(small_club(240), 3, 2);
    let (booth, codes) = scene.stage.booth().unwrap();
    let entries = seal_all(&booth, &scene.example.voters, &codes, || ()).unwrap();
    let postbox = Postbox::new(scene.stage.board());
    let receipts: Mutex<Vec<Receipted>> = Mutex::new(Vec::new());
    for round in 1..=3 {
        let wanted = round * entries.len() / 4;
        let dead = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for part in entries.chunks(entries.len() / 8) {
                let (postbox, booth) = (postbox.clone(), &booth);
                let (receipts, dead) = (&receipts, &dead);
                scope.spawn(move || {
                    for entry in part.iter().flatten() {
                        // The first failure is the server's death; this voter stops.
                        let Ok(receipt) = postbox.post(booth, entry) else {
                            assert!(dead.load(Ordering::SeqCst), "refused by a live server");
                            return;
                        };
                        receipts.lock().unwrap().push(receipt);
                    }
                });
            }
            while receipts.lock().unwrap().len() < wanted {
                sleep(Duration::from_millis(1));
            }
            dead.store(true, Ordering::SeqCst);
            scene.stage.ballot_box.kill();
        });
        scene.stage.ballot_box.start_again().unwrap();
        let board = scene.stage.fetch().unwrap();
        let acknowledged = receipts.lock().unwrap();
        assert!(acknowledged.len() >= wanted);
        for Receipted { index, leaf } in acknowledged.iter() {
            let entry = &board.entries()[usize::try_from(*index).unwrap()];
            assert_eq!(
                leaf_hash(entry),
                *leaf,
                "an acknowledged ballot is not at {index}"
            );
        }
    }
    // Everybody sends again what may have been lost; what was not is not taken twice.
    cast_all(&booth, scene.stage.board(), &entries, || ()).unwrap();
    scene.finish(&[1, 2]);
}

#[test]
fn one_trustee_alone_is_an_election_too() {
    let scene = Scene::opened(small_club(6), 1, 1);
    scene.vote();
    scene.finish(&[1]);
}
