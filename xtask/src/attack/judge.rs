//! Runs one case against a server and says what is wrong with what came back.

use super::case::{Case, Mode};
use super::site::{CANARY, INNER, SECRET, Site};
use super::wire::{Answer, Cut, End, Wire, answers, find};

/// Stands right behind a request that must be refused. A server that answers it took the two apart in another place
/// than a proxy in front of it would have.
const CANARY_REQUEST: &[u8] = b"GET /canary.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// The method is refused as soon as the head is there. This answer is complete before a malformed body comes, so it
/// cannot announce the close that follows; that the close does follow is checked all the same.
const EARLY: u16 = 405;

/// Sends `case` to `authority`; the error says what came instead of what was expected.
pub(super) fn check(case: &Case, authority: &str, cut: Cut, site: &Site) -> Result<(), String> {
    let mut wire = Wire::connect(authority)?;
    let head = case.send.starts_with(b"HEAD ");
    let end = exchange(case, &mut wire, cut, head);
    let (got, rest) = answers(&wire.received, head, end == End::Closed);
    let wrong = leaks(&wire.received).or_else(|| judge(case, &got, end, site)).or_else(|| {
        let junk = !rest.is_empty() && case.mode != Mode::Survive && end != End::Enough;
        junk.then(|| "something that is no whole answer".to_owned())
    });
    match wrong {
        None => Ok(()),
        Some(wrong) => {
            Err(format!("{wrong}; the connection: {end:?}; received: {}", excerpt(&wire.received)))
        }
    }
}

/// A good request on a connection of its own.
pub(super) fn alive(authority: &str) -> Result<(), String> {
    let mut wire = Wire::connect(authority)?;
    wire.send(CANARY_REQUEST, Cut::Whole);
    wire.read_until(|_| false);
    let (got, _) = answers(&wire.received, false, true);
    match got.first() {
        Some(answer) if is_canary(answer) => Ok(()),
        _ => Err(format!("a good request is not answered any more: {}", excerpt(&wire.received))),
    }
}

fn exchange(case: &Case, wire: &mut Wire, cut: Cut, head: bool) -> End {
    let have = |count: usize| move |received: &[u8]| answers(received, head, false).0.len() >= count;
    match case.mode {
        Mode::Single => {
            wire.send(&case.send, cut);
            wire.read_until(|_| false)
        }
        Mode::Survive => {
            wire.send(&case.send, cut);
            wire.finish();
            wire.read_until(|_| false)
        }
        Mode::Keepalive => {
            let mut end = End::Enough;
            for count in 1..=case.repeat {
                wire.send(&case.send, cut);
                end = wire.read_until(have(count));
            }
            end
        }
        Mode::Pipelined => {
            wire.send(&case.send.repeat(case.repeat), cut);
            wire.read_until(have(case.repeat))
        }
        Mode::Reject | Mode::Serve | Mode::Either => {
            wire.send(&[&case.send, CANARY_REQUEST].concat(), cut);
            wire.read_until(|_| false) // the canary asks for the close
        }
    }
}

fn judge(case: &Case, got: &[Answer], end: End, site: &Site) -> Option<String> {
    let Some((first, later)) = got.split_first() else { return without_answer(case, end) };
    let all_alike = matches!(case.mode, Mode::Keepalive | Mode::Pipelined);
    match case.mode {
        Mode::Survive => return None,
        Mode::Keepalive | Mode::Pipelined if got.len() != case.repeat => {
            return Some(format!("{} answers to {} requests", got.len(), case.repeat));
        }
        Mode::Keepalive | Mode::Pipelined => {}
        _ if end == End::Open => return Some("the connection stays open".to_owned()),
        Mode::Single if !later.is_empty() => return Some("more than one answer".to_owned()),
        Mode::Reject => {
            if let Some(wrong) = refused(case, got, later) {
                return Some(wrong);
            }
        }
        Mode::Serve if later.len() != 1 || !is_canary(&later[0]) => {
            return Some("the good request behind it has no proper answer".to_owned());
        }
        Mode::Either if !later.iter().all(|a| is_canary(a) || case.then.contains(&a.status)) => {
            return Some("an answer to what was no request".to_owned());
        }
        Mode::Single | Mode::Serve | Mode::Either => {}
    }
    let judged = if all_alike { got } else { &got[..1] };
    judged.iter().find_map(|answer| content(case, answer, site)).or_else(|| {
        let wanted = case.header.as_ref()?;
        let there = first.headers.iter().any(|line| line.eq_ignore_ascii_case(wanted));
        (!there).then(|| format!("no header `{wanted}`"))
    })
}

