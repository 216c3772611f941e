//! `${name}` in templates, for input and output in pieces.
//!
//! The model: three states, text → name → value → text. The template may come in parts of any size, and the output may be filled
//! and emptied any number of times: what does not fit waits. Only a name is kept, so that a value can be asked for again.
//!
//! A `$` without `{` is ordinary text. There is no escape: give a name whose value is `$`.

use crate::{Error, Position, limits};

/// How far one call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes of the template that are done with.
    pub consumed: usize,
    /// Bytes that were written.
    pub written: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// Behind a `$`.
    Dollar,
    /// Behind `${`.
    Name,
    /// In front of byte `done` of the name's value.
    Value {
        done: usize,
    },
}

/// An expansion under way.
///
/// ```
/// use lws_tokenize::expand::Expander;
///
/// let mut expander = Expander::new();
/// let mut room = [0; 8];
/// let mut page = Vec::new();
/// for mut part in [&b"Dear ${na"[..], b"me}, hello"] {
///     // Offer again until the part is used up and the room is no longer full.
///     loop {
///         let step = expander.expand(part, &mut room, |name| (name == "name").then_some("Dorian Gray"))?;
///         page.extend_from_slice(&room[..step.written]);
///         part = &part[step.consumed..];
///         if part.is_empty() && step.written < room.len() {
///             break;
///         }
///     }
/// }
/// let step = expander.finish(&mut room)?;
/// page.extend_from_slice(&room[..step.written]);
/// assert_eq!(page, b"Dear Dorian Gray, hello");
/// # Ok::<(), lws_tokenize::Error>(())
/// ```
#[doc(alias = "lws_strexp")]
#[doc(alias = "lws_strexp_init")]
#[derive(Clone, Debug)]
pub struct Expander {
    state: State,
    name: [u8; limits::MAX_NAME],
    /// `name[..name_len]` is there; `name_len <= MAX_NAME`.
    name_len: usize,
    /// Where the template goes on.
    here: Position,
    /// Where the last `$` is.
    dollar: Position,
}

impl Default for Expander {
    fn default() -> Self {
        Self::new()
    }
}

impl Expander {
    /// An expander at the start of a template.
    pub const fn new() -> Self {
        let start = Position { offset: 0, line: 1, column: 1 };
        Self { state: State::Text, name: [0; limits::MAX_NAME], name_len: 0, here: start, dollar: start }
    }

    /// Expands a part of a template into `output`; stops when either is used up.
    ///
    /// `values` answers the value of a name, and the same one when it is asked again because the value did not fit. If
    /// `output` was filled, call again with the rest of the template, even if that is empty.
    ///
    /// # Errors
    /// [`Error::UnknownName`] if `values` answers `None`; [`Error::NameTooLong`]. What was written before is lost.
    #[doc(alias = "lws_strexp_expand")]
    pub fn expand<'v>(
        &mut self,
        template: &[u8],
        output: &mut [u8],
        mut values: impl FnMut(&str) -> Option<&'v str>,
    ) -> Result<Step, Error> {
        let mut step = Step { consumed: 0, written: 0 };
        loop {
            let input = &template[step.consumed..];
            let room = &mut output[step.written..];
            match self.state {
                State::Value { done } => {
                    let value = self.value(&mut values)?;
                    let rest = value.get(done..).unwrap_or_default();
                    let n = rest.len().min(room.len());
                    room[..n].copy_from_slice(&rest[..n]);
                    step.written += n;
                    if n < rest.len() {
                        self.state = State::Value { done: done + n };
                        return Ok(step);
                    }
                    self.state = State::Text;
                }
                State::Text => {
                    let until = input.iter().take(room.len()).position(|&b| b == b'$');
                    let n = until.unwrap_or(input.len().min(room.len()));
                    room[..n].copy_from_slice(&input[..n]);
                    self.pass(&input[..n]);
                    step.written += n;
                    step.consumed += n;
                    if until.is_none() {
                        return Ok(step);
                    }
                    self.dollar = self.here;
                    self.pass(b"$");
                    step.consumed += 1;
                    self.state = State::Dollar;
                }
                State::Dollar => match (input.first(), room.first_mut()) {
                    (Some(b'{'), _) => {
                        self.pass(b"{");
                        step.consumed += 1;
                        self.name_len = 0;
                        self.state = State::Name;
                    }
                    (Some(_), Some(first)) => {
                        *first = b'$';
                        step.written += 1;
                        self.state = State::Text;
                    }
                    _ => return Ok(step),
                },
                State::Name => {
                    let Some(&b) = input.first() else { return Ok(step) };
                    self.pass(&[b]);
                    step.consumed += 1;
                    if b == b'}' {
                        self.value(&mut values)?;
                        self.state = State::Value { done: 0 };
                    } else {
                        *self.name.get_mut(self.name_len).ok_or(Error::NameTooLong(self.dollar))? = b;
                        self.name_len += 1;
                    }
                }
            }
        }
    }

    /// Ends the template. Writes at most one byte, a `$` at its very end.
    ///
    /// # Errors
    /// [`Error::UnterminatedName`] if a `${` is open; [`Error::OutputTooShort`] if there is something to write and no room.
    pub fn finish(&mut self, output: &mut [u8]) -> Result<Step, Error> {
        match self.state {
            State::Text => Ok(Step { consumed: 0, written: 0 }),
            State::Name => Err(Error::UnterminatedName(self.dollar)),
            State::Value { .. } => Err(Error::OutputTooShort),
            State::Dollar => {
                *output.first_mut().ok_or(Error::OutputTooShort)? = b'$';
                self.state = State::Text;
                Ok(Step { consumed: 0, written: 1 })
            }
        }
    }

    fn value<'v>(&self, values: &mut impl FnMut(&str) -> Option<&'v str>) -> Result<&'v [u8], Error> {
        let name = core::str::from_utf8(&self.name[..self.name_len]);
        let value = name.ok().and_then(values).ok_or(Error::UnknownName(self.dollar))?;
        Ok(value.as_bytes())
    }

    /// Moves `here` behind `bytes`.
    fn pass(&mut self, bytes: &[u8]) {
        self.here.offset += bytes.len() as u64;
        for &b in bytes {
            if b == b'\n' {
                self.here.line = self.here.line.saturating_add(1);
                self.here.column = 1;
            } else {
                self.here.column = self.here.column.saturating_add(1);
            }
        }
    }
}

