//! What a choice of trustees and issuers means, in plain words.
//!
//! Spec: docs/spec/key-ceremony.md, docs/spec/tally.md, "Certified close".

mod survey;

use protocol::manifest::CloseRule;

pub use survey::{RarelyAsked, rarely_asked, survey};

/// Says what a choice of trustees and witnesses, of whom q certify the close, survives and what not.
pub fn certifiers(rule: &CloseRule, q: u16) -> Vec<String> {
    let (n, t) = (rule.trustees, rule.threshold);
    let mut advice = vec![secrecy(n, t)];
    advice.push(match n {
        1 => "Key ceremony: the trustee must take part until it ends.".to_owned(),
        _ => format!(
            "Key ceremony: {} must take part until it ends; if one disappears before, the election starts again with a new manifest.",
            all(n)
        ),
    });
    advice.push(if rule.witnesses == 0 {
        close(n, q)
    } else {
        watched_close(rule, q)
    });
    let spare = n - t;
    advice.push(match spare {
        0 if n == 1 => {
            "Result: the trustee must decrypt it; if it loses its words, there is never a result."
                .to_owned()
        }
        0 => format!(
            "Result: {} must decrypt it; the loss of one is the loss of the result.",
            all(n)
        ),
        _ => format!(
            "Result: any {t} can decrypt it; once the close is certified, {} lost, but not {}.",
            may_be(spare),
            spare + 1
        ),
    });
    if rule.witnesses > 0 {
        advice.push(witnesses(rule));
    } else if let Some(better) = more_trustees(n, t, q) {
        advice.push(better);
    }
    advice
}

fn close(n: u16, q: u16) -> String {
    match n.saturating_sub(q) {
        0 if n == 1 => {
            "Close: the trustee must certify it; if it is lost before, there is never a result."
                .to_owned()
        }
        0 => format!(
            "Close: {} must certify it; if one is lost before, there is never a result.",
            all(n)
        ),
        spare => format!(
            "Close: {q} of {n} must certify it; {} lost before, but not {}.",
            may_be(spare),
            spare + 1
        ),
    }
}

fn watched_close(rule: &CloseRule, q: u16) -> String {
    let (n, all) = (rule.trustees, rule.certifiers());
    let who = format!(
        "{} and {}",
        counted(n, "trustee"),
        counted(rule.witnesses, "witness")
    );
    match all.saturating_sub(q) {
        0 => format!(
            "Close: all {who} must certify it; if one is lost before, there is never a result."
        ),
        spare => format!(
            "Close: {q} of the {all} ({who}) must certify it; {} lost before, but not {}.",
            may_be(spare),
            spare + 1
        ),
    }
}

/// What witnesses are for, and what they are not.
fn witnesses(rule: &CloseRule) -> String {
    let (all, needed) = (rule.witnesses, rule.witness_quorum);
    // Two quorums share this many.
    let liars = 2 * needed - all;
    let survives = match all - needed {
        0 => "if one stays away, nothing is witnessed and the record is never complete".to_owned(),
        spare => format!("{} away", may_be(spare)),
    };
    format!(
        "Witnesses: {needed} of {all} sign every state of the board, so that showing voters different boards takes a lie of at least {}; {survives}. They learn nothing of votes, change no count, and do not see who is refused.",
        counted(liars, "of them")
    )
}

fn counted(count: u16, what: &str) -> String {
    match (count, what) {
        (_, "of them") => format!("{count} {what}"),
        (1, _) => format!("1 {what}"),
        (_, "witness") => format!("{count} witnesses"),
        _ => format!("{count} {what}s"),
    }
}

fn secrecy(n: u16, t: u16) -> String {
    match (n, t) {
        (1, _) => "Secrecy: the only trustee can read every ballot; this hides votes from others, not from that trustee.".to_owned(),
        (_, 1) => format!("Secrecy: each of the {n} trustees alone can read every ballot; a threshold of 2 or more would prevent that."),
        (_, 2) => format!("Secrecy: any 2 of the {n} trustees who collude can read every ballot; one alone learns nothing."),
        (_, t) if t == n => format!("Secrecy: only all {n} trustees together can read ballots; {} learn nothing.", fewer(t)),
        (_, t) => format!("Secrecy: any {t} of the {n} trustees who collude can read every ballot; {} learn nothing.", fewer(t)),
    }
}

fn fewer(t: u16) -> String {
    format!("{} or fewer", t - 1)
}

fn all(n: u16) -> String {
    match n {
        1 => "the trustee".to_owned(),
        2 => "both trustees".to_owned(),
        _ => format!("all {n} trustees"),
    }
}

fn may_be(count: u16) -> String {
    match count {
        1 => "1 may be".to_owned(),
        _ => format!("{count} may be"),
    }
}

/// Which number of trustees would survive a loss before the close.
fn more_trustees(n: u16, t: u16, q: u16) -> Option<String> {
    if q < n || n > 62 {
        return None;
    }
    let enough = (n..=64).find(|more| CloseRule::of_trustees(*more, t).least_quorum() < *more)?;
    if enough == n {
        // The manifest asks for a larger quorum than it needs.
        let least = CloseRule::of_trustees(n, t).least_quorum();
        return Some(format!(
            "With close_quorum {least}, which is enough, {} lost before the close.",
            may_be(n - least)
        ));
    }
    Some(format!(
        "With {enough} trustees and the same threshold, 1 may be lost at any time after the ceremony."
    ))
}

/// Says on whom eligibility rests.
pub fn issuers(names: &[String]) -> String {
    match names {
        [name] => format!(
            "Eligibility: {name} makes every code; that nobody votes in another's name rests on {name} not using them. A second issuer would prevent that."
        ),
        names => format!(
            "Eligibility: a vote needs the codes of {}; only all of them together could vote in another's name.",
            names.join(" and ")
        ),
    }
}

