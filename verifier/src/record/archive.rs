//! A record in one archive file: a POSIX ustar of which every byte is fixed
//! (docs/spec/board.md, "Record").

use super::{MAX_FILES, Record, RecordError, within};
use std::{
    collections::BTreeMap,
    io::{self, Read, Seek, SeekFrom},
    sync::Mutex,
};

const BLOCK: u64 = 512;

/// An archive, opened; contents are read when asked for.
#[derive(Debug)]
pub struct ArchiveRecord<F> {
    file: Mutex<F>,
    files: BTreeMap<String, u64>,
    offsets: BTreeMap<String, u64>,
    defects: Vec<String>,
}

impl<F: Read + Seek> ArchiveRecord<F> {
    /// Reads all headers. Headers that differ from the one form they may have are defects;
    /// reading goes on as long as the next header can be found.
    ///
    /// # Errors
    /// [`RecordError::Read`] if the operating system refuses.
    pub fn open(mut file: F) -> Result<Self, RecordError> {
        let mut archive = Contents::default();
        archive
            .scan(&mut file)
            .map_err(|source| RecordError::Read {
                path: "the archive".to_owned(),
                source,
            })?;
        Ok(Self {
            file: Mutex::new(file),
            files: archive.files,
            offsets: archive.offsets,
            defects: archive.defects,
        })
    }
}

#[derive(Default)]
struct Contents {
    files: BTreeMap<String, u64>,
    offsets: BTreeMap<String, u64>,
    defects: Vec<String>,
}

impl Contents {
    fn scan<F: Read + Seek>(&mut self, file: &mut F) -> io::Result<()> {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut position = 0;
        let mut last: Option<String> = None;
        loop {
            if length - position < BLOCK {
                self.defect("the archive ends within a header".to_owned());
                return Ok(());
            }
            let mut block = [0; BLOCK as usize];
            file.read_exact(&mut block)?;
            position += BLOCK;
            if block == [0; BLOCK as usize] {
                return self.end(file, length - position);
            }
            let Some((path, size)) = name_and_size(&block) else {
                self.defect(format!(
                    "the header at byte {} is malformed",
                    position - BLOCK
                ));
                return Ok(());
            };
            if header(&path, size) != Some(block) {
                self.defect(format!("the header of `{path}` is not the one of a record"));
            }
            if last.as_ref().is_some_and(|last| *last >= path) {
                self.defect(format!("`{path}` is not in ascending order of path"));
            }
            let padding = size.next_multiple_of(BLOCK) - size;
            if size + padding > length - position || self.files.len() >= MAX_FILES {
                self.defect(format!("the archive ends within `{path}`"));
                return Ok(());
            }
            file.seek(SeekFrom::Start(position + size))?;
            let mut zeros = Vec::new();
            file.take(padding).read_to_end(&mut zeros)?;
            if zeros.iter().any(|byte| *byte != 0) {
                self.defect(format!("`{path}` is not padded with zeros"));
            }
            // A second file of the same path is not in order; the first one stays.
            self.offsets.entry(path.clone()).or_insert(position);
            self.files.entry(path.clone()).or_insert(size);
            position += size + padding;
            last = Some(path);
        }
    }

    /// After the first zero block: one more, and nothing after it.
    fn end<F: Read>(&mut self, file: &mut F, left: u64) -> io::Result<()> {
        let mut rest = Vec::new();
        file.take(BLOCK + 1).read_to_end(&mut rest)?;
        if left != BLOCK || rest.iter().any(|byte| *byte != 0) {
            self.defect("the archive does not end with exactly two zero blocks".to_owned());
        }
        Ok(())
    }

    fn defect(&mut self, defect: String) {
        if self.defects.len() < MAX_FILES {
            self.defects.push(defect);
        }
    }
}

