//! A Python 2.7 with the Autobahn test suite, which never moved to Python 3.
//!
//! ```text
//!   installed python2.7 ──┐
//!                         ├─▶ virtualenv in target/conform/autobahn ──▶ pinned packages ──▶ ready
//!   Debian 11's packages ─┘    (unpacked into target/conform/python27, nothing is installed)
//! ```
//! `ready` holds everything that decided how it was made; while that is the same, nothing is made again.

use super::folder;
use crate::sh;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The last Debian release with Python 2.7, and what the interpreter needs that later releases lack.
const RELEASE: &str = "bullseye";
const PACKAGES: [&str; 8] = [
    "python2.7",
    "python2.7-minimal",
    "libpython2.7",
    "libpython2.7-minimal",
    "libpython2.7-stdlib",
    "libpython2.7-dev", // headers, for FASTER
    "libssl1.1",
    "libffi7",
];
/// The last virtualenv that is one script without dependencies. It brings the last pip for Python 2.7 along.
const VIRTUALENV: &str = "virtualenv==16.7.12";
/// Masking and UTF-8 validation of the suite's client in C. It works without, five times slower.
const FASTER: &str = "wsaccel==0.6.6";

/// Why there is no suite.
pub(super) enum Absent {
    /// This machine has no Python 2.7 and offers none.
    Skip(String),
    /// There is one, and installing went wrong.
    Broken(String),
}

/// An interpreter, and the libraries it does not find by itself.
#[derive(Clone)]
pub(super) struct Python {
    program: PathBuf,
    libraries: Option<PathBuf>,
    headers: Option<PathBuf>,
}

impl Python {
    /// A command that runs the interpreter.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        if let Some(headers) = &self.headers {
            command.env("CFLAGS", format!("-I{}", headers.display()));
        }
        // The suite's packages warn about their own age on every start.
        command.env("PYTHONWARNINGS", "ignore").env("PIP_NO_PYTHON_VERSION_WARNING", "1");
        command
    }

    fn works(&self) -> bool {
        sh::works(
            self.command().args(["-c", "import ssl, zlib, sys; sys.exit(sys.version_info[:2] != (2, 7))"]),
        )
    }
}

/// The interpreter of the private environment, made on first use.
pub(super) fn with_autobahn() -> Result<Python, Absent> {
    let python = interpreter().map_err(Absent::Skip)?;
    environment(python).map_err(Absent::Broken)
}

fn interpreter() -> Result<Python, String> {
    for program in installed() {
        let python = Python { program, libraries: None, headers: None };
        // A version manager leaves shims in PATH that answer for versions it does not have.
        if python.works() {
            return Ok(python);
        }
    }
    unpacked().map_err(|why| format!("there is no Python 2.7, and none to unpack: {why}"))?;
    let python = in_package_root(&folder()?.join("python27"));
    if python.works() { Ok(python) } else { Err(format!("the Python 2.7 of {RELEASE} does not run here")) }
}

/// Every `python2.7` in PATH and in pyenv's versions, whether it works or not.
fn installed() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::env::split_paths(&path).map(|dir| dir.join("python2.7")).collect();
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv"));
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or(home);
    let versions = pyenv.map(|root| crate::files::folders(&root.join("versions"))).unwrap_or_default();
    let wanted =
        versions.iter().filter(|v| v.file_name().is_some_and(|n| n.to_string_lossy().starts_with("2.7.")));
    found.extend(wanted.map(|version| version.join("bin/python2.7")));
    found.retain(|program| program.exists());
    found
}

/// The interpreter inside unpacked packages.
fn in_package_root(root: &Path) -> Python {
    let libraries = crate::files::folders(&root.join("usr/lib"));
    let named = |p: &&PathBuf| p.file_name().is_some_and(|n| n.to_string_lossy().ends_with("-linux-gnu"));
    let headers = Some(root.join("usr/include"));
    Python {
        program: root.join("usr/bin/python2.7"),
        libraries: libraries.iter().find(named).cloned(),
        headers,
    }
}

/// Unpacks Debian's packages below `target/conform/python27`, where that was not done before.
fn unpacked() -> Result<(), String> {
    let root = folder()?.join("python27");
    if in_package_root(&root).works() {
        return Ok(());
    }
    if !sh::have("apt-get") || !sh::have("dpkg-deb") {
        return Err("this machine does not use apt".to_owned());
    }
    let mut why = "apt's sources name no Debian mirror".to_owned();
    for mirror in mirrors(&apt_sources()) {
        match download(&mirror, &folder()?.join("apt")) {
            Ok(packages) => {
                for package in packages {
                    sh::must("python27-unpack", Command::new("dpkg-deb").arg("-x").arg(&package).arg(&root))?;
                }
                return Ok(());
            }
            Err(e) => {
                why = format!("{mirror} does not give {RELEASE}: {}", e.lines().last().unwrap_or_default())
            }
        }
    }
    Err(why)
}

/// All of this machine's apt sources, as text.
fn apt_sources() -> String {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    files.extend(
        std::fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|e| e.path()),
    );
    files.iter().filter_map(|f| std::fs::read_to_string(f).ok()).collect::<Vec<_>>().join("\n")
}

