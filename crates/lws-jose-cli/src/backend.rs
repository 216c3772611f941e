//! The cryptographic library.

use std::sync::Arc;

use lws_gencrypto::Provider;

use crate::report::Failure;

/// Those that this program was built with, the default first.
pub(crate) const NAMES: &[&str] = &[
    "rustls",
    #[cfg(feature = "openssl")]
    "openssl",
    #[cfg(feature = "mbedtls")]
    "mbedtls",
];

pub(crate) fn provider(name: Option<&str>) -> Result<Arc<dyn Provider>, Failure> {
    match name {
        None | Some("rustls") => Ok(Arc::new(lws_backend_rustls::crypto())),
        #[cfg(feature = "openssl")]
        Some("openssl") => Ok(Arc::new(lws_backend_openssl::crypto())),
        #[cfg(feature = "mbedtls")]
        Some("mbedtls") => Ok(Arc::new(lws_backend_mbedtls::crypto())),
        Some(known @ ("openssl" | "mbedtls")) => Err(Failure::usage(
            format!("this program was built without {known}"),
            format!("cargo install lws-jose-cli --features {known}"),
        )),
        Some(other) => Err(Failure::usage(
            format!("there is no library `{other}`"),
            format!("--backend is one of: {}", NAMES.join(", ")),
        )),
    }
}
