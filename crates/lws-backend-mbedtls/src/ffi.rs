//! All `unsafe` code of the TLS half: what the safe `mbedtls` crate does not offer.
//!
//! Each function says what is missing there. None keeps a pointer beyond its call, except to `static` data. The contexts
//! come from safe wrappers, which are initialised, and are borrowed for the whole call.
#![allow(unsafe_code)] // FFI: ci/arch.toml says what for

use std::ffi::{CStr, c_int};
use std::ptr;
use std::sync::Arc;

use lws_tls::{Alert, wipe};
use mbedtls::error::{IntoResult as _, Result};
use mbedtls::ssl::{Config, Context};
use mbedtls::x509::Crl;
use mbedtls_sys as sys;

use crate::wire::Wire;

/// Whether the C library was compiled with a feature, by the name of its macro.
///
/// The safe crate does not say. Cargo features add up over a whole program, so that another crate may have switched on
/// what this one left out.
pub(crate) fn compiled_in(feature: &CStr) -> bool {
    // SAFETY: reads a NUL-terminated string and compares it with a constant list.
    unsafe { sys::version_check_feature(feature.as_ptr()) == 0 }
}

/// Hashes of handshake signatures. The list is `static` because the library keeps the pointer.
static HASHES: [c_int; 4] =
    [sys::MD_SHA256 as c_int, sys::MD_SHA384 as c_int, sys::MD_SHA512 as c_int, sys::MD_NONE as c_int];

/// No SHA-1 in handshake signatures, which the library's default allows, and no SHA-224 or curve below 256 bits in
/// certificates.
///
/// The safe crate has no setter for the hashes, and its certificate profiles are `extern` statics.
pub(crate) fn harden(config: &mut Config) {
    let config: *mut sys::ssl_config = config.into();
    // SAFETY: both pointers are to constants that live as long as the program.
    unsafe {
        sys::ssl_conf_sig_hashes(config, HASHES.as_ptr());
        sys::ssl_conf_cert_profile(config, &raw const sys::x509_crt_profile_next);
    }
}

/// Whether the context got its buffers. The safe constructor ignores that memory may be short.
pub(crate) fn has_buffers(tls: &Context<Wire>) -> bool {
    let tls: *const sys::ssl_context = tls.into();
    // SAFETY: reads three fields.
    unsafe { !(*tls).in_buf.is_null() && !(*tls).out_buf.is_null() && !(*tls).handshake.is_null() }
}

/// Goes on with the handshake.
///
/// The safe one closes and drops the transport when it fails, and the alert is in there.
pub(crate) fn handshake(tls: &mut Context<Wire>) -> Result<()> {
    // SAFETY: the context is set up, and its transport belongs to it.
    unsafe { sys::ssl_handshake(tls.into()) }.into_result_discard()
}

/// Whether the handshake under way resumes an earlier session; `None` when none is under way.
///
/// The safe crate does not say.
pub(crate) fn resumes(tls: &Context<Wire>) -> Option<bool> {
    let tls: *const sys::ssl_context = tls.into();
    // SAFETY: the pointer is null or to the parameters of the handshake, which the context owns.
    unsafe { (*tls).handshake.as_ref() }.map(|handshake| handshake.resume != 0)
}

/// The alert in the record that was just read, if it was one.
///
/// The library's error says that there was an alert, not which.
pub(crate) fn received_alert(tls: &Context<Wire>) -> Option<Alert> {
    let tls: *const sys::ssl_context = tls.into();
    // SAFETY: `in_msg` points into the input buffer, at a message of `in_msglen` bytes.
    unsafe {
        let alert = (*tls).in_msgtype == sys::SSL_MSG_ALERT as c_int && (*tls).in_msglen == 2;
        (alert && !(*tls).in_msg.is_null()).then(|| Alert(*(*tls).in_msg.add(1)))
    }
}

/// Whether the last records were empty, and more than the library takes. Its error is that of a record which does not
/// authenticate.
pub(crate) fn too_many_empty(tls: &Context<Wire>) -> bool {
    const TAKEN: c_int = 3;
    let tls: *const sys::ssl_context = tls.into();
    // SAFETY: reads a field.
    unsafe { (*tls).nb_zero > TAKEN }
}

/// Writes a fatal alert. The safe crate writes none.
pub(crate) fn send_alert(tls: &mut Context<Wire>, alert: Alert) -> Result<()> {
    // SAFETY: the context is set up, and its transport belongs to it.
    unsafe { sys::ssl_send_alert_message(tls.into(), sys::SSL_ALERT_LEVEL_FATAL as u8, alert.0) }
        .into_result_discard()
}