/// Says when totals stay sealed.
pub fn minimum_ballots(minimum: u32) -> String {
    match minimum {
        1 => "Small contests: the total of a contest with a single ballot is published, and is that ballot.".to_owned(),
        _ => format!("Small contests: a contest with fewer than {minimum} counted ballots stays sealed for ever."),
    }
}

/// A class of voters, by style and weight, in which ballots are nearly names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallClass {
    /// Id of the style.
    pub style: String,
    /// The weight.
    pub weight: u32,
    /// How many voters it has.
    pub voters: usize,
}

/// Warns of a class with few voters: everybody sees which ballots are theirs.
pub fn small_class(class: &SmallClass) -> String {
    let SmallClass {
        style,
        weight,
        voters,
    } = class;
    let who = match voters {
        1 => "only 1 voter has".to_owned(),
        _ => format!("only {voters} voters have"),
    };
    format!(
        "{who} the ballot style {style:?} with weight {weight}: whether they voted is visible to all, and their choices show in totals that others can tell apart"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(n: u16, t: u16) -> Vec<String> {
        let rule = CloseRule::of_trustees(n, t);
        certifiers(&rule, rule.least_quorum())
    }

    #[test]
    fn two_of_three() {
        assert_eq!(
            told(3, 2),
            [
                "Secrecy: any 2 of the 3 trustees who collude can read every ballot; one alone learns nothing.",
                "Key ceremony: all 3 trustees must take part until it ends; if one disappears before, the election starts again with a new manifest.",
                "Close: all 3 trustees must certify it; if one is lost before, there is never a result.",
                "Result: any 2 can decrypt it; once the close is certified, 1 may be lost, but not 2.",
                "With 4 trustees and the same threshold, 1 may be lost at any time after the ceremony.",
            ]
        );
    }

    #[test]
    fn three_of_five() {
        assert_eq!(
            told(5, 3),
            [
                "Secrecy: any 3 of the 5 trustees who collude can read every ballot; 2 or fewer learn nothing.",
                "Key ceremony: all 5 trustees must take part until it ends; if one disappears before, the election starts again with a new manifest.",
                "Close: 4 of 5 must certify it; 1 may be lost before, but not 2.",
                "Result: any 3 can decrypt it; once the close is certified, 2 may be lost, but not 3.",
            ]
        );
    }

    #[test]
    fn witnesses_let_a_trustee_be_lost_before_the_close() {
        let rule = |witnesses, witness_quorum| CloseRule {
            witnesses,
            witness_quorum,
            ..CloseRule::of_trustees(3, 2)
        };
        let told = certifiers(&rule(2, 2), rule(2, 2).least_quorum());
        assert_eq!(
            told[2],
            "Close: 4 of the 5 (3 trustees and 2 witnesses) must certify it; 1 may be lost before, but not 2."
        );
        assert_eq!(
            told[4],
            "Witnesses: 2 of 2 sign every state of the board, so that showing voters different boards takes a lie of at least 2 of them; if one stays away, nothing is witnessed and the record is never complete. They learn nothing of votes, change no count, and do not see who is refused."
        );
        let told = certifiers(&rule(3, 2), rule(3, 2).least_quorum());
        assert!(told[2].starts_with("Close: 5 of the 6 "), "{}", told[2]);
        assert!(told[4].contains("1 of them; 1 may be away."), "{}", told[4]);
        let told = certifiers(&rule(1, 1), 4);
        assert!(
            told[2].contains("all 3 trustees and 1 witness must"),
            "{}",
            told[2]
        );
    }

    #[test]
    fn every_choice_is_described_by_its_numbers() {
        for n in 1..=64 {
            for t in 1..=n {
                let least = CloseRule::of_trustees(n, t).least_quorum();
                for q in least..=n {
                    let advice = certifiers(&CloseRule::of_trustees(n, t), q);
                    let starts = ["Secrecy: ", "Key ceremony: ", "Close: ", "Result: "];
                    assert!(
                        advice
                            .iter()
                            .zip(starts)
                            .all(|(line, start)| line.starts_with(start))
                    );
                    let close = &advice[2];
                    assert_eq!(close.contains("never a result"), q == n, "{n} {t} {q}");
                    if q < n {
                        assert!(close.contains(&format!(
                            "{} may be lost before, but not {}",
                            n - q,
                            n - q + 1
                        )));
                    }
                    if t < n {
                        assert!(advice[3].contains(&format!(
                            "{} may be lost, but not {}",
                            n - t,
                            n - t + 1
                        )));
                    }
                }
            }
        }
    }

    #[test]
    fn small_and_extreme_choices() {
        assert!(told(1, 1)[0].contains("the only trustee can read every ballot"));
        assert!(told(3, 1)[0].contains("each of the 3 trustees alone can read every ballot"));
        assert!(told(2, 2)[1].starts_with("Key ceremony: both trustees"));
        assert!(told(3, 3)[0].contains("only all 3 trustees together"));
        assert!(told(3, 3)[3].contains("the loss of one is the loss of the result"));
        let wide = certifiers(&CloseRule::of_trustees(5, 2), 5);
        assert_eq!(
            wide[4],
            "With close_quorum 4, which is enough, 1 may be lost before the close."
        );
    }

    #[test]
    fn issuers_and_minimum() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!(issuers(&names(&["Club"])).contains("rests on Club not using them"));
        assert!(issuers(&names(&["A", "B"])).contains("the codes of A and B"));
        assert!(minimum_ballots(1).contains("is that ballot"));
        assert!(minimum_ballots(5).contains("fewer than 5"));
    }
}
