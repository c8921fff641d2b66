//! Totals and figures in the clear, worked out by hand.

use super::fraction::Fraction;

#[test]
fn fractions_are_in_lowest_terms_with_the_sign_above() {
    let text = |n, d| Fraction::new(n, d).map(|fraction| fraction.to_string());
    assert_eq!(text(6, -4).as_deref(), Some("-3/2"));
    assert_eq!(text(0, 7).as_deref(), Some("0/1"));
    assert_eq!(text(1, 0), None);
    assert_eq!(text(0, 0), None);
}

mod by_hand {
    use protocol::ballot::Answer;
    use protocol::manifest::ElectionManifest;
    use serde_json::{Value, json};

    use crate::clear::{ClearContest, election};
    use crate::example::{VoterPlan, survey};

    /// The example survey's manifest, with keys that nobody has.
    fn manifest() -> ElectionManifest {
        let uuid = "0123456789abcdef0123456789abcdef";
        // The base point and its double (RFC 9496, A.1).
        let one = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
        let two = "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919";
        let mut draft: Value = serde_json::from_str(survey::DRAFT).unwrap();
        draft["uuid"] = uuid.into();
        draft["organiser"]["key"] = one.into();
        draft["trustees"] = json!([{ "name": "Ada", "key": two }]);
        draft["threshold"] = 1.into();
        draft["close_quorum"] = 1.into();
        draft["board"] =
            json!({ "origin": format!("vote.example/e/{uuid}"), "key": "11".repeat(32) });
        draft["opens"] = "2026-05-01T08:00:00Z".into();
        draft["closes"] = "2026-05-08T08:00:00Z".into();
        ElectionManifest::parse(&serde_json::to_vec(&draft).unwrap()).unwrap()
    }

    /// Somebody of this group, who works there (place), so much overtime, so long, and answers
    /// everything else alike.
    fn person(
        style: &str,
        place: u32,
        overtime: Option<u32>,
        years: u32,
        balance: u32,
    ) -> VoterPlan {
        let answer = |values: &[u32], blank| Answer {
            values: values.to_vec(),
            blank,
        };
        let mut one = [0; 3];
        one[place as usize] = 1;
        VoterPlan {
            style: style.to_owned(),
            ..VoterPlan::one(vec![
                answer(&one, false),
                answer(&[1, 0, 1, 0], false),
                answer(&[2, 3, 5], false),
                answer(&[0, 3, 4], false),
                answer(&[overtime.unwrap_or(0)], overtime.is_none()),
                answer(&[years], false),
                answer(&[balance], false),
                answer(&[0, 0, 1, 0], false),
                answer(&[7], false),
            ])
        }
    }

    fn exact<'a>(clear: &'a [ClearContest], id: &str, name: &str) -> &'a str {
        let contest = clear.iter().find(|contest| contest.id == id).unwrap();
        let figure = contest.figures.iter().find(|figure| figure.name == name);
        &figure.unwrap().exact
    }

    #[test]
    fn every_kind_of_question_is_added_up() {
        let voters = [
            person("care", 0, Some(100), 1, 8),
            person("care", 0, Some(99), 3, 10),
            person("doctors", 2, None, 2, 12),
            VoterPlan::default(),
        ];
        let clear = election(&manifest(), &voters);
        let totals = |id: &str| {
            let contest = clear.iter().find(|contest| contest.id == id).unwrap();
            contest.totals.clone()
        };
        assert_eq!(clear.len(), 15, "13 contests and 2 questions of groups");
        assert_eq!(totals("place"), [2, 0, 1]);
        assert_eq!(totals("help"), [3, 0, 3, 0]);
        assert_eq!(totals("budget"), [6, 9, 15]);
        assert_eq!(
            totals("conditions"),
            [3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 3]
        );
        // Value, blank, square, buckets from 0, 100, 200 and 400.
        assert_eq!(totals("overtime"), [199, 1, 19_801, 1, 1, 0, 0]);
        assert_eq!(totals("years-balance"), [8 + 30 + 24]);
        let mut table = [0; 15];
        (table[0], table[1], table[14]) = (1, 1, 1);
        assert_eq!(totals("place-overtime"), table);
        assert_eq!(
            (totals("stay-care"), totals("stay")),
            (vec![0, 0, 2, 0, 0], vec![0, 0, 3, 0, 0])
        );
        assert_eq!(totals("nights"), [21, 147]);

        assert_eq!(exact(&clear, "overtime", "sum"), "199/10");
        assert_eq!(exact(&clear, "overtime", "mean"), "199/20");
        // (2·19801 − 199²)/(4·100)
        assert_eq!(exact(&clear, "overtime", "variance"), "1/400");
        assert_eq!(exact(&clear, "balance", "mean"), "0/1");
        // Years 1, 3, 2; balance −2, 0, 2.
        assert_eq!(exact(&clear, "years-balance", "covariance"), "2/3");
        assert_eq!(exact(&clear, "years-balance", "correlation"), "1/4");
        assert_eq!(exact(&clear, "years-balance", "slope"), "1/1");
        assert_eq!(exact(&clear, "years-balance", "intercept"), "-2/1");
        assert_eq!(exact(&clear, "stay", "mean"), "3/1");
        assert_eq!(
            exact(&clear, "conditions", "mean"),
            "-2/1",
            "of the first row"
        );
        assert!(
            clear.iter().all(|contest| contest.is_withheld),
            "fewer than 5 ballots"
        );
    }
}
