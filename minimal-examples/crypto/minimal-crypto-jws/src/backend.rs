//! The cryptographic library: a value, which a backend crate makes.

use std::sync::Arc;

use lws_gencrypto::Provider;

/// The library of that name, if it was built in.
pub fn provider(name: Option<&str>) -> Result<Arc<dyn Provider>, String> {
    match name {
        None | Some("rustls") => Ok(Arc::new(lws_backend_rustls::crypto())),
        #[cfg(feature = "openssl")]
        Some("openssl") => Ok(Arc::new(lws_backend_openssl::crypto())),
        #[cfg(feature = "mbedtls")]
        Some("mbedtls") => Ok(Arc::new(lws_backend_mbedtls::crypto())),
        Some(name) if ["openssl", "mbedtls"].contains(&name) => {
            Err(format!("{name} is not built in\nhelp: build with cargo run --features {name}"))
        }
        Some(name) => Err(format!("there is no library {name}\nhelp: --backend rustls, openssl or mbedtls")),
    }
}
