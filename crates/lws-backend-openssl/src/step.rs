//! What OpenSSL's callbacks need to know of the handshake step that runs on this thread, and what they found out.
//!
//! OpenSSL gives callbacks to a context, which all its connections share. A value per connection would cost each idle
//! one its memory; a step never leaves its thread.

use std::cell::RefCell;
use std::sync::Arc;

use lws_tls::{CertificateFault, Date};
use openssl::ssl::SslSession;

#[derive(Default)]
struct Step {
    /// Application protocols in the form of RFC 7301 §3.1, the most wanted first.
    alpn: Option<Arc<[u8]>>,
    asked: Option<Box<str>>,
    now: Date,
    fault: Option<CertificateFault>,
    tickets: Vec<SslSession>,
}

/// What a step came to.
pub(crate) struct Done<R> {
    pub(crate) result: R,
    /// Why a certificate was refused within it.
    pub(crate) fault: Option<CertificateFault>,
    /// Tickets that came.
    pub(crate) tickets: Vec<SslSession>,
}

thread_local! {
    static STEP: RefCell<Step> = RefCell::new(Step::default());
}

/// Runs one step.
pub(crate) fn run<R>(
    alpn: Option<&Arc<[u8]>>,
    asked: Option<&str>,
    now: Date,
    f: impl FnOnce() -> R,
) -> Done<R> {
    STEP.set(Step { alpn: alpn.cloned(), asked: asked.map(Box::from), now, ..Step::default() });
    let result = f();
    let Step { fault, tickets, .. } = STEP.take();
    Done { result, fault, tickets }
}

/// The protocols to choose from.
pub(crate) fn alpn() -> Option<Arc<[u8]>> {
    STEP.with_borrow(|step| step.alpn.clone())
}

/// The name the peer's certificate must be for, and the time.
pub(crate) fn asked() -> (Option<Box<str>>, Date) {
    STEP.with_borrow(|step| (step.asked.clone(), step.now))
}

/// A ticket came.
pub(crate) fn keep(ticket: SslSession) {
    STEP.with_borrow_mut(|step| step.tickets.push(ticket));
}

/// A certificate is refused. The first reason counts.
pub(crate) fn refuse(fault: CertificateFault) {
    STEP.with_borrow_mut(|step| {
        step.fault.get_or_insert(fault);
    });
}