/// Writes `close_notify`. The safe one drops the transport too, and reading would be over.
pub(crate) fn close_notify(tls: &mut Context<Wire>) -> Result<()> {
    // SAFETY: the context is set up, and its transport belongs to it.
    unsafe { sys::ssl_close_notify(tls.into()) }.into_result_discard()
}

/// Bytes that a record adds to its plaintext, and the most plaintext that it takes (less than usual if the peer asked for
/// that, RFC 6066 §4). The safe crate tells neither.
pub(crate) fn record_shape(tls: &Context<Wire>) -> Option<(usize, usize)> {
    let tls: *const sys::ssl_context = tls.into();
    // SAFETY: both read the context.
    let (overhead, payload) =
        unsafe { (sys::ssl_get_record_expansion(tls), sys::ssl_get_max_out_record_payload(tls)) };
    Some((usize::try_from(overhead).ok()?, usize::try_from(payload).ok().filter(|max| *max > 0)?))
}

/// A client's session as bytes, with its ticket and keys, if it can be resumed.
///
/// The safe crate can neither save a session nor set one.
pub(crate) fn save_session(tls: &Context<Wire>) -> Option<Vec<u8>> {
    // SAFETY: the session belongs to the context, and `save` writes at most as many bytes as it is told there are.
    unsafe {
        let session = sys::ssl_get_session_pointer(tls.into());
        if session.as_ref().is_none_or(|session| session.ticket_len == 0) {
            return None;
        }
        let mut len = 0;
        // Without room it only says how much is needed.
        sys::ssl_session_save(session, ptr::null_mut(), 0, &raw mut len);
        let mut saved = vec![0; len];
        let done = sys::ssl_session_save(session, saved.as_mut_ptr(), saved.len(), &raw mut len);
        if done != 0 {
            wipe(&mut saved);
            return None;
        }
        saved.truncate(len);
        Some(saved)
    }
}

/// Starts over, with an offer to resume the session that [`save_session`] made bytes of.
///
/// The safe `establish` resets the context and starts the handshake in one step; there is no place between them where a
/// session could be set.
pub(crate) fn restart_with(tls: &mut Context<Wire>, saved: &[u8]) -> Result<()> {
    let tls: *mut sys::ssl_context = tls.into();
    let mut session = sys::ssl_session::default();
    // SAFETY: `session` is initialised before it is used and freed afterwards (`load` frees it when it fails, which may be
    // repeated); `set_session` copies it.
    unsafe {
        sys::ssl_session_init(&raw mut session);
        let mut result = sys::ssl_session_load(&raw mut session, saved.as_ptr(), saved.len()).into_result();
        if result.is_ok() {
            result = sys::ssl_session_reset(tls).into_result();
        }
        if result.is_ok() {
            result = sys::ssl_set_session(tls, &raw const session).into_result();
        }
        sys::ssl_session_free(&raw mut session);
        result.map(|_| ())
    }
}

/// Revocation lists that are complete and are only read from now on, by several threads.
///
/// The safe crate shares certificates and keys between threads, but left these out.
pub(crate) struct SharedCrl(Arc<Crl>);

impl SharedCrl {
    #[allow(clippy::arc_with_non_send_sync, reason = "what the lint asks for is below")]
    pub(crate) fn new(crl: Crl) -> Self {
        Self(Arc::new(crl))
    }

    /// For a [`Config`], which hands it to the library.
    pub(crate) fn share(&self) -> Arc<Crl> {
        self.0.clone()
    }
}

// SAFETY: a list owns its memory. Here it is no longer changed; the library looks through it while it verifies, and
// writes nothing to it; whoever drops the last reference frees it, on any thread.
unsafe impl Send for SharedCrl {}
// SAFETY: see above.
unsafe impl Sync for SharedCrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_01_what_the_c_library_was_compiled_with() {
        for absent in [
            c"MBEDTLS_ZLIB_SUPPORT",
            c"MBEDTLS_SSL_PROTO_SSL3",
            c"MBEDTLS_SSL_PROTO_TLS1",
            c"MBEDTLS_SSL_PROTO_TLS1_1",
            c"MBEDTLS_TLS_DEFAULT_ALLOW_SHA1_IN_CERTIFICATES",
        ] {
            assert!(!compiled_in(absent), "{absent:?}");
        }
        for present in [
            c"MBEDTLS_SSL_PROTO_TLS1_2",
            c"MBEDTLS_THREADING_C",
            c"MBEDTLS_HAVE_TIME_DATE",
            c"MBEDTLS_SSL_EXTENDED_MASTER_SECRET",
        ] {
            assert!(compiled_in(present), "{present:?}");
        }
    }
}