/// Reads what is needed to go on to the next header.
fn name_and_size(block: &[u8; BLOCK as usize]) -> Option<(String, u64)> {
    let name = block.get(..100)?;
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(100);
    let name = std::str::from_utf8(name.get(..end)?).ok()?;
    let size = std::str::from_utf8(block.get(124..135)?).ok()?;
    let octal = size.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let size = u64::from_str_radix(size, 8).ok().filter(|_| octal)?;
    (!name.is_empty()).then(|| (name.to_owned(), size))
}

/// The header that a file of this path and size must have, if it can have one.
#[must_use]
pub fn header(path: &str, size: u64) -> Option<[u8; BLOCK as usize]> {
    let mut block = [0; BLOCK as usize];
    let mut put = |at: usize, bytes: &[u8]| {
        for (to, from) in block.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
    };
    if path.len() > 100 || size >= 1 << 33 {
        return None;
    }
    put(0, path.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    // The checksum is taken with spaces in its own place.
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\0");
    put(263, b"00");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in block
        .iter_mut()
        .skip(148)
        .zip(format!("{sum:06o}\0 ").bytes())
    {
        *to = from;
    }
    Some(block)
}

impl<F: Read + Seek + Send> Record for ArchiveRecord<F> {
    fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    fn defects(&self) -> &[String] {
        &self.defects
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, RecordError> {
        let size = within(self, path, limit)?;
        let offset = self.offsets.get(path).copied().unwrap_or_default();
        let failed = |source| RecordError::Read {
            path: path.to_owned(),
            source,
        };
        let mut file = self
            .file
            .lock()
            .map_err(|_| failed(io::Error::other("another thread failed while reading")))?;
        let mut content = Vec::new();
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        file.by_ref()
            .take(size)
            .read_to_end(&mut content)
            .map_err(failed)?;
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        for (path, content) in [("checkpoint", &b"note\n"[..]), ("tile/0/000.p/1", &[7; 32])] {
            bytes.extend(header(path, content.len() as u64).unwrap());
            bytes.extend(content);
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
        bytes.extend([0; 1_024]);
        bytes
    }

    fn open(bytes: &[u8]) -> ArchiveRecord<Cursor<Vec<u8>>> {
        ArchiveRecord::open(Cursor::new(bytes.to_vec())).unwrap()
    }

    #[test]
    fn an_archive_gives_its_files() {
        let archive = open(&sample());
        assert!(archive.defects().is_empty());
        assert_eq!(archive.read("checkpoint", 5).unwrap(), b"note\n");
        assert_eq!(archive.read("tile/0/000.p/1", 32).unwrap(), [7; 32]);
        assert!(archive.read("checkpoint", 4).is_err());
        assert!(archive.read("other", 4).is_err());
    }

    #[test]
    fn every_byte_outside_contents_is_fixed() {
        let good = sample();
        let contents = [512..517, 1_536..1_568];
        for at in 0..good.len() {
            if contents.iter().any(|range| range.contains(&at)) {
                continue;
            }
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            assert!(!open(&bytes).defects().is_empty(), "byte {at}");
        }
    }

    #[test]
    fn missing_and_extra_bytes_are_defects() {
        let good = sample();
        for length in 0..good.len() {
            assert!(
                !open(&good[..length]).defects().is_empty(),
                "length {length}"
            );
        }
        let mut longer = good.clone();
        longer.push(0);
        assert!(!open(&longer).defects().is_empty());
        longer.extend([0; 511]);
        assert!(!open(&longer).defects().is_empty());
    }

    #[test]
    fn files_out_of_order_or_twice_are_defects() {
        let good = sample();
        let swapped = [&good[1_024..2_048], &good[..1_024], &good[2_048..]].concat();
        assert!(!open(&swapped).defects().is_empty());
        let twice = [&good[..1_024], &good[..1_024], &good[2_048..]].concat();
        assert!(!open(&twice).defects().is_empty());
    }

    #[test]
    fn a_size_beyond_the_archive_is_a_defect() {
        let mut bytes = header("checkpoint", (1 << 33) - 1).unwrap().to_vec();
        bytes.extend([0; 1_024]);
        let archive = open(&bytes);
        assert_eq!(archive.defects().len(), 1);
        assert!(archive.files().is_empty());
    }
}
