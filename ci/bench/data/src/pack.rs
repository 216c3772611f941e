//! A corpus in one file.
//!
//! ```text
//! pack := { path bytes: u32 · text bytes: u64 · path · text }*      little endian
//! ```
//! One file instead of 50 000: what is measured is reading text, not opening files. It is read in pieces, so that a
//! contender that needs little memory is seen to need little.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

/// Bytes of text in one piece.
pub const PIECE: usize = 64 << 10;

/// Writes a pack.
pub struct Writer {
    out: BufWriter<File>,
}

impl Writer {
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { out: BufWriter::with_capacity(1 << 20, File::create(path)?) })
    }

    pub fn add(&mut self, path: &str, text: &str) -> io::Result<()> {
        self.out.write_all(&(path.len() as u32).to_le_bytes())?;
        self.out.write_all(&(text.len() as u64).to_le_bytes())?;
        self.out.write_all(path.as_bytes())?;
        self.out.write_all(text.as_bytes())
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads a pack, a document after the other.
pub struct Reader {
    input: BufReader<File>,
    path: String,
    /// Bytes of the current document that were not read yet.
    left: u64,
    piece: Vec<u8>,
}

impl Reader {
    pub fn open(path: &Path) -> io::Result<Self> {
        let input = BufReader::with_capacity(PIECE, File::open(path)?);
        Ok(Self { input, path: String::new(), left: 0, piece: vec![0; PIECE] })
    }

    /// The path of the next document, and the bytes of its text; `None` at the end of the pack.
    pub fn next_document(&mut self) -> io::Result<Option<(&str, u64)>> {
        while self.next_piece()?.is_some() {}
        let mut head = [0; 12];
        match self.input.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let (path, text) = head.split_at(4);
        let path_len = u32::from_le_bytes(path.try_into().expect("4 bytes"));
        self.left = u64::from_le_bytes(text.try_into().expect("8 bytes"));
        let mut path = vec![0; path_len as usize];
        self.input.read_exact(&mut path)?;
        self.path = String::from_utf8(path).map_err(io::Error::other)?;
        Ok(Some((&self.path, self.left)))
    }

    /// The next piece of the document's text; `None` behind the last one.
    pub fn next_piece(&mut self) -> io::Result<Option<&[u8]>> {
        if self.left == 0 {
            return Ok(None);
        }
        let piece = &mut self.piece[..self.left.min(PIECE as u64) as usize];
        self.input.read_exact(piece)?;
        self.left -= piece.len() as u64;
        Ok(Some(piece))
    }

    /// The whole text of the next document in `into`, and its path; `None` at the end of the pack.
    pub fn next_text(&mut self, into: &mut String) -> io::Result<Option<&str>> {
        let Some((_, len)) = self.next_document()? else { return Ok(None) };
        let mut bytes = std::mem::take(into).into_bytes();
        bytes.resize(len as usize, 0);
        self.input.read_exact(&mut bytes)?;
        self.left = 0;
        *into = String::from_utf8(bytes).map_err(io::Error::other)?;
        Ok(Some(&self.path))
    }
}

/// The texts of a pack side by side, up to `limit` bytes, cut between characters.
pub fn text(path: &Path, limit: usize) -> io::Result<String> {
    let mut reader = Reader::open(path)?;
    let (mut all, mut one) = (String::new(), String::new());
    while all.len() < limit && reader.next_text(&mut one)?.is_some() {
        all += &one;
        all.push('\n');
    }
    all.truncate(all.floor_char_boundary(limit));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back_whole_and_in_pieces() {
        let path = std::env::temp_dir().join(format!("pack-{}", std::process::id()));
        let long = "ä".repeat(PIECE);
        let documents = [("a/b.txt", "one\n"), ("empty", ""), ("long", long.as_str()), ("z", "end")];
        let mut writer = Writer::create(&path).unwrap();
        for (name, text) in documents {
            writer.add(name, text).unwrap();
        }
        writer.finish().unwrap();

        let (mut reader, mut whole) = (Reader::open(&path).unwrap(), String::from("old"));
        for (name, text) in documents {
            assert_eq!(reader.next_text(&mut whole).unwrap(), Some(name));
            assert!(whole == text, "{name}");
        }
        assert_eq!(reader.next_text(&mut whole).unwrap(), None);

        let mut reader = Reader::open(&path).unwrap();
        for (name, text) in documents {
            assert_eq!(reader.next_document().unwrap(), Some((name, text.len() as u64)));
            let mut pieces = Vec::new();
            while let Some(piece) = reader.next_piece().unwrap() {
                assert!(piece.len() <= PIECE);
                pieces.extend_from_slice(piece);
            }
            assert!(pieces == text.as_bytes(), "{name}");
        }
        // A document whose text nobody reads is skipped.
        let mut reader = Reader::open(&path).unwrap();
        let mut names = Vec::new();
        while let Some((name, _)) = reader.next_document().unwrap() {
            names.push(name.to_owned());
        }
        assert_eq!(names, ["a/b.txt", "empty", "long", "z"]);
        assert_eq!(super::text(&path, 8).unwrap(), "one\n\n\nä");
        std::fs::remove_file(&path).unwrap();
    }
}
