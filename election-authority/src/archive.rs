//! A record in one archive file: a POSIX ustar of which every byte is fixed.
//!
//! Spec: docs/spec/board.md, "Record".

use std::io::{self, Write};

const BLOCK: usize = 512;

/// Why a file has no place in an archive.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[error("{path:?} cannot be put into an archive: its path or content is too long")]
pub struct HeaderError {
    /// The path.
    pub path: String,
}

/// Writes an archive of these files, by path in the ascending order of its bytes.
///
/// # Errors
/// [`io::Error`] if `out` fails or a path has more than 100 bytes.
pub fn write(mut files: Vec<(String, Vec<u8>)>, out: &mut impl Write) -> io::Result<()> {
    files.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
    for (path, content) in &files {
        out.write_all(&header(path, content.len()).map_err(io::Error::other)?)?;
        out.write_all(content)?;
        let padding = content.len().next_multiple_of(BLOCK) - content.len();
        out.write_all([0; BLOCK].split_at(padding).0)?;
    }
    out.write_all(&[0; 2 * BLOCK])
}

/// The one header that a file of this path and size has. Numeric fields end in NUL.
fn header(path: &str, size: usize) -> Result<[u8; BLOCK], HeaderError> {
    if path.len() > 100 || size as u64 >= 1 << 33 {
        return Err(HeaderError {
            path: path.to_owned(),
        });
    }
    let fields = |checksum: &[u8]| {
        let mut block = Vec::with_capacity(BLOCK);
        for (width, content) in [
            (100, path.as_bytes()),
            (8, b"0000644"),
            (8, b"0000000"),
            (8, b"0000000"),
            (12, format!("{size:011o}").as_bytes()),
            (12, b"00000000000"),
            (8, checksum),
            (1, b"0"),
            (100, b""),
            (6, b"ustar"),
            (2, b"00"),
            // User, group and device names, prefix and padding: all zero.
            (BLOCK - 265, b""),
        ] {
            block.extend_from_slice(content);
            block.resize(block.len() + width - content.len(), 0);
        }
        block
    };
    // The sum is taken with spaces in its own place.
    let sum: u32 = fields(b"        ")
        .iter()
        .map(|byte| u32::from(*byte))
        .sum();
    let block = fields(format!("{sum:06o}\0 ").as_bytes());
    block.try_into().map_err(|_| HeaderError {
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let files = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.to_vec()));
        let mut out = Vec::new();
        write(files.collect(), &mut out).unwrap();
        out
    }

    /// Reads an archive as docs/spec/board.md lays every byte out, written apart from the code
    /// above; anything else is an error.
    fn read(mut bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        loop {
            if bytes == [0; 1024] {
                return Ok(files);
            }
            let (header, rest) = bytes.split_at_checked(512).ok_or("short header")?;
            let name_length = header[..100].iter().position(|b| *b == 0).unwrap_or(100);
            let name = std::str::from_utf8(&header[..name_length]).map_err(|e| e.to_string())?;
            let size = std::str::from_utf8(&header[124..135]).map_err(|e| e.to_string())?;
            let size = usize::from_str_radix(size, 8).map_err(|e| e.to_string())?;
            let mut expected = [0; 512];
            let octal_size = format!("{size:011o}\0");
            for (at, text) in [
                (0, name),
                (100, "0000644\0"),
                (108, "0000000\0"),
                (116, "0000000\0"),
                (124, &octal_size),
                (136, "00000000000\0"),
                (148, "        "),
                (156, "0"),
                (257, "ustar\0"),
                (263, "00"),
            ] {
                expected[at..at + text.len()].copy_from_slice(text.as_bytes());
            }
            let sum: u32 = expected.iter().map(|b| u32::from(*b)).sum();
            expected[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            if header != expected {
                return Err(format!("header of {name}"));
            }
            let (content, rest) = rest.split_at_checked(size).ok_or("short content")?;
            let padding = size.next_multiple_of(512) - size;
            let (zeros, rest) = rest.split_at_checked(padding).ok_or("short padding")?;
            if zeros.iter().any(|b| *b != 0) {
                return Err(format!("padding of {name}"));
            }
            if files
                .last()
                .is_some_and(|(last, _)| last.as_bytes() >= name.as_bytes())
            {
                return Err(format!("order of {name}"));
            }
            files.push((name.to_owned(), content.to_vec()));
            bytes = rest;
        }
    }

    #[test]
    fn a_strict_reader_finds_every_file_in_order() {
        let long = "x".repeat(100);
        let bytes = archive(&[
            ("tile/entries/000.p/1", &[1; 512]),
            ("tile/0/000.p/1", &[7; 32]),
            (&long, &[3; 513]),
            ("checkpoint", b"note\n"),
            ("tile/0/000", b""),
        ]);
        let files = read(&bytes).unwrap();
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "checkpoint",
                "tile/0/000",
                "tile/0/000.p/1",
                "tile/entries/000.p/1",
                &long
            ]
        );
        assert_eq!(files[0].1, b"note\n");
        assert_eq!(files[4].1, [3; 513]);
        assert_eq!(bytes.len() % 512, 0);
        assert_eq!(read(&archive(&[])).unwrap(), []);
    }

    /// The header that Python's tarfile writes for this file in its USTAR_FORMAT.
    #[test]
    fn the_first_header_is_that_of_another_program() {
        let bytes = archive(&[("checkpoint", b"note\n")]);
        let mut expected = b"checkpoint".to_vec();
        expected.resize(100, 0);
        expected.extend(b"0000644\x000000000\x000000000\x0000000000005\x0000000000000\x00");
        expected.extend(b"010012\x00 0");
        expected.resize(257, 0);
        expected.extend(b"ustar\x0000");
        expected.resize(512, 0);
        expected.extend(b"note\n");
        expected.resize(512 + 512 + 1024, 0);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_path_too_long_is_refused() {
        let files = vec![("x".repeat(101), Vec::new())];
        assert!(write(files, &mut Vec::new()).is_err());
    }
}
