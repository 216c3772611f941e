//! Cryptography by any library: published vectors for hashes, AES, RSA and elliptic curves.

mod checks;

use std::process::ExitCode;
use std::sync::Arc;

use lws_gencrypto::{Error, Provider};

/// The library of that name, if it was built in.
fn provider(name: &str) -> Result<Arc<dyn Provider>, String> {
    match name {
        "rustls" => Ok(Arc::new(lws_backend_rustls::crypto())),
        #[cfg(feature = "openssl")]
        "openssl" => Ok(Arc::new(lws_backend_openssl::crypto())),
        #[cfg(feature = "mbedtls")]
        "mbedtls" => Ok(Arc::new(lws_backend_mbedtls::crypto())),
        "openssl" | "mbedtls" => {
            Err(format!("{name} is not built in\nhelp: build with cargo run --features {name}"))
        }
        _ => Err(format!("there is no backend {name}\nhelp: rustls, openssl or mbedtls")),
    }
}

/// The value of `--backend`.
fn backend(arguments: &[String]) -> Result<&str, String> {
    match arguments {
        [] => Ok("rustls"),
        [option, name] if option == "--backend" => Ok(name),
        _ => Err("wrong arguments\nhelp: --backend rustls|openssl|mbedtls".into()),
    }
}

fn run(arguments: &[String]) -> Result<bool, String> {
    let provider = provider(backend(arguments)?)?;
    let mut good = true;
    for (name, check) in checks::ALL {
        match check(&*provider) {
            Ok(true) => println!("{}: {name} ok", provider.name()),
            // Not every library can do everything; it says what to do instead.
            Err(error @ Error::Unsupported { .. }) => println!("{}: {name}: {error}", provider.name()),
            Ok(false) => {
                eprintln!("{}: {name}: a wrong result", provider.name());
                good = false;
            }
            Err(error) => {
                eprintln!("{}: {name}: {error}", provider.name());
                good = false;
            }
        }
    }
    Ok(good)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => {
            println!("Completed: PASS");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("Completed: FAIL");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