/// Expands a whole template into `output`; answers the text.
///
/// ```
/// use lws_tokenize::expand::expand;
/// let mut room = [0; 32];
/// let path = expand("/home/${user}/www", &mut room, |name| (name == "user").then_some("bob"))?;
/// assert_eq!(path, b"/home/bob/www");
/// # Ok::<(), lws_tokenize::Error>(())
/// ```
///
/// # Errors
/// Any of [`Expander::expand`] and [`Expander::finish`]; [`Error::OutputTooShort`] if it does not fit.
pub fn expand<'v, 'o>(
    template: &str,
    output: &'o mut [u8],
    values: impl FnMut(&str) -> Option<&'v str>,
) -> Result<&'o [u8], Error> {
    let mut expander = Expander::new();
    let step = expander.expand(template.as_bytes(), output, values)?;
    if step.consumed < template.len() {
        return Err(Error::OutputTooShort);
    }
    let end = expander.finish(&mut output[step.written..])?;
    Ok(&output[..step.written + end.written])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn values(name: &str) -> Option<&'static str> {
        Some(match name {
            "a" => "1",
            "long" => "a value that is longer than most rooms",
            "empty" => "",
            "ü" => "ue",
            "two words" => "2",
            _ => return None,
        })
    }

    /// Expands `template` in parts of `part` bytes, through a room of `room` bytes.
    fn in_pieces(template: &str, part: usize, room: usize) -> Result<String, Error> {
        let mut expander = Expander::new();
        let (mut out, mut room) = (Vec::new(), std::vec![0; room]);
        for mut part in template.as_bytes().chunks(part) {
            loop {
                let step = expander.expand(part, &mut room, values)?;
                out.extend_from_slice(&room[..step.written]);
                part = &part[step.consumed..];
                if part.is_empty() && step.written < room.len() {
                    break;
                }
            }
        }
        let step = expander.finish(&mut room)?;
        out.extend_from_slice(&room[..step.written]);
        Ok(String::from_utf8(out).unwrap())
    }

    fn at(offset: u64, line: u32, column: u32) -> Position {
        Position { offset, line, column }
    }

    #[test]
    fn however_it_is_cut() {
        let cases = [
            ("", Ok("")),
            ("plain", Ok("plain")),
            ("${a}", Ok("1")),
            ("x${a}y${a}", Ok("x1y1")),
            ("${long}!", Ok("a value that is longer than most rooms!")),
            ("a${empty}b", Ok("ab")),
            ("${ü}${two words}", Ok("ue2")),
            ("$ $a $$${a}$", Ok("$ $a $$1$")),
            ("$", Ok("$")),
            ("}{", Ok("}{")),
            ("ab\ncd ${nobody}", Err(Error::UnknownName(at(6, 2, 4)))),
            ("${}", Err(Error::UnknownName(at(0, 1, 1)))),
            ("ab ${a", Err(Error::UnterminatedName(at(3, 1, 4)))),
            ("${", Err(Error::UnterminatedName(at(0, 1, 1)))),
            ("${12345678901234567890123456789012}", Err(Error::UnknownName(at(0, 1, 1)))),
            ("${123456789012345678901234567890123", Err(Error::NameTooLong(at(0, 1, 1)))),
        ];
        for (template, expected) in cases {
            for part in 1..=template.len().max(1) {
                for room in 1..20 {
                    assert_eq!(in_pieces(template, part, room).as_deref(), expected.as_deref(), "{template}");
                }
            }
            let mut room = [0; 100];
            let whole = expand(template, &mut room, values).map(|text| str::from_utf8(text).unwrap());
            assert_eq!(whole.as_ref(), expected.as_ref(), "{template}");
        }
    }

    #[test]
    fn too_little_room_is_an_error() {
        for template in ["abc$", "ab${a}$", "${long}", "ab${a}c${empty}"] {
            let mut room = [0; 64];
            let len = expand(template, &mut room, values).unwrap().len();
            for room in 0..len {
                let mut room = std::vec![0; room];
                assert_eq!(expand(template, &mut room, values), Err(Error::OutputTooShort), "{template}");
            }
        }
    }
}
