//! Whether the corpus of forgeries notices when the verifier forgets a check.
//!
//! A copy of the source is patched, once, so that a variable of the environment takes one thing
//! out of the verifier while it runs: a check, a condition of the order of entries, or one place
//! where a check reports. The corpus's test is built once and run with each of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command::{ChoreError, cargo, output, run, target_folder, workspace_root};

/// Names what is taken out.
const SWITCH: &str = "PSEPHOS_MUTANT";

/// The tests that must notice.
const TESTS: &str = "forgeries::every_forgery_is_rejected";

/// Places that no record of the corpus reaches, by a part of their line, and why.
const OUT_OF_REACH: [(&str, &str); 6] = [
    (
        "findings.fail(CheckId::BoardNote, None, reason)",
        "the check is then \"not checked\", which rejects as well",
    ),
    (
        "findings.fail(check, Some(0), reason)",
        "as above, for the two checks of a manifest that cannot be read",
    ),
    (
        "the roll has more than 2^31 voters",
        "the record would have 200 GB",
    ),
    (
        "CeremonyOver",
        "a thousand attempts; a test of the verifier has them",
    ),
    (
        "CheckId::SealShares, *entry",
        "entries before the seal are missing, which other checks say",
    ),
    (
        "refused_by(&error), Some(entry.entry)",
        "the second fold has refused such shares",
    ),
];

/// One thing to take out.
struct Mutant {
    /// The value of the switch.
    name: String,
    /// Where or what it is.
    what: String,
}

/// Builds the patched copy and tries every mutant, or those that a part of their description names.
pub fn mutate(part: &str) -> Result<(), ChoreError> {
    let copy = target_folder()?.join("mutants");
    let source = read(&workspace_root().join("verifier/src/report/check_id.rs"))?;
    copy_source(&copy)?;
    let mut mutants: Vec<Mutant> = source
        .lines()
        .filter_map(|line| line.split('"').nth(1).filter(|id| id.contains('.')))
        .filter(|id| !id.contains(' '))
        .map(|id| Mutant {
            name: id.to_owned(),
            what: format!("check {id}"),
        })
        .collect();
    mutants.extend(patch_order(&copy)?);
    mutants.extend(patch_sites(&copy)?);
    patch_report(&copy)?;
    mutants.retain(|mutant| mutant.what.contains(part));

    let test = build(&copy)?;
    run(&mut test.command(&copy))?;
    let mut survivors = Vec::new();
    for (number, mutant) in mutants.iter().enumerate() {
        let survived = test
            .command(&copy)
            .env(SWITCH, &mutant.name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        let verdict = if survived { "SURVIVED" } else { "noticed" };
        println!(
            "{:3}/{} {verdict:8} {}",
            number + 1,
            mutants.len(),
            mutant.what
        );
        let expected = OUT_OF_REACH
            .iter()
            .find(|(part, _)| mutant.what.contains(part));
        match (survived, expected) {
            (true, Some((_, why))) => println!("             out of reach: {why}"),
            (true, None) => survivors.push(mutant),
            (false, _) => {}
        }
    }
    println!(
        "\n{} mutants, {} unexpected survivors",
        mutants.len(),
        survivors.len()
    );
    if survivors.is_empty() {
        return Ok(());
    }
    Err(ChoreError::Survivors {
        what: survivors.iter().map(|mutant| mutant.what.clone()).collect(),
    })
}

/// The built test of the copy.
struct Test(PathBuf);

impl Test {
    fn command(&self, copy: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command.arg(TESTS).current_dir(copy.join("verifier"));
        command
    }
}

/// Builds the test of the copy, and finds it where cargo says that it is.
fn build(copy: &Path) -> Result<Test, ChoreError> {
    let mut command = cargo(["test", "--locked", "--release", "--workspace", "--no-run"])?;
    command.current_dir(copy).args(["--test", "records"]);
    let said = command
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .map_err(|source| failed(copy, source))?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    said.lines()
        .filter_map(|line| line.trim().strip_prefix("Executable "))
        .filter_map(|line| line.split_once('(')?.1.strip_suffix(')'))
        .map(|path| Test(copy.join(path)))
        .next()
        .ok_or_else(|| {
            let what = std::io::Error::other(format!("the tests do not build:\n{said}"));
            failed(copy, what)
        })
}

/// Copies all files that are under version control.
fn copy_source(copy: &Path) -> Result<(), ChoreError> {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached"])
        .current_dir(workspace_root());
    let Some(files) = output(&mut list) else {
        return run(&mut list);
    };
    for file in files.lines() {
        let from = workspace_root().join(file);
        let to = copy.join(file);
        if let (true, Some(folder)) = (from.is_file(), to.parent()) {
            fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
            fs::copy(&from, &to).map_err(|source| failed(&from, source))?;
        }
    }
    Ok(())
}

/// Lets a check pass, and a place report nothing, where the switch names it.
fn patch_report(copy: &Path) -> Result<(), ChoreError> {
    let path = copy.join("verifier/src/report.rs");
    let mut text = read(&path)?;
    for (from, to) in [
        (
            "let verdict = match",
            "let verdict = if mutant(check.id()) { Verdict::Ok } else { match",
        ),
        (
            "            _ => Verdict::Failed,\n        };",
            "            _ => Verdict::Failed,\n        } };",
        ),
        (
            "    notes: Vec<String>,\n}\n\nimpl Default",
            "    notes: Vec<String>,\n    site: usize,\n}\n\nimpl Default",
        ),
        (
            "            notes: Vec::new(),\n",
            "            notes: Vec::new(),\n            site: 0,\n",
        ),
        (
            "        let Some(outcome) = self.outcome(check) else {\n            return;",
            "        let site = std::mem::take(&mut self.site);\n        if mutant(&format!(\"site {site}\")) { return; }\n        let Some(outcome) = self.outcome(check) else {\n            return;",
        ),
    ] {
        text = replaced(&path, &text, from, to)?;
    }
    text.push_str(&format!(
        "\nimpl Findings {{\n    /// Says which place speaks.\n    pub fn at(&mut self, site: usize) -> &mut Self {{\n        \
         self.site = site;\n        self\n    }}\n}}\n\n/// Whether the switch names this.\n\
         pub fn mutant(name: &str) -> bool {{\n    static NAME: std::sync::OnceLock<Option<String>> = \
         std::sync::OnceLock::new();\n    NAME.get_or_init(|| std::env::var(\"{SWITCH}\").ok()).as_deref() \
         == Some(name)\n}}\n"
    ));
    write(&path, &text)
}

/// Lets an entry in at a place where one condition forbids it.
fn patch_order(copy: &Path) -> Result<Vec<Mutant>, ChoreError> {
    let path = copy.join("verifier/src/checks/order.rs");
    let text = replaced(&path, &read(&path)?, "pub fn admit(", "fn admit_really(")?;
    let start = text.find("pub enum Misplaced").unwrap_or(0);
    let end = text.find("impl Misplaced").unwrap_or(start);
    let variants = text.get(start..end).unwrap_or_default().lines();
    let mutants = variants
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| {
            let name: String = line
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            Mutant {
                what: format!("condition Misplaced::{name}"),
                name,
            }
        })
        .collect();
    let wrapper = "\n/// Decides as the switch allows.\n///\n/// # Errors\n/// [`Misplaced`].\n\
        pub fn admit(fold: &Fold<'_>, index: u64, entry: &Entry<'_>) -> Result<(), Misplaced> {\n    \
        admit_really(fold, index, entry).or_else(|misplaced| {\n        \
        let text = format!(\"{misplaced:?}\");\n        \
        let name = text.split(['(', ' ']).next().unwrap_or_default();\n        \
        if crate::report::mutant(name) { Ok(()) } else { Err(misplaced) }\n    })\n}\n";
    write(&path, &(text + wrapper))?;
    Ok(mutants)
}

