//! `trustee init`: draws the seed, shows the 24 words once, writes the encrypted key and the card.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use age::secrecy::SecretString;
use getrandom::SysRng;
use protocol::key_ceremony::TrusteeSeed;
use zeroize::Zeroizing;

use super::Refused;
use crate::error::Error;
use crate::keystore::{Home, TrusteeCard, WORK_FACTOR, write_new};
use crate::screen::Screen;
use crate::words::{N_WORDS, Words};

/// Where the words go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordsOutput {
    /// Onto the terminal; three of them are asked back.
    Terminal,
    /// Into a new file of mode 0600.
    File(PathBuf),
    /// Onto the standard output, nothing asked back.
    Stdout,
}

/// Makes a trustee's key.
///
/// # Errors
/// [`Error`]; the key file is written last, so on error there is none.
pub fn run(
    home: &Home,
    name: &str,
    passphrase: &SecretString,
    words_output: &WordsOutput,
    work_factor: u8,
    screen: &mut dyn Screen,
) -> Result<TrusteeCard, Error> {
    home.expect_no_key()?;
    let seed = TrusteeSeed::draw(&mut SysRng)?;
    let words = Words::of_seed(&seed)?;
    match words_output {
        WordsOutput::File(path) => {
            write_new(path, format!("{}\n", words.expose()).as_bytes()).map_err(|source| {
                Error::File {
                    path: path.clone(),
                    source,
                }
            })?;
            screen.say(&format!(
                "✓ The 24 words are in {}. Move them to paper, then delete the file.",
                path.display()
            ));
        }
        WordsOutput::Stdout => print_line(&words.expose().to_owned().into()),
        WordsOutput::Terminal => show_and_ask(&words, screen)?,
    }
    let (card, path) = home.create(name, &seed, passphrase, work_factor)?;
    say_written(home, &card, &path, work_factor, screen);
    Ok(card)
}

/// Says what was written, and what to do with it.
pub(super) fn say_written(
    home: &Home,
    card: &TrusteeCard,
    card_path: &std::path::Path,
    work_factor: u8,
    screen: &mut dyn Screen,
) {
    if work_factor < WORK_FACTOR {
        screen.say(&format!(
            "! The key file is weakly protected (scrypt work factor {work_factor}): for tests only."
        ));
    }
    screen.say(&format!(
        "✓ Key file written: {} (encrypted with your passphrase, only you can read it)",
        home.key_path().display()
    ));
    screen.say(&format!(
        "✓ Card for the organiser: {}",
        card_path.display()
    ));
    screen.say(&format!("  name  {}", card.name));
    screen.say(&format!("  key   {}", card.key));
}

/// Prints a line that holds a secret, past every screen that could keep it.
fn print_line(line: &Zeroizing<String>) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{}", line.as_str());
    let _ = out.flush();
}

fn show_and_ask(words: &Words, screen: &mut dyn Screen) -> Result<(), Error> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Error::NoTerminal(
            "There is no terminal to show the 24 words on. Give --words-file FILE or --words-to-stdout.",
        ));
    }
    screen.say("");
    screen.say("Write these 24 words on paper. With them and the board you can restore");
    screen.say("everything on another computer. Anyone who has them is you.");
    screen.say("");
    for row in 1..=N_WORDS / 4 {
        let columns = (row..=N_WORDS).step_by(N_WORDS / 4);
        let mut line = Zeroizing::new(String::with_capacity(80));
        for number in columns {
            let word = words.word(number).unwrap_or_default();
            line.push_str(&format!("  {number:2} {word:<10}"));
        }
        print_line(&line);
    }
    screen.say("");
    for number in asked()? {
        print_question(&format!("To be sure, type word {number}: "));
        let mut typed = Zeroizing::new(String::with_capacity(32));
        let read = std::io::stdin().lock().read_line(&mut typed);
        if read.is_err() || Some(typed.trim().to_lowercase().as_str()) != words.word(number) {
            return Err(Refused::WordsNotConfirmed.into());
        }
    }
    Ok(())
}

fn print_question(question: &str) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{question}");
    let _ = out.flush();
}

/// Three different numbers of words, each third of the paper once.
fn asked() -> Result<[usize; 3], Error> {
    let mut bytes = [0u8; 3];
    getrandom::fill(&mut bytes).map_err(|_| protocol::transcript::RandomnessError)?;
    let third = N_WORDS / 3;
    let mut first = 1;
    Ok(bytes.map(|byte| {
        let number = first + usize::from(byte) % third;
        first += third;
        number
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_different_words_are_asked() {
        for _ in 0..100 {
            let [a, b, c] = asked().unwrap();
            assert!((1..=8).contains(&a) && (9..=16).contains(&b) && (17..=24).contains(&c));
        }
    }
}
