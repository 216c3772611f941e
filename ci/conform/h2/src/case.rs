//! What a case finds: nothing wrong, or why it is not simply good.

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
    /// A rule that always holds is broken: a sentence of the referee, and what was seen.
    Breach { rule: String, seen: String },
    /// The peer does not have what the case is about.
    Skip(String),
}

impl Flaw {
    /// Skips the case.
    pub(crate) fn skip(why: impl Into<String>) -> Flaw {
        Flaw::Skip(why.into())
    }
}

/// What a table has for each case, besides the code.
#[derive(Clone, Copy)]
pub(crate) struct Title {
    /// RFC, section and number: `9113/5.1.1/2`.
    pub(crate) id: &'static str,
    /// The sentence, or as much of it as the case checks.
    pub(crate) rule: &'static str,
}
