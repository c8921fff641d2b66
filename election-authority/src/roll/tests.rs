use super::*;

fn problems(text: &str, styles: Option<&[&str]>) -> Vec<String> {
    let error = VoterList::parse(text.as_bytes(), styles).unwrap_err();
    error.problems.iter().map(ToString::to_string).collect()
}

fn voters(text: &str, styles: Option<&[&str]>) -> Vec<Voter> {
    let list = VoterList::parse(text.as_bytes(), styles).unwrap();
    let again = VoterList::parse(list.to_csv().as_bytes(), styles).unwrap();
    let without_lines = |list: &VoterList| {
        let voters = list.voters().iter().cloned();
        voters
            .map(|voter| Voter { line: 0, ..voter })
            .collect::<Vec<_>>()
    };
    assert_eq!(without_lines(&again), without_lines(&list));
    list.voters
}

#[test]
fn lists_of_every_spelling_are_read() {
    let expected = Voter {
        line: 2,
        id: "7".to_owned(),
        name: "Doe, Jo".to_owned(),
        email: "jo@example.org".to_owned(),
        weight: 3,
        style: "north".to_owned(),
    };
    let styles: &[&str] = &["north", "south"];
    for text in [
        "id,name,email,weight,style\n7,\"Doe, Jo\",jo@example.org,3,north\n",
        "\u{feff}id;name;email;weight;style\r\n7;Doe, Jo;jo@example.org;3;north\r\n",
        "Style, WEIGHT ,email,Name,ID\nnorth,3,jo@example.org,\"Doe, Jo\", 7 \n",
    ] {
        assert_eq!(voters(text, Some(styles)), std::slice::from_ref(&expected));
    }
}

#[test]
fn only_the_id_is_needed() {
    let list = voters("id\n\na\n\n b \n", Some(&["all"]));
    let found: Vec<_> = list
        .iter()
        .map(|v| (v.line, v.id.as_str(), v.weight))
        .collect();
    assert_eq!(found, [(3, "a", 1), (5, "b", 1)]);
}

#[test]
fn duplicates_are_named_with_both_lines() {
    assert_eq!(
        problems("id,name\na,x\nb,y\n\na ,z\na,w\n", None),
        [
            "line 5: the id \"a\" stands on line 2 already",
            "line 6: the id \"a\" stands on line 2 already"
        ]
    );
}

#[test]
fn bad_weights_are_named_with_their_lines() {
    let bad = [
        "0",
        "-1",
        "1.5",
        "1,5",
        "+2",
        "",
        "4294967296",
        "99999999999999999999",
        "two",
    ];
    let lines: String = bad
        .iter()
        .enumerate()
        .map(|(i, w)| format!("{i};{w}\n"))
        .collect();
    let expected: Vec<_> = (2..)
        .zip(bad)
        .map(|(line, w)| {
            format!("line {line}: the weight {w:?} is not a whole number from 1 to 4294967295")
        })
        .collect();
    assert_eq!(problems(&format!("id;weight\n{lines}"), None), expected);
    assert_eq!(
        voters("id,weight\na,4294967295\nb,007\n", None)[1].weight,
        7
    );
}

#[test]
fn unknown_styles_are_named_with_their_lines() {
    let text = "id,style\na,north\nb,South\nc,\n";
    assert_eq!(
        problems(text, Some(&["north", "south"])),
        [
            "line 3: the manifest has no ballot style \"South\"; it has \"north\", \"south\"",
            "line 4: the manifest has no ballot style \"\"; it has \"north\", \"south\""
        ]
    );
    assert_eq!(voters(text, None).len(), 3);
    assert_eq!(
        problems("id\na\n", Some(&["north", "south"])),
        [
            "the manifest has several ballot styles, \"north\", \"south\"; the file needs a column \"style\""
        ]
    );
}

#[test]
fn headers_are_strict() {
    assert_eq!(
        problems("id,wieght\na,1\n", None),
        [
            "line 1 names an unknown column \"wieght\"; the columns are id, name, email, weight and style"
        ]
    );
    assert_eq!(
        problems("id,ID\na,1\n", None),
        ["line 1 names the column \"id\" twice"]
    );
    assert!(
        problems("\nname\na\n", None)[0].starts_with("line 2, the first, names no column \"id\"")
    );
    for empty in ["", "\n\n", "id\n", "id,name\n\n"] {
        assert!(
            problems(empty, None)[0].starts_with("the file lists no voter"),
            "{empty:?}"
        );
    }
}

#[test]
fn missing_fields_ids_and_other_encodings_are_named() {
    assert_eq!(
        problems("id,name\na\n,x\nb,y,z\n", None),
        [
            "line 2 has 1 fields where the first line names 2 columns",
            "line 3: the id must have 1 to 500 bytes and no control characters",
            "line 4 has 3 fields where the first line names 2 columns"
        ]
    );
    let latin = VoterList::parse(b"id,name\n1,Andr\xe9\n", None).unwrap_err();
    assert_eq!(
        latin.to_string(),
        "the voter list cannot be used: line 2 is not UTF-8; save the file as \"CSV UTF-8\""
    );
}

#[test]
fn formulas_and_control_characters_are_named_with_their_lines() {
    assert_eq!(
        problems(
            "id,name,email\n=1+1,x,\n1,\"+cmd|' /C calc'!A0\",\n2,x,@SUM(A1)\n3,\"Jo\nCode: AB\",\n4,Jo,a\u{1b}b\n",
            None
        ),
        [
            "line 2: the id \"=1+1\" would be a formula in a spreadsheet; write it without a leading =, +, - or @ (a + before digits alone is fine)",
            "line 3: the name \"+cmd|' /C calc'!A0\" would be a formula in a spreadsheet; write it without a leading =, +, - or @ (a + before digits alone is fine)",
            "line 4: the email \"@SUM(A1)\" would be a formula in a spreadsheet; write it without a leading =, +, - or @ (a + before digits alone is fine)",
            "line 5: the name has a control character, such as a line break; remove it",
            "line 7: the email has a control character, such as a line break; remove it",
        ]
    );
    let list = voters(
        "id,name,email\n+33 6 12 34,-,jo+x@example.org\n-7,Anne-Marie,\n",
        None,
    );
    assert_eq!(
        (list[0].id.as_str(), list[0].name.as_str()),
        ("+33 6 12 34", "-")
    );
}

#[test]
fn many_problems_are_told_briefly() {
    let text = "id\n".to_owned() + &"a\n".repeat(50);
    let told = VoterList::parse(text.as_bytes(), None)
        .unwrap_err()
        .to_string();
    assert_eq!(told.lines().count(), 22);
    assert!(told.starts_with("the voter list has 49 problems:"));
    assert!(told.ends_with("and 29 more"));
}
