//! What stands beside the verdict, in sentences: of the same words in every form of the report.

use super::{BeaconReport, Decision, ElectionSummary, Lots, Report, SealReport, WitnessReport};

/// Sentences under one heading, with the values they speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The heading.
    pub heading: &'static str,
    /// What there is and what it means. Texts of the election's own are in it as they are.
    pub sentences: Vec<String>,
    /// Names of values, and the values.
    pub values: Vec<(&'static str, String)>,
}

/// All that is said beside the verdict. Of a rejected record nothing is: what it holds is
/// nobody's.
#[must_use]
pub fn said(report: &Report) -> Vec<Said> {
    let Some(election) = &report.election else {
        return Vec::new();
    };
    if report.verdict == Decision::Rejected {
        return Vec::new();
    }
    let mut said: Vec<Said> = report.witnesses.iter().map(witnesses).collect();
    if let Some(joint) = &report.joint {
        said.extend(
            joint
                .seal
                .as_ref()
                .map(|found| seal(found, &joint.key, election)),
        );
        said.push(beacon(&joint.beacon, election));
        said.push(lots(&joint.beacon, election, report));
    }
    said
}

fn witnesses(report: &WitnessReport) -> Said {
    let names = |chosen: &dyn Fn(&super::NamedWitness) -> bool| -> Vec<&str> {
        let chosen = report.named.iter().filter(|witness| chosen(witness));
        chosen.map(|witness| witness.name.as_str()).collect()
    };
    let cosigned = names(&|witness| witness.cosigned.is_some());
    let certified = names(&|witness| witness.certified_close);
    Said {
        heading: "Witnesses",
        sentences: vec![
            format!(
                "{} of the {} witnesses that the manifest names cosigned this board, and {} must: {}.",
                cosigned.len(),
                report.named.len(),
                report.quorum,
                cosigned.join(", ")
            ),
            if certified.is_empty() {
                "None of them certified the close; the trustees did.".to_owned()
            } else {
                format!("These certified the close: {}.", certified.join(", "))
            },
            "A witness says that the board it saw before is the beginning of this one: a second \
             history, shown to others, would need witnesses who lie. It says nothing about the \
             count, which was checked without it."
                .to_owned(),
        ],
        values: Vec::new(),
    }
}

fn seal(report: &SealReport, key: &str, election: &ElectionSummary) -> Said {
    let hint = "No verdict on the count depends on it.";
    let Some(signature) = &report.signature else {
        return Said {
            heading: "Seal",
            sentences: vec![
                format!(
                    "The result is not sealed: {} of the {} trustees that it takes have signed it.",
                    report.by.len(),
                    election.threshold
                ),
                hint.to_owned(),
            ],
            values: Vec::new(),
        };
    };
    Said {
        heading: "Seal",
        sentences: vec![
            format!(
                "The first {} entries, up to the result, are sealed by {}.",
                report.size,
                names(&report.by, election)
            ),
            format!(
                "It says that {} trustees signed this final state: if fewer are corrupt, an honest \
                 one saw this board as final. {hint}",
                election.threshold
            ),
        ],
        values: vec![
            ("root", report.root.clone()),
            ("joint key", key.to_owned()),
            ("message", report.message.clone()),
            ("signature", signature.clone()),
        ],
    }
}

fn beacon(report: &BeaconReport, election: &ElectionSummary) -> Said {
    let (sentences, values) = match (&report.signature, &report.audit_seed) {
        (Some(signature), Some(seed)) => (
            vec![
                format!(
                    "There is an audit seed, made after the close by {}.",
                    names(&report.by, election)
                ),
                format!(
                    "It says that nobody knew before the close which entries a sample would hold, \
                     unless {} trustees colluded. No verdict on the count depends on it.",
                    election.threshold
                ),
            ],
            vec![
                ("audit seed", seed.clone()),
                ("message", report.message.clone()),
                ("signature", signature.clone()),
            ],
        ),
        _ => (
            vec![
                format!(
                    "There is no audit seed: {} of the {} trustees that it takes have given their \
                     share.",
                    report.by.len(),
                    election.threshold
                ),
                "No verdict on the count depends on it.".to_owned(),
            ],
            Vec::new(),
        ),
    };
    Said {
        heading: "Beacon",
        sentences,
        values,
    }
}

