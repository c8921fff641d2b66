//! What the totals of a contest are called: one label for each position, in order.
//!
//! Spec: docs/spec/manifest.md, "Positions".

use protocol::manifest::{Contest, ContestKind, ElectionManifest, NumberRules, Text};

const BLANK: &str = "(blank)";

/// One label for each position of a contest.
pub fn labels(manifest: &ElectionManifest, contest: &Contest) -> Vec<String> {
    let text = |text: &Text| text.get(&manifest.language).unwrap_or_default().to_owned();
    let blank = || contest.blank.then(|| BLANK.to_owned());
    let options = || contest.options.iter().map(|option| text(&option.label));
    match &contest.kind {
        ContestKind::Choices | ContestKind::Points => options().chain(blank()).collect(),
        ContestKind::Matrix { rows } => {
            let row = |row: &Text| {
                let row = text(row);
                let cells = options().chain(blank());
                let cells: Vec<String> = cells.map(|cell| format!("{row} / {cell}")).collect();
                cells
            };
            rows.iter().flat_map(|of| row(&of.label)).collect()
        }
        ContestKind::Number(rules) => {
            let square = rules.spread.then(|| "(sum of squares)".to_owned());
            std::iter::once("(sum of values)".to_owned())
                .chain(blank())
                .chain(square)
                .chain(buckets(rules))
                .collect()
        }
        ContestKind::Product { .. } => vec!["(sum of products)".to_owned()],
        ContestKind::Table { of: [c, d], .. } => {
            let (rows, columns) = (categories(manifest, *c), categories(manifest, *d));
            let row = |row: &String| {
                let cells = columns.iter().map(|column| format!("{row} / {column}"));
                cells.collect::<Vec<_>>()
            };
            rows.iter().flat_map(row).collect()
        }
    }
}

/// The labels of a contest's categories: options or buckets, then the blank.
fn categories(manifest: &ElectionManifest, contest: usize) -> Vec<String> {
    let Some(contest) = manifest.contests.get(contest) else {
        return Vec::new();
    };
    match contest.number() {
        Some(rules) => {
            let blank = contest.blank.then(|| BLANK.to_owned());
            buckets(rules).chain(blank).collect()
        }
        None => labels(manifest, contest),
    }
}

fn buckets(rules: &NumberRules) -> impl Iterator<Item = String> {
    let number = |value: i64| decimal(value, rules.decimals);
    let ends = rules.buckets.iter().skip(1).map(|next| next - 1);
    let buckets = rules.buckets.iter().zip(ends.chain([rules.hi]));
    buckets.map(move |(first, last)| format!("{} to {}", number(*first), number(last)))
}

/// An integer divided by 10 to the power of `decimals`.
fn decimal(value: i64, decimals: u8) -> String {
    let digits = usize::from(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", value.unsigned_abs(), width = digits + 1);
    match text.split_at_checked(text.len() - digits) {
        Some((whole, part)) if digits > 0 => format!("{sign}{whole}.{part}"),
        _ => format!("{sign}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_keep_their_zeros_and_their_sign() {
        let all = [(0, 0), (-7, 0), (5, 1), (-5, 2), (1234, 2), (-100, 2)];
        let texts = all.map(|(value, decimals)| decimal(value, decimals));
        assert_eq!(texts, ["0", "-7", "0.5", "-0.05", "12.34", "-1.00"]);
    }
}
