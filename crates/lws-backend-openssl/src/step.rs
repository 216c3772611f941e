//! What OpenSSL's callbacks need to know of the handshake step that runs on this thread, and what they found out.
//!
//! OpenSSL gives callbacks to a context, which all its connections share. A value per connection would cost each idle
//! one its memory; a step never leaves its thread.

use std::cell::RefCell;
use std::sync::Arc;

use lws_tls::{CertificateFault, Date};

#[derive(Default)]
struct Step {
    /// Application protocols in the form of RFC 7301 §3.1, the most wanted first.
    alpn: Option<Arc<[u8]>>,
    asked: Option<Box<str>>,
    now: Date,
    fault: Option<CertificateFault>,
}

thread_local! {
    static STEP: RefCell<Step> = RefCell::new(Step::default());
}

/// Runs one step of a handshake; also returns why a certificate was refused within it.
pub(crate) fn run<R>(
    alpn: Option<&Arc<[u8]>>,
    asked: Option<&str>,
    now: Date,
    f: impl FnOnce() -> R,
) -> (R, Option<CertificateFault>) {
    STEP.set(Step { alpn: alpn.cloned(), asked: asked.map(Box::from), now, fault: None });
    let result = f();
    (result, STEP.take().fault)
}

/// The protocols to choose from.
pub(crate) fn alpn() -> Option<Arc<[u8]>> {
    STEP.with_borrow(|step| step.alpn.clone())
}

/// The name the peer's certificate must be for, and the time.
pub(crate) fn asked() -> (Option<Box<str>>, Date) {
    STEP.with_borrow(|step| (step.asked.clone(), step.now))
}

/// A certificate is refused. The first reason counts.
pub(crate) fn refuse(fault: CertificateFault) {
    STEP.with_borrow_mut(|step| {
        step.fault.get_or_insert(fault);
    });
}