fn lots(report: &BeaconReport, election: &ElectionSummary, all: &Report) -> Said {
    let Some(lots) = &report.lots else {
        let missing: Vec<u16> = (1..=election.trustees.len() as u16)
            .filter(|trustee| !report.contributions.contains(trustee))
            .collect();
        let why = if missing.is_empty() {
            "there is no beacon".to_owned()
        } else {
            format!("nothing came from {}", names(&missing, election))
        };
        return Said {
            heading: "Lots",
            sentences: vec![format!(
                "No lots are drawn: {why}. They need every trustee, so that nobody can choose \
                 between two outcomes by staying silent. No verdict on the count depends on them."
            )],
            values: Vec::new(),
        };
    };
    let mut sentences: Vec<String> = lots.iter().filter_map(|lots| order(lots, all)).collect();
    sentences.push(
        "Where a rule of the election says that lots decide among options with equal totals, the \
         one that comes first wins. One honest trustee is enough for nobody to have known the \
         order before the close. No verdict on the count depends on it."
            .to_owned(),
    );
    Said {
        heading: "Lots",
        sentences,
        values: Vec::new(),
    }
}

/// The options of a contest by their labels, in the order of the lot; none where there are none.
fn order(lots: &Lots, report: &Report) -> Option<String> {
    let contests = report.results.as_ref()?;
    let contest = contests.iter().find(|contest| contest.id == lots.contest)?;
    let labels: Vec<&str> = lots
        .order
        .iter()
        .filter_map(|number| contest.options.get(usize::from(*number)))
        .map(|option| option.label.as_str())
        .collect();
    // One question may have been asked of several groups.
    let alike = contests.iter().filter(|other| other.title == contest.title);
    let name = match alike.count() {
        1 => contest.title.clone(),
        _ => format!("{} ({})", contest.title, contest.id),
    };
    (!labels.is_empty()).then(|| format!("{name}: {}.", labels.join(", ")))
}

fn names(trustees: &[u16], election: &ElectionSummary) -> String {
    let name = |number: &u16| {
        let index = usize::from(*number).checked_sub(1)?;
        Some(election.trustees.get(index)?.as_str())
    };
    let names: Vec<&str> = trustees.iter().filter_map(name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CheckId, ContestResult, Findings, JointReport, OptionResult};

    fn report() -> Report {
        let mut findings = Findings::default();
        for check in CheckId::ALL {
            findings.ran(*check);
        }
        let option = |label: &str| OptionResult {
            id: label.to_owned(),
            label: label.to_owned(),
            total: Some(1),
        };
        let result = ContestResult {
            id: "chair".to_owned(),
            title: "Chair".to_owned(),
            ballots: 2,
            weight: 2,
            opened: true,
            options: vec![option("Ada"), option("Bo")],
            blank: None,
            totals: vec![Some(1), Some(1)],
        };
        let election = ElectionSummary {
            title: String::new(),
            uuid: String::new(),
            manifest: String::new(),
            id: None,
            booth: None,
            origin: String::new(),
            organiser: String::new(),
            trustees: vec!["Tessa".to_owned(), "Udo".to_owned()],
            threshold: 2,
            opens: String::new(),
            closes: String::new(),
            voters: 2,
            entries: 9,
            ballots: 2,
            counted: 2,
        };
        let beacon = BeaconReport {
            by: vec![1, 2],
            contributions: vec![1, 2],
            message: "aa".to_owned(),
            signature: Some("bb".to_owned()),
            entries: 5,
            audit_seed: Some("cc".to_owned()),
            lots: Some(vec![Lots {
                contest: "chair".to_owned(),
                order: vec![1, 0],
            }]),
        };
        let seal = SealReport {
            by: vec![2],
            size: 8,
            root: "dd".to_owned(),
            message: "ee".to_owned(),
            signature: None,
        };
        Report {
            joint: Some(JointReport {
                key: "ff".to_owned(),
                beacon,
                seal: Some(seal),
            }),
            ..findings.report(Some(election), vec![result])
        }
    }

    fn text(report: &Report) -> String {
        format!("{:?}", said(report))
    }

    #[test]
    fn lots_name_the_options_and_a_missing_seal_is_said() {
        let text = text(&report());
        for sentence in [
            "Chair: Bo, Ada.",
            "made after the close by Tessa, Udo.",
            "not sealed: 1 of the 2 trustees that it takes have signed it.",
        ] {
            assert!(text.contains(sentence), "{sentence}: {text}");
        }
        assert_eq!(
            text.matches("No verdict on the count depends on").count(),
            3
        );
    }

    #[test]
    fn who_is_silent_is_named_and_a_seal_shows_what_to_check_it_with() {
        let mut report = report();
        let joint = report.joint.as_mut().unwrap();
        joint.beacon.lots = None;
        joint.beacon.contributions = vec![1];
        let seal = joint.seal.as_mut().unwrap();
        seal.signature = Some("99".to_owned());
        let said = said(&report);
        assert!(text(&report).contains("nothing came from Udo"));
        let names: Vec<&str> = said[0].values.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["root", "joint key", "message", "signature"]);
    }

    #[test]
    fn of_a_rejected_record_nothing_is_said() {
        let mut report = report();
        report.verdict = Decision::Rejected;
        assert_eq!(said(&report), []);
    }
}
