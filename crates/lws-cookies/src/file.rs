//! Cookies in a file, in the format of Netscape, curl and lws.
//!
//! ```text
//!   [#HttpOnly_]domain TAB with-subdomains TAB path TAB secure TAB expires TAB name TAB value
//! ```

use crate::limits::{COOKIES, FILE_BYTES};
use crate::{Cookie, Jar};
use std::io::{self, Read, Write};
use std::path::Path;

const HTTP_ONLY: &str = "#HttpOnly_";

impl Jar {
    /// Adds the cookies of a file; lines that are none are passed over. A file that is not there is empty.
    ///
    /// # Errors
    /// The file cannot be read, or has more than [`FILE_BYTES`].
    pub fn load(&mut self, path: impl AsRef<Path>, now_s: u64) -> io::Result<()> {
        let file = match std::fs::File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file of cookies is too long"));
        }
        let text = String::from_utf8_lossy(&bytes);
        for cookie in text.lines().filter_map(line).filter(|c| c.expires_s.is_none_or(|at| at > now_s)) {
            let same =
                |c: &Cookie| c.domain == cookie.domain && c.path == cookie.path && c.name == cookie.name;
            if self.cookies.len() < COOKIES && !self.cookies.iter().any(same) {
                self.cookies.push(cookie);
            }
        }
        Ok(())
    }

    /// Writes the cookies that outlast this session. The file is replaced as a whole: whoever reads it, or a crash,
    /// finds the old one or the new one. Only its owner may read it.
    ///
    /// # Errors
    /// The file cannot be written; then the old one is as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // CLI-07: made with mode 0600, and named only when it is complete.
        let mut file = tempfile::Builder::new().prefix(".cookies-").tempfile_in(folder)?;
        file.write_all(b"# Netscape HTTP Cookie File\n")?;
        for cookie in &self.cookies {
            let Some(expires) = cookie.expires_s else { continue };
            let flag = |yes: bool| if yes { "TRUE" } else { "FALSE" };
            let prefix = if cookie.http_only { HTTP_ONLY } else { "" };
            let Cookie { domain, path, name, value, .. } = cookie;
            let (below, secure) = (flag(!cookie.host_only), flag(cookie.secure));
            writeln!(file, "{prefix}{domain}\t{below}\t{path}\t{secure}\t{expires}\t{name}\t{value}")?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        std::fs::File::open(folder)?.sync_all()
    }
}

fn line(text: &str) -> Option<Cookie> {
    let (text, http_only) = match text.strip_prefix(HTTP_ONLY) {
        Some(rest) => (rest, true),
        None if text.starts_with('#') => return None,
        None => (text, false),
    };
    let mut parts = text.splitn(7, '\t');
    let mut next = || parts.next();
    let (domain, below, path, secure) = (next()?, next()?, next()?, next()?);
    let (expires, name, value) = (next()?, next()?, next()?);
    let fine = !domain.is_empty() && path.starts_with('/') && !name.is_empty();
    if !fine || text.bytes().any(|b| b.is_ascii_control() && b != b'\t') || value.contains('\t') {
        return None;
    }
    let expires: u64 = expires.parse().ok()?;
    Some(Cookie {
        name: name.into(),
        value: value.into(),
        domain: domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase(),
        host_only: below != "TRUE",
        path: path.into(),
        secure: secure == "TRUE",
        http_only,
        // Zero is a session's cookie, as curl writes them.
        expires_s: Some(expires).filter(|at| *at > 0),
        used: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;
    use std::os::unix::fs::PermissionsExt;

    const PLACE: Place<'static> = Place { host: "a.example.com", path: "/", secure: true };

    #[test]
    fn cli_07_a_file_comes_back_and_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jar");
        let mut jar = Jar::new();
        jar.load(&path, 0).unwrap();
        for field in
            ["a=1; Max-Age=100", "b=2; Domain=example.com; Secure; HttpOnly; Path=/x; Max-Age=50", "c=3"]
        {
            jar.store(&PLACE, field.as_bytes(), 10).unwrap();
        }
        jar.save(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut other = Jar::new();
        other.load(&path, 20).unwrap();
        let all: Vec<_> = jar.iter().filter(|c| c.expires_s.is_some()).cloned().collect();
        let strip = |c: &Cookie| Cookie { used: 0, ..c.clone() };
        assert!(other.iter().map(strip).eq(all.iter().map(strip)));
        let mut later = Jar::new();
        later.load(&path, 60).unwrap();
        assert_eq!(later.len(), 1);
        // An older file that everybody could read does not stay so.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        jar.save(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// Whatever is in the way, the old file stays whole, and nothing is left behind.
    #[test]
    fn cli_07_a_save_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jar");
        let mut jar = Jar::new();
        jar.store(&PLACE, b"a=1; Max-Age=100", 10).unwrap();
        jar.save(&path).unwrap();
        let before = std::fs::read(&path).unwrap();
        // A folder stands where the file should come to be.
        let taken = folder.path().join("folder");
        std::fs::create_dir(&taken).unwrap();
        std::fs::write(taken.join("x"), "").unwrap();
        assert!(jar.save(&taken).is_err());
        assert!(jar.save(folder.path().join("no/such/folder")).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "no half-written file is left");
    }

    /// A reader sees the old file or the new one while it is written over and over.
    #[test]
    fn cli_07_who_reads_meanwhile_finds_a_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jar");
        let mut jar = Jar::new();
        for i in 0..40 {
            jar.store(&PLACE, format!("c{i}={}; Max-Age=100", "x".repeat(1000)).as_bytes(), 10).unwrap();
        }
        jar.save(&path).unwrap();
        let writer = {
            let path = path.clone();
            std::thread::spawn(move || {
                let mut jar = Jar::new();
                jar.load(&path, 10).unwrap();
                (0..50).for_each(|_| jar.save(&path).unwrap());
            })
        };
        while !writer.is_finished() {
            let mut seen = Jar::new();
            seen.load(&path, 10).unwrap();
            assert_eq!(seen.len(), 40);
        }
        writer.join().unwrap();
    }

    #[test]
    fn lines_that_are_no_cookies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jar");
        let good = ".Example.com\tTRUE\t/\tFALSE\t99\tn\tv\n";
        let bad = "# comment\n\nx\n\tTRUE\t/\tFALSE\t99\tn\tv\na\tTRUE\tx\tFALSE\t99\tn\tv\n\
                   a\tTRUE\t/\tFALSE\tsoon\tn\tv\na\tTRUE\t/\tFALSE\t99\t\tv\na\tTRUE\t/\tFALSE\t99\tn\tv\tw\n\
                   \u{7}\tTRUE\t/\tFALSE\t99\tn\tv\n";
        std::fs::write(&path, [good, bad, good, "\u{fffd}\0\n"].concat()).unwrap();
        let mut jar = Jar::new();
        jar.load(&path, 10).unwrap();
        assert_eq!(jar.header(&PLACE, 10), Some("n=v".into()));
        assert_eq!(jar.len(), 1);
    }
}