/// Numbers every place that reports.
fn patch_sites(copy: &Path) -> Result<Vec<Mutant>, ChoreError> {
    let folder = copy.join("verifier/src");
    let mut files = vec![
        folder.join("fold.rs"),
        folder.join("scan.rs"),
        folder.join("verification.rs"),
    ];
    list(&folder.join("checks"), &mut files)?;
    files.sort();
    let mut mutants = Vec::new();
    for path in files {
        let mut text = String::new();
        let name = path
            .strip_prefix(copy)
            .unwrap_or(&path)
            .display()
            .to_string();
        let mut before = String::new();
        for (number, line) in read(&path)?.lines().enumerate() {
            let mut line = line.to_owned();
            let context = std::mem::replace(&mut before, line.trim().to_owned());
            for call in ["findings.fail(", "findings.check("] {
                if line.contains(call) {
                    let site = mutants.len() + 1;
                    mutants.push(Mutant {
                        name: format!("site {site}"),
                        what: format!("{name}:{}: {context} {}", number + 1, line.trim()),
                    });
                    let at = call.replacen('.', &format!(".at({site})."), 1);
                    line = line.replacen(call, &at, 1);
                }
            }
            text.push_str(&line);
            text.push('\n');
        }
        write(&path, &text)?;
    }
    Ok(mutants)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), ChoreError> {
    let entries = fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    for entry in entries {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, ChoreError> {
    fs::read_to_string(path).map_err(|source| failed(path, source))
}

fn write(path: &Path, text: &str) -> Result<(), ChoreError> {
    fs::write(path, text).map_err(|source| failed(path, source))
}

/// Replaces what must be there once: a patch that no longer fits must not pass for a mutant.
fn replaced(path: &Path, text: &str, from: &str, to: &str) -> Result<String, ChoreError> {
    if text.matches(from).count() == 1 {
        return Ok(text.replacen(from, to, 1));
    }
    let what = std::io::Error::other(format!("`{}` is not there exactly once", from.trim()));
    Err(failed(path, what))
}

fn failed(path: &Path, source: std::io::Error) -> ChoreError {
    ChoreError::File {
        path: path.to_owned(),
        source,
    }
}
