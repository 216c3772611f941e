//! What the person at the terminal is told when something does not work.

use std::fmt;
use std::path::Path;

/// What does not work, and what to do about it:
///
/// ```text
/// error: cannot listen on 127.0.0.1:7681: address already in use
/// help: try --port 7682, or --port 0 for any free port
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    what: String,
    help: Option<String>,
    exit_code: u8,
}

impl Message {
    /// Exit code for a command line that makes no sense.
    const USAGE: u8 = 2;
    /// Exit code for everything else that does not work.
    const FAILURE: u8 = 1;

    /// The command line makes no sense.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None, exit_code: Self::USAGE }
    }

    /// What was asked for cannot be done.
    pub fn failure(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None, exit_code: Self::FAILURE }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What the process should exit with: 2 for usage, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Message {}

/// A path as a person wrote it, without what could move the cursor.
pub(crate) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for c in path.display().to_string().chars() {
        if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
    }
    text
}

/// An operating system error without its number, to stand behind a colon.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_and_what_to_do() {
        let message = Message::usage("'a' is no flag").help("try --all");
        assert_eq!(message.to_string(), "error: 'a' is no flag\nhelp: try --all");
        assert_eq!(message.exit_code(), 2);
        let message = Message::failure("it broke");
        assert_eq!((message.to_string().as_str(), message.exit_code()), ("error: it broke", 1));
    }

    #[test]
    fn paths_cannot_move_the_cursor() {
        assert_eq!(shown(Path::new("a\x1b[2J\nb ö'")), "a\\u{1b}[2J\\nb ö'");
    }

    #[test]
    fn reasons_have_no_numbers() {
        let busy = std::io::Error::from_raw_os_error(98);
        assert!(!reason(&busy).contains("os error"), "{}", reason(&busy));
        assert_eq!(reason(&std::io::Error::other("Some Reason")), "some Reason");
    }
}
