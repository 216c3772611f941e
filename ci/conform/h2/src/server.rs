//! The cases against a server, one file per part of the RFCs.
//!
//! An id is RFC, section, number. A case is judged by what the RFC makes the server do; where the RFC leaves a choice,
//! each choice is good. What RFC 9113 §5.4 only puts up with (a generic code, a close without a word) is told apart.

mod s3_start;
mod s4_frames;
mod s5_extend;
mod s5_states;
mod s6_connection;
mod s6_flow;
mod s6_settings;
mod s6_stream;
mod s8_fields;
mod s8_messages;
mod s8_pseudo;
mod t7541;
mod t7541_strings;
mod t8441;
mod usual;

use crate::case::{Flaw, Outcome, Title};
use crate::session::{Session, Target};

/// How a case begins.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// On a connection whose SETTINGS are exchanged.
    Ready(fn(&mut Session<'_>) -> Outcome),
    /// Without a connection.
    Raw(fn(&Target) -> Outcome),
}

/// One line of a table.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) title: Title,
    /// What our first SETTINGS have beyond ENABLE_PUSH = 0.
    settings: &'static [(u16, u32)],
    run: Run,
}

impl Case {
    pub(crate) fn run(&self, target: &Target) -> Outcome {
        match self.run {
            Run::Raw(run) => run(target),
            Run::Ready(run) => {
                let mut session = target.open(self.settings)?;
                match run(&mut session) {
                    Err(Flaw::Wrong { .. } | Flaw::Weak { .. }) if session.answered_early() => {
                        Err(Flaw::skip("the server answers before it reads the content"))
                    }
                    outcome => outcome,
                }
            }
        }
    }
}

/// A case on a connection whose SETTINGS are exchanged.
const fn case(id: &'static str, rule: &'static str, run: fn(&mut Session<'_>) -> Outcome) -> Case {
    Case { title: Title { id, rule }, settings: &[], run: Run::Ready(run) }
}

/// The same with settings of ours.
const fn with(
    id: &'static str,
    rule: &'static str,
    settings: &'static [(u16, u32)],
    run: fn(&mut Session<'_>) -> Outcome,
) -> Case {
    Case { title: Title { id, rule }, settings, run: Run::Ready(run) }
}

/// A case that makes its own connections.
const fn raw(id: &'static str, rule: &'static str, run: fn(&Target) -> Outcome) -> Case {
    Case { title: Title { id, rule }, settings: &[], run: Run::Raw(run) }
}

/// Every case, in the order of the sections.
pub(crate) fn cases() -> Vec<Case> {
    [
        usual::CASES,
        s3_start::CASES,
        s4_frames::CASES,
        s5_states::CASES,
        s5_extend::CASES,
        s6_stream::CASES,
        s6_settings::CASES,
        s6_connection::CASES,
        s6_flow::CASES,
        s8_messages::CASES,
        s8_fields::CASES,
        s8_pseudo::CASES,
        t7541::CASES,
        t7541_strings::CASES,
        t8441::CASES,
    ]
    .concat()
}

/// For a SHOULD: what is wrong is only weak.
fn should(outcome: Outcome) -> Outcome {
    outcome.map_err(|flaw| match flaw {
        Flaw::Wrong { expected, seen } => Flaw::Weak { expected, seen },
        other => other,
    })
}