/// Where nothing that is an answer came: status 0 in the data says that a close alone will do.
fn without_answer(case: &Case, end: End) -> Option<String> {
    match (case.mode, end) {
        (Mode::Survive, _) => None,
        (_, End::Closed) if case.status.contains(&0) => None,
        _ => Some("no answer".to_owned()),
    }
}

fn refused(case: &Case, got: &[Answer], later: &[Answer]) -> Option<String> {
    if got.iter().any(is_canary) {
        return Some("the request behind it was answered".to_owned());
    }
    if later.len() != usize::from(!case.then.is_empty())
        || !later.iter().all(|a| case.then.contains(&a.status))
    {
        return Some(format!(
            "after the first answer: {:?}",
            later.iter().map(|a| a.status).collect::<Vec<_>>()
        ));
    }
    let last = got.last()?;
    if last.status == EARLY {
        return None;
    }
    let told = last.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"));
    (!told).then(|| "it does not say `Connection: close`".to_owned())
}

fn content(case: &Case, answer: &Answer, site: &Site) -> Option<String> {
    if !case.status.contains(&answer.status) {
        return Some(format!("status {}, not {:?}", answer.status, case.status));
    }
    let wanted = case.body.as_ref()?;
    let same = site.file(wanted).is_some_and(|file| file == answer.body);
    (!same).then(|| format!("the body is not {wanted}"))
}

/// What no answer may contain, whatever was asked for.
fn leaks(received: &[u8]) -> Option<String> {
    let marks = [
        (SECRET, "a file that is not served"),
        (INNER, "an answer to a request inside a body"),
        ("root:x:", "/etc/passwd"),
    ];
    let found = marks.iter().find(|(mark, _)| find(received, mark.as_bytes()).is_some());
    let injected =
        || find(received, b"\r\nX-Injected").map(|_| "a header that the client made up".to_owned());
    found.map(|(_, what)| format!("LEAK: {what}")).or_else(injected)
}

fn is_canary(answer: &Answer) -> bool {
    answer.status == 200 && find(&answer.body, CANARY.as_bytes()).is_some()
}

fn excerpt(bytes: &[u8]) -> String {
    const MOST: usize = 300;
    let more = if bytes.len() > MOST { format!("… ({} bytes)", bytes.len()) } else { String::new() };
    format!("\"{}\"{more}", bytes[..bytes.len().min(MOST)].escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::case;

    fn verdict(mode: &str, received: &str, end: End) -> Result<(), String> {
        let row =
            format!("rows = [{{ id = 'x', send = 'x', mode = '{mode}', status = [400, 405], repeat = 2 }}]");
        let case = &case::list(&row.parse().unwrap(), "rows", &toml::Table::new()).unwrap()[0];
        let (got, _) = answers(received.as_bytes(), false, end == End::Closed);
        let site = Site::default();
        leaks(received.as_bytes()).or_else(|| judge(case, &got, end, &site)).map_or(Ok(()), Err)
    }

    fn answer(status: u16, headers: &str, body: &str) -> String {
        format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn each_mode_has_its_pass_and_its_failures() {
        let bad = answer(400, "Connection: close\r\n", "");
        let canary = answer(200, "", CANARY);
        let (closed, open, enough) = (End::Closed, End::Open, End::Enough);
        for (mode, received, end, ok) in [
            ("single", bad.clone(), closed, true),
            ("single", bad.clone(), open, false),
            ("single", answer(200, "", ""), closed, false),
            ("single", String::new(), closed, false),
            ("single", bad.repeat(2), closed, false),
            ("keepalive", bad.repeat(2), enough, true),
            ("pipelined", bad.clone(), closed, false),
            ("reject", bad.clone(), closed, true),
            ("reject", answer(400, "", ""), closed, false),
            ("reject", answer(405, "", ""), closed, true),
            ("reject", answer(405, "", ""), open, false),
            ("reject", answer(405, "", "") + &canary, closed, false),
            ("reject", bad.clone(), open, false),
            ("reject", bad.clone() + &canary, closed, false),
            ("reject", bad.repeat(2), closed, false),
            ("serve", bad.clone() + &canary, closed, true),
            ("serve", bad.clone(), closed, false),
            ("either", bad.clone(), closed, true),
            ("either", bad.clone() + &canary, closed, true),
            ("either", bad.repeat(2), closed, false),
            ("survive", String::new(), open, true),
            ("survive", SECRET.to_owned(), closed, false),
            ("single", answer(400, "X-Injected: 1\r\n", ""), closed, false),
        ] {
            let got = verdict(mode, &received, end);
            assert_eq!(got.is_ok(), ok, "{mode} {received:?} {end:?}: {got:?}");
        }
    }
}
