//! What is asked, as a draft has it: the manifest's contests, and short ways to write them.

use serde::{Deserialize, Serialize};

use super::DraftText;

/// A contest. Members that its kind does not have are left out; the manifest's rules refuse them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftContest {
    /// Its id.
    pub id: String,
    /// `choices`, `points`, `matrix`, `number`, `product` or `table`.
    pub kind: String,
    /// The question that it asks of one of the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The group that it is asked of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Short for a contest for each of these groups: ids, or `"all"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// What voters read.
    pub title: DraftText,
    /// More to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<DraftText>,
    /// The two contests, or questions, that a product or table is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Vec<String>>,
    /// The rows of a matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<DraftRow>>,
    /// The options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<DraftOption>>,
    /// Least sum of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// Largest sum of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// Largest value of one option, for points only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_option: Option<u64>,
    /// Least answer of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lo: Option<i64>,
    /// Largest answer of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hi: Option<i64>,
    /// Digits after the point of a number; 0 where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u64>,
    /// What a number is counted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<DraftText>,
    /// By how much a slider moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// Whether an explicit blank answer is allowed; not where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blank: Option<bool>,
    /// Whether the sum of squares is counted; where missing, if it can ever be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<bool>,
    /// Where each bucket begins; or how many of about equal width to make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Buckets>,
    /// `fixed` or `rotated`: how booths list the options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
}

/// The groups that a question is asked of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "groups are a list of their ids, or \"all\"")]
pub enum Groups {
    /// These.
    Some(Vec<String>),
    /// `"all"`.
    All(All),
}

/// The word `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum All {
    /// All of them.
    All,
}

/// The buckets of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "buckets are a list of where each begins, or how many to make"
)]
pub enum Buckets {
    /// How many to make.
    Count(u64),
    /// Where each begins.
    Starts(Vec<i64>),
}

/// An option of a contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftOption {
    /// Its id.
    pub id: String,
    /// What voters read.
    pub label: DraftText,
    /// What it counts in the mean of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

/// A row of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRow {
    /// Its id.
    pub id: String,
    /// What voters read.
    pub label: DraftText,
}

/// A group by which results are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftGroup {
    /// Its id.
    pub id: String,
    /// What readers of the result read.
    pub title: DraftText,
}

/// The widest range of which the square of one answer can be opened.
const WIDEST_SPREAD: u64 = 1 << 24;

impl DraftContest {
    /// A question in which voters choose from `min` to `max` of the options.
    pub fn choices(
        id: String,
        title: DraftText,
        options: Vec<DraftOption>,
        (min, max): (u64, u64),
        blank: bool,
    ) -> Self {
        Self {
            options: Some(options),
            min: Some(min),
            max: Some(max),
            blank: Some(blank),
            ..Self::bare(id, "choices", title)
        }
    }

    /// A question that asks for a whole number.
    pub fn number(id: String, title: DraftText, (lo, hi): (i64, i64), blank: bool) -> Self {
        Self {
            lo: Some(lo),
            hi: Some(hi),
            blank: Some(blank),
            ..Self::bare(id, "number", title)
        }
    }

    fn bare(id: String, kind: &str, title: DraftText) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            question: None,
            group: None,
            groups: None,
            title,
            description: None,
            of: None,
            rows: None,
            options: None,
            min: None,
            max: None,
            max_per_option: None,
            lo: None,
            hi: None,
            decimals: None,
            unit: None,
            step: None,
            blank: None,
            spread: None,
            buckets: None,
            order: None,
        }
    }

    /// Fills in what a draft may leave out.
    pub(super) fn fill(&mut self) {
        let asks = !matches!(self.kind.as_str(), "product" | "table");
        if asks {
            self.blank.get_or_insert(false);
        }
        if self.kind != "number" {
            return;
        }
        self.decimals.get_or_insert(0);
        let bounds = (self.lo.unwrap_or_default(), self.hi.unwrap_or_default());
        // What is no range is left for the manifest's rules to refuse.
        let range = bounds.1.checked_sub(bounds.0);
        let range = range.and_then(|range| u64::try_from(range).ok());
        let range = range.unwrap_or_default();
        self.spread.get_or_insert(range <= WIDEST_SPREAD);
        if let Some(Buckets::Count(count)) = self.buckets {
            self.buckets = Some(Buckets::Starts(even_buckets(bounds.0, range, count)));
        }
    }

    /// Its texts.
    pub(super) fn texts(&mut self) -> Vec<&mut DraftText> {
        let mut texts = vec![&mut self.title];
        texts.extend(&mut self.description);
        texts.extend(&mut self.unit);
        let rows = self.rows.iter_mut().flatten();
        texts.extend(rows.map(|row| &mut row.label));
        let options = self.options.iter_mut().flatten();
        texts.extend(options.map(|option| &mut option.label));
        texts
    }
}

/// The beginnings of so many buckets of one width, of which the last may be narrower or wider by
/// what does not go up.
fn even_buckets(lo: i64, range: u64, count: u64) -> Vec<i64> {
    // More than a manifest takes are left for its rules to refuse.
    let count = count.min(1000);
    let width = range.div_ceil(count.max(1)).max(1);
    let starts = (0..count).map_while(|bucket| {
        let offset = bucket.checked_mul(width)?;
        lo.checked_add_unsigned(offset).filter(|_| offset <= range)
    });
    starts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_one_width_cover_the_range() {
        assert_eq!(even_buckets(0, 100, 5), [0, 20, 40, 60, 80]);
        assert_eq!(even_buckets(-10, 20, 4), [-10, -5, 0, 5]);
        assert_eq!(even_buckets(0, 3, 8), [0, 1, 2, 3]);
        assert_eq!(even_buckets(i64::MAX - 1, 10, 9), [i64::MAX - 1]);
        assert!(even_buckets(0, 10, 0).is_empty());
    }

    #[test]
    fn squares_are_counted_where_they_can_be_opened() {
        let filled = |hi| {
            let mut number = DraftContest::number("n".to_owned(), "?".into(), (-1, hi), false);
            number.fill();
            number.spread
        };
        assert_eq!(filled((1 << 24) - 1), Some(true));
        assert_eq!(filled(1 << 24), Some(false));
        assert_eq!(filled(i64::MAX), Some(true), "not a range at all");
    }
}
