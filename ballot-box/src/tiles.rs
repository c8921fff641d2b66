//! Tiles and entry bundles: how they are named, and which of them a log has.
//!
//! Spec: docs/spec/board.md, "Log" (C2SP tlog-tiles).

/// How many hashes or entries a full tile or bundle has: tile height 8.
pub const TILE_WIDTH: u64 = 256;

/// Which tile or entry bundle is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TilePath {
    /// The level of a hash tile; `None` for an entry bundle.
    pub level: Option<u8>,
    /// Number of the tile in its level, from 0.
    pub index: u64,
    /// 1 to 255 for a partial tile, 256 for a full one.
    pub width: u64,
}

impl TilePath {
    /// Reads the segments after `/tile/`: `<level>/<index>[.p/<width>]` with the index in groups of
    /// three digits, all but the last marked with `x`. Exactly one spelling is read.
    pub fn parse<'a>(segments: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut segments = segments.into_iter();
        let level = match segments.next()? {
            "entries" => None,
            level => Some(u8::try_from(decimal(level, 63)?).ok()?),
        };
        let mut index: u64 = 0;
        loop {
            let segment = segments.next()?;
            if let Some(group) = segment.strip_prefix('x') {
                index = index.checked_mul(1000)?.checked_add(three_digits(group)?)?;
                // A leading group of zeros would be a second spelling.
                if index == 0 {
                    return None;
                }
                continue;
            }
            let (group, partial) = match segment.strip_suffix(".p") {
                Some(group) => (group, true),
                None => (segment, false),
            };
            index = index.checked_mul(1000)?.checked_add(three_digits(group)?)?;
            let width = match partial {
                true => decimal(segments.next()?, TILE_WIDTH - 1).filter(|width| *width > 0)?,
                false => TILE_WIDTH,
            };
            // No log has so many entries that this fails.
            index.checked_mul(TILE_WIDTH)?.checked_add(TILE_WIDTH)?;
            return segments.next().is_none().then_some(Self {
                level,
                index,
                width,
            });
        }
    }

    /// First hash or entry, counted in its level.
    pub fn start(&self) -> u64 {
        self.index * TILE_WIDTH
    }

    /// One after the last hash or entry.
    pub fn end(&self) -> u64 {
        self.start() + self.width
    }

    /// The full tile in this one's place.
    pub fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// Whether nothing can be added to it any more.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }
}

impl std::fmt::Display for TilePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// Every bundle and tile that a log of `to` entries has and one of `from` entries had not, or had
/// with fewer hashes or entries.
pub fn grown(from: u64, to: u64) -> Vec<TilePath> {
    let mut paths = Vec::new();
    let mut add = |level, from: u64, to: u64| {
        let indices = from / TILE_WIDTH..to.div_ceil(TILE_WIDTH);
        paths.extend(indices.filter(|_| from < to).map(|index| TilePath {
            level,
            index,
            width: TILE_WIDTH.min(to - index * TILE_WIDTH),
        }));
    };
    add(None, from, to);
    for level in 0..8 {
        add(Some(level), from >> (8 * level), to >> (8 * level));
    }
    paths
}

fn three_digits(group: &str) -> Option<u64> {
    (group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| group.parse().ok())?
}

fn decimal(text: &str, most: u64) -> Option<u64> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain
        .then(|| text.parse().ok())?
        .filter(|value| *value <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_grows_has_new_tiles_and_wider_ones() {
        let names = |from, to| {
            let paths = grown(from, to);
            paths.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(7, 7), Vec::<String>::new());
        assert_eq!(names(0, 1), ["tile/entries/000.p/1", "tile/0/000.p/1"]);
        assert_eq!(
            names(255, 257),
            [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1",
            ]
        );
        assert_eq!(
            names(256, 512),
            ["tile/entries/001", "tile/0/001", "tile/1/000.p/2"]
        );
        assert_eq!(
            names(65_535, 65_536),
            [
                "tile/entries/255",
                "tile/0/255",
                "tile/1/000",
                "tile/2/000.p/1"
            ]
        );
        // Step by step nothing is left out.
        let steps = [names(0, 300), names(300, 70_000)].concat();
        for name in names(0, 70_000) {
            assert!(steps.contains(&name), "{name}");
        }
    }

    #[test]
    fn paths_have_one_spelling() {
        let parse = |path: &str| TilePath::parse(path.split('/'));
        assert_eq!(
            parse("0/x001/x234/067"),
            Some(TilePath {
                level: Some(0),
                index: 1_234_067,
                width: 256
            })
        );
        assert_eq!(
            parse("entries/x001/000.p/255"),
            Some(TilePath {
                level: None,
                index: 1000,
                width: 255
            })
        );
        for bad in [
            "",
            "0",
            "0/",
            "0/1",
            "0/0000",
            "0/x000/001",
            "0/x001",
            "0/001.p",
            "0/001.p/",
            "0/001.p/0",
            "0/001.p/256",
            "0/001.p/01",
            "0/001/5",
            "0/001.p/5/6",
            "00/001",
            "64/001",
            "-1/001",
            "+1/001",
            "entries/../001",
            "0/x1a/001",
            "0/001.P/1",
            "0/x999/x999/x999/x999/x999/x999/999",
            "0/٠٠١",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
