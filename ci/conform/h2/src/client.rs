//! The cases against a client: a server that misbehaves, and one that only seems to.
//!
//! Ids begin with `c`: RFC, section, number. Each case starts the client once, with one URL to GET.

mod c3_frames;
mod c5_streams;
mod c6_connection;
mod c6_flow;
mod c7541;
mod c8_fields;
mod c8_messages;

use crate::case::{Outcome, Title};
use crate::served::{Clients, Served};

/// How a case begins.
#[derive(Clone, Copy)]
enum Run {
    /// The request's header section is here, nothing is answered.
    Asked(fn(&mut Served) -> Outcome),
    /// The same for an upload.
    Upload(fn(&mut Served) -> Outcome),
    /// Connected, nothing read or sent.
    Raw(fn(&mut Served) -> Outcome),
}

/// One line of a table.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) title: Title,
    /// What our first SETTINGS have.
    settings: &'static [(u16, u32)],
    run: Run,
}

impl Case {
    pub(crate) fn run(&self, clients: &Clients) -> Outcome {
        let mut served = clients.connect(matches!(self.run, Run::Upload(_)))?;
        match self.run {
            Run::Raw(run) => run(&mut served),
            Run::Asked(run) | Run::Upload(run) => {
                served.begin(self.settings)?;
                run(&mut served)
            }
        }
    }
}

/// A case that begins with a request.
const fn case(id: &'static str, rule: &'static str, run: fn(&mut Served) -> Outcome) -> Case {
    Case { title: Title { id, rule }, settings: &[], run: Run::Asked(run) }
}

/// A case that begins with a client's upload, and settings of ours.
const fn upload(
    id: &'static str,
    rule: &'static str,
    settings: &'static [(u16, u32)],
    run: fn(&mut Served) -> Outcome,
) -> Case {
    Case { title: Title { id, rule }, settings, run: Run::Upload(run) }
}

/// A case that begins with a connection.
const fn raw(id: &'static str, rule: &'static str, run: fn(&mut Served) -> Outcome) -> Case {
    Case { title: Title { id, rule }, settings: &[], run: Run::Raw(run) }
}

/// Every case, in the order of the sections.
pub(crate) fn cases() -> Vec<Case> {
    [
        c3_frames::CASES,
        c5_streams::CASES,
        c6_connection::CASES,
        c6_flow::CASES,
        c8_messages::CASES,
        c8_fields::CASES,
        c7541::CASES,
    ]
    .concat()
}
