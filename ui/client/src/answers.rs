//! Answers as pages hand them over: one list of numbers. They are secret, and erased after use as
//! far as Rust holds them; what a page keeps in JavaScript's memory, nobody can erase.

use protocol::ballot::Answer;

/// Numbers that are no answers. Nothing of them is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the answers are not, for each contest: blank (0 or 1), the number of values, the values")]
pub struct NoAnswers;

/// Reads answers, one per contest of the style, each as: blank (0 or 1), the number of values, the
/// values.
///
/// # Errors
/// [`NoAnswers`] if they are written in another way.
pub fn read(mut numbers: &[u32]) -> Result<Vec<Answer>, NoAnswers> {
    let mut answers = Vec::new();
    while let [blank, count, rest @ ..] = numbers {
        let count = usize::try_from(*count).map_err(|_| NoAnswers)?;
        let (values, rest) = rest.split_at_checked(count).ok_or(NoAnswers)?;
        answers.push(Answer {
            values: values.to_vec(),
            blank: match blank {
                0 => false,
                1 => true,
                _ => return Err(NoAnswers),
            },
        });
        numbers = rest;
    }
    if numbers.is_empty() {
        Ok(answers)
    } else {
        Err(NoAnswers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_the_last_number_or_not_at_all() {
        let two = read(&[0, 3, 1, 0, 7, 1, 2, 0, 0]).unwrap();
        let as_pairs: Vec<_> = two.iter().map(|a| (a.blank, a.values.as_slice())).collect();
        assert_eq!(as_pairs, [(false, [1, 0, 7].as_slice()), (true, &[0, 0])]);
        assert!(read(&[]).unwrap().is_empty());
        for bad in [&[0][..], &[2, 0], &[0, 1], &[0, 1, 5, 0], &[0, u32::MAX]] {
            assert_eq!(read(bad).err(), Some(NoAnswers), "{bad:?}");
        }
    }
}
