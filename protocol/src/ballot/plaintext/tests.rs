//! Coordinates of every kind of answer.

use super::*;

#[test]
fn digits_of_every_value_add_up() {
    for max in 1..40u32 {
        for value in 0..=u64::from(max) {
            let mut bits = Vec::new();
            push_digits(&mut bits, value, max);
            let sum: u64 = bits
                .iter()
                .zip(digits(max))
                .map(|(bit, weight)| bit * weight)
                .sum();
            assert!(bits.iter().all(|bit| *bit <= 1));
            assert_eq!(sum, value, "{value} of {max}");
        }
    }
}

/// A survey with every kind: one of n, points, matrix, two numbers, their product, a table.
fn survey() -> ElectionManifest {
    let key = |number: u32| {
        let point = crate::group::mul_base(&crate::group::Scalar::from(number));
        let element = crate::group::Element::from_point(point).unwrap();
        crate::encoding::encode_hex(element.as_bytes())
    };
    let uuid = "0123456789abcdef0123456789abcdef";
    let option = |id: &str| format!(r#"{{"id":"{id}","label":{{"en":"{id}"}}}}"#);
    let (a, b, c) = (option("a"), option("b"), option("c"));
    let title = r#""title":{"en":"?"}"#;
    let text = format!(
        r#"{{"psephos":3,"uuid":"{uuid}","language":"en",{title},"organiser":{{"name":"O","key":"{}"}},
        "issuers":[{{"name":"R"}}],"trustees":[{{"name":"A","key":"{}"}}],"threshold":1,"close_quorum":1,
        "board":{{"origin":"a/{uuid}","key":"{}"}},"opens":"2026-05-01T08:00:00Z","closes":"2026-05-08T20:00:00Z",
        "styles":[{{"id":"s","contests":["one","points","matrix","x","y","xy","table"]}}],
        "contests":[
        {{"id":"one","kind":"choices",{title},"options":[{a},{b}],"min":1,"max":1,"blank":true}},
        {{"id":"points","kind":"points",{title},"options":[{a},{b}],"min":1,"max":5,"max_per_option":3,"blank":true}},
        {{"id":"matrix","kind":"matrix",{title},"rows":[{a},{b},{c}],"options":[{a},{b}],"blank":true}},
        {{"id":"x","kind":"number",{title},"lo":-50,"hi":949,"decimals":0,"blank":false,"spread":true,"buckets":[-50,0,500]}},
        {{"id":"y","kind":"number",{title},"lo":0,"hi":10,"decimals":0,"blank":false,"spread":true}},
        {{"id":"xy","kind":"product",{title},"of":["x","y"]}},
        {{"id":"table","kind":"table",{title},"of":["one","x"]}}],
        "minimum_ballots":1}}"#,
        key(1),
        key(2),
        "11".repeat(32)
    );
    ElectionManifest::parse(text.as_bytes()).unwrap()
}

fn given(values: &[u32], blank: bool) -> Answer {
    Answer {
        values: values.to_vec(),
        blank,
    }
}

fn sealed(answers: Vec<Answer>) -> Result<Vec<u64>, ChoiceError> {
    let manifest = survey();
    PlaintextBallot::new(&manifest, &manifest.styles[0], answers)
        .map(|ballot| ballot.coordinates.expose().clone())
}

fn answers() -> Vec<Answer> {
    vec![
        given(&[0, 1], false),
        given(&[3, 1], false),
        given(&[0, 2, 1], false),
        given(&[550], false),
        given(&[10], false),
    ]
}

/// What a ballot proves of coordinates, said of integers.
fn assert_kept(coordinates: &[u64]) {
    use crate::style::{CoordinateKind, Shape};
    let manifest = survey();
    let shape = Shape::of_style(&manifest, &manifest.styles[0]).unwrap();
    let b = |j: u16| i128::from(coordinates[usize::from(j)]);
    assert_eq!(coordinates.len(), shape.n_coordinates());
    for (coordinate, value) in shape.coordinates().iter().zip(coordinates) {
        match coordinate.kind {
            CoordinateKind::Bit => assert!(*value <= 1),
            CoordinateKind::Free => {}
            CoordinateKind::Product(k, l) => assert_eq!(i128::from(*value), b(k) * b(l)),
        }
    }
    for constraint in shape.constraints() {
        let terms = constraint.terms.iter();
        let sum: i128 = terms.map(|(j, c)| b(*j) * i128::from(*c)).sum();
        assert_eq!(sum, i128::from(constraint.constant));
    }
    for form in shape.ranges().forms() {
        let terms = form.terms.iter().map(|(j, c)| b(*j) * i128::from(*c));
        let value = i128::from(form.constant) + terms.sum::<i128>();
        assert!((0..1 << shape.ranges().bits()).contains(&value), "{value}");
        assert_eq!(u64::try_from(value), Ok(form.value(coordinates)));
    }
}

#[test]
fn coordinates_of_every_kind_keep_what_is_proved_of_them() {
    for x in [0, 49, 50, 549, 550, 999] {
        for (one, blank) in [([1, 0], false), ([0, 1], false), ([0, 0], true)] {
            let mut list = answers();
            list[0] = given(&one, blank);
            list[3] = given(&[x], false);
            list[4] = given(&[x % 11], false);
            assert_kept(&sealed(list).unwrap());
        }
    }
    let mut list = answers();
    list[1] = given(&[0, 0], true);
    assert_kept(&sealed(list).unwrap());
}

#[test]
fn the_coordinates_of_a_survey_are_those_worked_out_by_hand() {
    let expected = [
        &[0, 1, 0][..],
        // 3 = 2 + 1 of weights 2, 1; 1; no blank; slack 1 of 4: weights 2, 1, 1.
        &[1, 1, 0, 1, 0, 0, 1, 0],
        &[1, 0, 0, 0, 0, 1, 0, 1, 0],
        // 550 − 50 = 500 is the first of the last bucket.
        &[550, 302_500, 0, 0, 1],
        &[10, 100],
        &[5500],
        // Row b, last column.
        &[0, 0, 0, 0, 0, 1, 0, 0, 0],
    ];
    assert_eq!(sealed(answers()), Ok(expected.concat()));
}

#[test]
fn answers_that_break_a_limit_are_refused_by_name() {
    let with = |contest: usize, answer: Answer| {
        let mut list = answers();
        list[contest] = answer;
        sealed(list).unwrap_err()
    };
    // The last option of a row is its blank; the answer as a whole is never blank.
    assert!(sealed(answers()).is_ok());
    let row = ChoiceError::Row { contest: 2, row: 1 };
    assert_eq!(with(2, given(&[0, 3, 0], false)), row);
    let blank = ChoiceError::Blank { contest: 2 };
    assert_eq!(with(2, given(&[2, 2, 2], true)), blank);
    let values = ChoiceError::Values {
        contest: 2,
        expected: 3,
        found: 2,
    };
    assert_eq!(with(2, given(&[0, 0], false)), values);
    let range = |contest| ChoiceError::Range { contest };
    assert_eq!(with(3, given(&[1000], false)), range(3));
    assert_eq!(with(4, given(&[u32::MAX], false)), range(4));
    assert_eq!(
        with(3, given(&[0], true)),
        ChoiceError::Blank { contest: 3 }
    );
    assert!(matches!(
        with(3, given(&[], false)),
        ChoiceError::Values { .. }
    ));
    // One answer for each question that asks, none for what is derived.
    let mut list = answers();
    list.push(given(&[5500], false));
    let expected = ChoiceError::Answers {
        expected: 5,
        found: 6,
    };
    assert_eq!(sealed(list), Err(expected));
}
