//! Looks at a certificate, verifies it, and makes a JWK of its key; or makes certificates.

mod backend;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use lws_gencrypto::der::DateTime;
use lws_gencrypto::{Curve, Provider};
use lws_jose::jwk::Jwk;
use lws_x509::{Certificate, HostName, Policy, PrivateKey, Purpose, SigningKey, Template, Verify, pem};

const USAGE: &str = "minimal-crypto-x509 -c CERTIFICATE [-t TRUSTED] [-n HOST] [-p PRIVATE-KEY] [--lws]
minimal-crypto-x509 -m HOST -d FOLDER

  -c  a PEM file: the certificate to look at, and perhaps its intermediates
  -t  a PEM file: the certificates to trust
  -n  the host that the certificate has to be about
  -p  a PEM file: the private key; the JWK then has it too
  --lws  forgives what lws forgives: common names, version 1, authorities used as servers
  -m  makes an authority, and a key and certificate for a host: ca.pem, key.pem and cert.pem in FOLDER
  --backend  the cryptographic library: rustls, openssl or mbedtls";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let provider = backend::provider(flag("--backend").as_deref())?;
    match (flag("-c"), flag("-m").zip(flag("-d"))) {
        (Some(file), _) => look_at(&provider, &file),
        (None, Some((host, folder))) => make(&*provider, &host, &folder),
        (None, None) => Err(USAGE.into()),
    }
}

fn look_at(provider: &Arc<dyn Provider>, file: &str) -> Result<()> {
    let chain = pem::all(&read(file)?, pem::CERTIFICATE)?;
    let chain =
        chain.iter().map(|der| Certificate::parse(der)).collect::<std::result::Result<Vec<_>, _>>()?;
    let (leaf, intermediates) = chain.split_first().ok_or("no certificate")?;
    println!("{leaf}");
    if let Some(trusted) = flag("-t") {
        verify(&**provider, leaf, intermediates, &trusted)?;
    }
    let Some(key) = flag("-p") else {
        println!("{}", Jwk::from_certificate(leaf.der)?.public_json()?);
        return Ok(());
    };
    let key = read(&key)?;
    // A key that belongs to another certificate is the usual mistake.
    leaf.check_key(&PrivateKey::from_pem(&key)?.public(&**provider)?)?;
    let secret = Jwk::from_pem(provider, &key)?.private_json()?;
    println!("{}", String::from_utf8_lossy(secret.expose()));
    Ok(())
}

fn verify(
    provider: &dyn Provider,
    leaf: &Certificate,
    intermediates: &[Certificate],
    trusted: &str,
) -> Result<()> {
    let anchors = pem::all(&read(trusted)?, pem::CERTIFICATE)?;
    let anchors =
        anchors.iter().map(|der| Certificate::parse(der)).collect::<std::result::Result<Vec<_>, _>>()?;
    let name = flag("-n");
    let host = name.as_deref().map(HostName::parse).transpose()?;
    let lenient = std::env::args().any(|argument| argument == "--lws");
    let policy = if lenient { Policy::lws() } else { Policy::strict() };
    let question =
        Verify { leaf, intermediates, anchors: &anchors, host, purpose: Purpose::Server, now: now()? };
    let verified = question.run(provider, policy)?;
    println!("verified:    yes, {} certificates up to the one that is trusted", verified.path.len());
    for forgiven in verified.forgiven {
        println!("forgiven:    {forgiven}");
    }
    Ok(())
}

fn make(provider: &dyn Provider, host: &str, folder: &str) -> Result<()> {
    let ca_key = SigningKey::Ec(provider.ec_generate(Curve::P256)?);
    let ca = Template::authority("minimal-crypto-x509").valid(now()?, 3650).self_signed(provider, &ca_key)?;
    let key = SigningKey::Ec(provider.ec_generate(Curve::P256)?);
    let template = Template::server(&[host])?.valid(now()?, 365);
    let der = template.signed_by(provider, &key.public(), &Certificate::parse(&ca)?, &ca_key)?;
    fs::create_dir_all(folder)?;
    fs::write(format!("{folder}/ca.pem"), pem::encode(pem::CERTIFICATE, &ca))?;
    secret(&format!("{folder}/key.pem"))?.write_all(key.export_private()?.to_pem()?.expose())?;
    fs::write(format!("{folder}/cert.pem"), pem::encode(pem::CERTIFICATE, &der))?;
    println!("{folder}/ca.pem, {folder}/key.pem and {folder}/cert.pem are for {host}");
    Ok(())
}

/// A new file that only we can read.
fn secret(path: &str) -> Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?)
}

fn now() -> Result<DateTime> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(DateTime::from_unix(i64::try_from(since.as_secs())?))
}

fn read(file: &str) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| format!("cannot read {file}: {error}").into())
}

/// What follows `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}
