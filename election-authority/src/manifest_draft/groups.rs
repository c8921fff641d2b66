//! A question that a draft names once for several groups becomes a contest for each of them.
//!
//! Spec: docs/spec/manifest.md, "Groups".

use super::contest::{DraftContest, Groups};
use super::{DraftError, DraftStyle, ManifestDraft};

impl ManifestDraft {
    /// Writes the contests of every group, and the styles where the draft has none.
    pub(super) fn write_out_groups(&mut self) -> Result<(), DraftError> {
        let contests = std::mem::take(&mut self.contests);
        // Questions that were named once, with their groups.
        let mut questions: Vec<(String, Vec<String>)> = Vec::new();
        for mut contest in contests {
            let Some(groups) = contest.groups.take() else {
                if let Some(of) = asked_of_groups(&contest, &questions) {
                    return Err(wrong(
                        &contest.id,
                        format!(
                            "is of {of:?}, which is asked of groups; give it the same \"groups\", or name the contest of one group"
                        ),
                    ));
                }
                self.contests.push(contest);
                continue;
            };
            let groups = self.named(&contest, groups)?;
            let copies = groups
                .iter()
                .map(|group| of_group(&contest, group, &questions));
            let copies: Vec<DraftContest> = copies.collect::<Result<_, _>>()?;
            self.contests.extend(copies);
            questions.push((contest.id, groups));
        }
        self.name_contests_in_styles(&questions)?;
        if self.styles.is_empty() {
            self.write_styles();
        }
        Ok(())
    }

    /// The ids of the groups that a contest names.
    fn named(&self, contest: &DraftContest, groups: Groups) -> Result<Vec<String>, DraftError> {
        if contest.question.is_some() || contest.group.is_some() {
            return Err(wrong(
                &contest.id,
                "has \"groups\" beside \"question\" or \"group\"; leave those out".to_owned(),
            ));
        }
        let known = || self.groups.iter().map(|group| group.id.clone());
        let named = match groups {
            Groups::All(_) => known().collect(),
            Groups::Some(named) => named,
        };
        if named.is_empty() {
            let reason = "is for no group; name the groups of the manifest in \"groups\"";
            return Err(wrong(&contest.id, reason.to_owned()));
        }
        match named.iter().find(|id| !known().any(|known| known == **id)) {
            None => Ok(named),
            Some(id) => Err(wrong(
                &contest.id,
                format!("is for the group {id:?}, which is not among the draft's \"groups\""),
            )),
        }
    }

    /// In the style of a group, the id of a question means this group's contest.
    fn name_contests_in_styles(
        &mut self,
        questions: &[(String, Vec<String>)],
    ) -> Result<(), DraftError> {
        for style in &mut self.styles {
            for id in &mut style.contests {
                let Some((_, groups)) = questions.iter().find(|(question, _)| question == id)
                else {
                    continue;
                };
                if !groups.contains(&style.id) {
                    let first = groups.first().map(String::as_str).unwrap_or_default();
                    return Err(wrong(
                        id,
                        format!(
                            "is asked of groups, so the style {:?} must name the contest of one of them, such as {:?}",
                            style.id,
                            contest_id(id, first)
                        ),
                    ));
                }
                *id = contest_id(id, &style.id);
            }
        }
        Ok(())
    }

    /// A style for each group that has contests; one with all contests where there is none.
    fn write_styles(&mut self) {
        let asked = |group: &str| {
            let mut own = self.contests.iter();
            own.any(|contest| contest.group.as_deref() == Some(group))
        };
        let groups = self.groups.iter().map(|group| group.id.as_str());
        let groups: Vec<&str> = groups.filter(|group| asked(group)).collect();
        let style = |id: &str, group: Option<&str>| DraftStyle {
            id: id.to_owned(),
            contests: (self.contests.iter())
                .filter(|contest| {
                    group.is_none() || contest.group.is_none() || contest.group.as_deref() == group
                })
                .map(|contest| contest.id.clone())
                .collect(),
        };
        let styles = match groups.as_slice() {
            [] => vec![style("all", None)],
            some => some.iter().map(|group| style(group, Some(group))).collect(),
        };
        self.styles = styles;
    }
}

fn wrong(contest: &str, reason: String) -> DraftError {
    DraftError::Question {
        contest: contest.to_owned(),
        reason,
    }
}

fn contest_id(question: &str, group: &str) -> String {
    format!("{question}-{group}")
}

/// The first question asked of groups that a contest without groups is derived from.
fn asked_of_groups(contest: &DraftContest, questions: &[(String, Vec<String>)]) -> Option<String> {
    let mut of = contest.of.iter().flatten();
    of.find(|id| questions.iter().any(|(question, _)| question == *id))
        .cloned()
}

/// The contest of one group.
fn of_group(
    contest: &DraftContest,
    group: &str,
    questions: &[(String, Vec<String>)],
) -> Result<DraftContest, DraftError> {
    let of = contest.of.as_ref().map(|of| {
        let own = of.iter().map(|id| {
            let question = questions.iter().find(|(question, _)| question == id);
            match question {
                Some((_, groups)) if groups.iter().any(|one| one == group) => {
                    Ok(contest_id(id, group))
                }
                _ => Err(wrong(
                    &contest.id,
                    format!("is of {id:?}, which stands before it and is asked of the group {group:?} only if its own \"groups\" say so; a product or table with groups is of two questions with these groups"),
                )),
            }
        });
        own.collect::<Result<Vec<_>, _>>()
    });
    Ok(DraftContest {
        id: contest_id(&contest.id, group),
        question: Some(contest.id.clone()),
        group: Some(group.to_owned()),
        of: of.transpose()?,
        ..contest.clone()
    })
}