/// Where an old release may be: the mirrors in use, then the archive of the same domain.
fn mirrors(sources: &str) -> Vec<String> {
    let lines = sources.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words = lines.flat_map(str::split_whitespace).map(|word| word.trim_end_matches('/'));
    let mut found: Vec<String> = Vec::new();
    for uri in words.filter(|w| w.starts_with("http") && w.ends_with("/debian")) {
        let Some((scheme, rest)) = uri.split_once("://") else { continue };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let labels: Vec<&str> = host.split('.').collect();
        let domain = labels[labels.len().saturating_sub(2)..].join(".");
        for candidate in [uri.to_owned(), format!("{scheme}://archive.{domain}{path}")] {
            if !found.contains(&candidate) {
                found.push(candidate);
            }
        }
    }
    found.sort_by_key(|m| m.contains("://archive."));
    found
}

/// Fetches [`PACKAGES`] with an apt that has its own lists and cache below `apt`.
fn download(mirror: &str, apt: &Path) -> Result<Vec<PathBuf>, String> {
    let _ = std::fs::remove_dir_all(apt); // what another mirror left
    for dir in ["state/lists/partial", "cache/archives/partial", "packages"] {
        std::fs::create_dir_all(apt.join(dir)).map_err(|e| format!("cannot make {}: {e}", apt.display()))?;
    }
    let keyring = Path::new("/usr/share/keyrings/debian-archive-keyring.gpg");
    let signed = if keyring.exists() { format!("[signed-by={}] ", keyring.display()) } else { String::new() };
    std::fs::write(apt.join("sources.list"), format!("deb {signed}{mirror} {RELEASE} main\n"))
        .map_err(|e| e.to_string())?;
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command.current_dir(apt.join("packages"));
        for (option, value) in [
            ("Dir::Etc::SourceList", apt.join("sources.list")),
            ("Dir::Etc::SourceParts", PathBuf::from("/dev/null")),
            ("Dir::State", apt.join("state")),
            ("Dir::State::Status", PathBuf::from("/dev/null")),
            ("Dir::Cache", apt.join("cache")),
            ("APT::Sandbox::User", PathBuf::from("root")), // its own user cannot write here
            ("Acquire::Languages", PathBuf::from("none")),
            ("Acquire::Check-Valid-Until", PathBuf::from("false")), // an archive is not signed anew
            ("APT::Update::Error-Mode", PathBuf::from("any")),
        ] {
            command.arg("-o").arg(format!("{option}={}", value.display()));
        }
        command
    };
    sh::must("python27-apt-update", apt_get().arg("update"))?;
    sh::must("python27-apt-download", apt_get().arg("download").args(PACKAGES))?;
    let packages = std::fs::read_dir(apt.join("packages")).map_err(|e| e.to_string())?;
    Ok(packages.flatten().map(|e| e.path()).collect())
}

/// The virtual environment with the suite in it.
fn environment(python: Python) -> Result<Python, String> {
    let dir = folder()?.join("autobahn");
    let requirements = sh::root().join("ci/conform/autobahn-requirements.txt");
    let pins = format!("{}\n{VIRTUALENV}\n{}{FASTER}\n", python.program.display(), sh::text(&requirements));
    let ready = dir.join("ready");
    let program = dir.join("venv/bin/python");
    if sh::text(&ready) != pins {
        let _ = std::fs::remove_dir_all(&dir); // half-made, or made from other pins
        std::fs::create_dir_all(&dir).map_err(|e| format!("cannot make {}: {e}", dir.display()))?;
        println!("installing the Autobahn test suite into {}", dir.display());
        install(&python, &dir, &requirements)?;
        std::fs::write(&ready, pins).map_err(|e| format!("cannot write {}: {e}", ready.display()))?;
    }
    Ok(Python { program, ..python })
}

fn install(python: &Python, dir: &Path, requirements: &Path) -> Result<(), String> {
    let tools = dir.join("tools");
    // Any pip will do for this one package; Debian's Python 2.7 comes without one.
    let fetch = |mut any: Command| {
        any.args(["-m", "pip", "install", "--no-deps", "--target"]).arg(&tools).arg(VIRTUALENV);
        sh::must("autobahn-tools", &mut any)
    };
    fetch(Command::new("python3"))
        .or_else(|_| fetch(python.command()))
        .map_err(|e| format!("{e}\nhelp: apt-get install python3-pip"))?;
    let script = tools.join("virtualenv.py");
    sh::must("autobahn-venv", python.command().arg(script).arg("--no-download").arg(dir.join("venv")))?;
    let inside = |what: &str| {
        let mut pip = Python { program: dir.join("venv/bin/python"), ..python.clone() }.command();
        pip.args(["-m", "pip", "install", "--no-deps"]).arg(what);
        pip
    };
    sh::must("autobahn-install", inside("-r").arg(requirements))?;
    if !sh::logged("autobahn-faster", &mut inside(FASTER))?.ok {
        println!("note: {FASTER} does not build here (no C compiler?); the suite runs, slower");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_come_from_the_machines_own_sources() {
        let sources = "# http://old.example/debian\nTypes: deb\nURIs: http://deb.mirror.example/debian/\nSuites: x\n\
                       deb [arch=amd64] https://tools.example/apt stable main\n\
                       deb http://security.mirror.example/debian-security x main\n";
        assert_eq!(
            mirrors(sources),
            ["http://deb.mirror.example/debian", "http://archive.mirror.example/debian"]
        );
        assert!(mirrors("deb https://tools.example/apt stable main").is_empty());
    }
}
