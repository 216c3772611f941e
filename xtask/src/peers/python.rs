//! A Python with the packages of `ci/interop/requirements.txt`, in a virtual environment under `target/`.

use crate::sh;
use std::path::PathBuf;
use std::process::Command;

/// The interpreter; an error says what is missing here.
pub(super) fn interpreter() -> Result<PathBuf, String> {
    let wanted = sh::root().join("ci/interop/requirements.txt");
    let dir = sh::target_dir().join("interop/python");
    let (python, mark) = (dir.join("bin/python"), dir.join("requirements.txt"));
    let list = std::fs::read(&wanted).map_err(|e| format!("{}: {e}", wanted.display()))?;
    if std::fs::read(&mark).is_ok_and(|installed| installed == list) {
        return Ok(python);
    }
    sh::must("interop-venv", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&wanted);
    sh::must("interop-pip", &mut pip)?;
    std::fs::write(&mark, list).map_err(|e| format!("{}: {e}", mark.display()))?;
    Ok(python)
}
