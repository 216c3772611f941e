//! The folder that the server under attack serves, and what lies around it.
//!
//! ```text
//!   attack/
//!     secret.txt           outside the root
//!     site-evil/           a sibling whose name begins like the root's
//!     site/                served, with listings
//!       index.html, test.html, canary.txt, t=est, cgi-bin/settings.js, name.unknown, …
//!       open/              a folder without an index: listed
//!       .env, .git/, x~    not served
//!       out, out-dir, zero links that lead outside
//!       fifo, socket       no files; the first would block whoever opens it
//! ```

use super::case;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// In every file, and every name, that must never be sent.
pub(super) const SECRET: &str = "SECRET-9d1c";
/// What the request behind a refused one asks for.
pub(super) const CANARY: &str = "CANARY-42aa";
/// What a request inside a body asks for.
pub(super) const INNER: &str = "INNER-77e0";

/// Where it is.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// The served folder.
    pub(super) root: PathBuf,
}

impl Site {
    /// Makes the folder anew below `dir`.
    pub(super) fn prepare(dir: &Path) -> Result<Site, String> {
        let _ = std::fs::remove_dir_all(dir); // that of the last run
        let files = [
            ("secret.txt", format!("{SECRET}\n")),
            ("site-evil/secret.txt", format!("{SECRET}\n")),
            (
                "site/index.html",
                "<!doctype html>\n<title>root page</title>\n<p>This is the root page.\n".to_owned(),
            ),
            (
                "site/test.html",
                format!(
                    "<!doctype html>\n<title>test</title>\n{}",
                    "<p>A page of some length.\n".repeat(300)
                ),
            ),
            ("site/canary.txt", format!("{CANARY}\n")),
            ("site/inner.txt", format!("{INNER}\n")),
            ("site/t=est", "an escaped name\n".to_owned()),
            ("site/cgi-bin/settings.js", "// settings\n".to_owned()),
            ("site/cgi-bin/settingsjs", "settings\n".to_owned()),
            ("site/name.unknown", "<script>alert(1)</script>\n".to_owned()),
            ("site/thousand.txt", "0123456789".repeat(100)),
            ("site/open/page.txt", "a page\n".to_owned()),
            ("site/open/.hidden-SECRET-9d1c", format!("{SECRET}\n")),
            ("site/open/backup-SECRET-9d1c~", format!("{SECRET}\n")),
            ("site/.env", format!("{SECRET}\n")),
            ("site/.git/config", format!("{SECRET}\n")),
            ("site/.htpasswd", format!("{SECRET}\n")),
            ("site/index.html~", format!("{SECRET}\n")),
            ("site/.well-known/acme-challenge/token", "for the certificate authority\n".to_owned()),
        ];
        for (name, text) in files {
            let path = dir.join(name);
            let parent = path.parent().unwrap_or(dir);
            std::fs::create_dir_all(parent)
                .and_then(|()| std::fs::write(&path, text))
                .map_err(|e| format!("{}: {e}", path.display()))?;
        }
        let site = Site { root: dir.join("site") };
        let links = [
            ("out", "../secret.txt".into()),
            ("out-dir", "..".into()),
            ("out-absolute", dir.join("secret.txt")),
            ("out-evil", "../site-evil".into()),
            ("zero", PathBuf::from("/dev/zero")),
            ("loop", PathBuf::from("loop")),
        ];
        for (name, to) in links {
            symlink(&to, site.root.join(name)).map_err(|e| format!("link {name}: {e}"))?;
        }
        // Where the path is too long for a socket's name, its row asks for what is not there: the same answer.
        let _ = UnixListener::bind(site.root.join("socket"));
        let made = Command::new("mkfifo").arg(site.root.join("fifo")).status();
        if made.is_ok_and(|s| s.success()) { Ok(site) } else { Err("cannot make a fifo".to_owned()) }
    }

    /// The bytes of a served file; `name` is written with the escapes of the data files.
    pub(super) fn file(&self, name: &str) -> Option<Vec<u8>> {
        let name = case::bytes(name).ok()?;
        std::fs::read(self.root.join(String::from_utf8(name).ok()?)).ok()
    }
}
