//! Text of others, made harmless for a page.

use std::fmt::{self, Display, Formatter, Write};

/// A text that shows as it is: no markup, nothing that reorders or hides what stands beside it.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(' ')?,
                // What changes the direction of writing, ends lines or takes no room.
                '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}' => f.write_char('\u{fffd}')?,
                other if other.is_control() => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A text of the election, which may run from right to left without moving its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct Foreign<'a>(pub &'a str);

impl Display for Foreign<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "<bdi>{}</bdi>", Escaped(self.0))
    }
}

/// A time of the manifest, as people write it; any other text as it is.
#[derive(Debug, Clone, Copy)]
pub struct Instant<'a>(pub &'a str);

impl Display for Instant<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts = self.0.split_once('T').zip(self.0.strip_suffix(":00Z"));
        match parts {
            Some(((date, _), minutes)) => {
                let time = minutes.get(date.len() + 1..).unwrap_or_default();
                write!(
                    f,
                    "<span class=\"time\">{} {} UTC</span>",
                    Escaped(date),
                    Escaped(time)
                )
            }
            None => write!(f, "{}", Escaped(self.0)),
        }
    }
}

/// A number with thin spaces between thousands.
#[derive(Debug, Clone, Copy)]
pub struct Number(pub u64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_char('\u{202f}')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// A share of a whole, in tenths of a percent.
#[derive(Debug, Clone, Copy)]
pub struct Share(pub u64, pub u64);

impl Share {
    /// The share in tenths of a percent, rounded to the nearest; 0 of nothing.
    fn tenths(self) -> u128 {
        let (part, whole) = (u128::from(self.0), u128::from(self.1));
        (part * 1_000 + whole / 2).checked_div(whole).unwrap_or(0)
    }
}

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tenths = self.tenths();
        write!(f, "{}.{}%", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_directions_of_others_have_no_effect() {
        assert_eq!(
            Escaped("<script>alert('a')</script>&\"").to_string(),
            "&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;&amp;&quot;"
        );
        assert_eq!(
            Escaped("a\u{202e}b\u{2066}c\u{200b}\0\n").to_string(),
            "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd} "
        );
        assert_eq!(Escaped("Zażółć שלום 愛").to_string(), "Zażółć שלום 愛");
    }

    #[test]
    fn times_are_written_for_people() {
        let shown = |time| Instant(time).to_string();
        assert_eq!(
            shown("2026-11-08T20:00:00Z"),
            "<span class=\"time\">2026-11-08 20:00 UTC</span>"
        );
        assert_eq!(shown("2026-11-08T20:00:07Z"), "2026-11-08T20:00:07Z");
        assert_eq!(shown("T:00Z"), "<span class=\"time\">  UTC</span>");
        assert_eq!(shown("愛T<:00Z"), "<span class=\"time\">愛 &lt; UTC</span>");
    }

    #[test]
    fn numbers_and_shares_read_well() {
        let thousands = [0, 999, 1_000, 1_234_567].map(|number| Number(number).to_string());
        assert_eq!(
            thousands,
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
        let shares = [Share(1, 3), Share(2, 3), Share(5, 5), Share(0, 0)];
        let shares = shares.map(|share| share.to_string());
        assert_eq!(shares, ["33.3%", "66.7%", "100.0%", "0.0%"]);
        assert_eq!(Share(u64::MAX, u64::MAX).to_string(), "100.0%");
    }
}
