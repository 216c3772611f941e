//! A case: a rule of an RFC, and how to see whether the peer keeps it.

use crate::conn::Conn;
use crate::target::Target;

/// What a case found.
pub(crate) type Outcome = Result<(), Flaw>;

/// Why a case is not simply good.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    /// The rule is broken.
    Wrong { expected: String, seen: String },
    /// Not what the rule names, but something that RFC 9113 §5.4 puts up with: a generic code, a close without GOAWAY,
    /// an error where ignoring was meant. Good only for `--lenient`.
    Weak { expected: String, seen: String },
    /// A rule that always holds is broken.
    Breach(String),
    /// The peer does not have what the case is about.
    Skip(String),
}

impl Flaw {
    pub(crate) fn breach(rule: String) -> Flaw {
        Flaw::Breach(rule)
    }

    /// Skips the case.
    pub(crate) fn skip(why: impl Into<String>) -> Flaw {
        Flaw::Skip(why.into())
    }
}

/// How a case begins.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// On a connection whose SETTINGS are exchanged.
    Ready(fn(&mut Conn) -> Outcome),
    /// Without a connection.
    Raw(fn(&Target) -> Outcome),
}

/// One line of the table.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// RFC, section and number: `9113/5.1.1/2`.
    pub(crate) id: &'static str,
    /// The sentence, or as much of it as the case checks.
    pub(crate) rule: &'static str,
    /// What our first SETTINGS have beyond ENABLE_PUSH = 0.
    pub(crate) settings: &'static [(u16, u32)],
    pub(crate) run: Run,
}

/// A case on a connection whose SETTINGS are exchanged.
pub(crate) const fn case(id: &'static str, rule: &'static str, run: fn(&mut Conn) -> Outcome) -> Case {
    Case { id, rule, settings: &[], run: Run::Ready(run) }
}

/// The same with settings of ours.
pub(crate) const fn case_with(
    id: &'static str,
    settings: &'static [(u16, u32)],
    rule: &'static str,
    run: fn(&mut Conn) -> Outcome,
) -> Case {
    Case { id, rule, settings, run: Run::Ready(run) }
}

/// A case that makes its own connections.
pub(crate) const fn raw_case(id: &'static str, rule: &'static str, run: fn(&Target) -> Outcome) -> Case {
    Case { id, rule, settings: &[], run: Run::Raw(run) }
}
