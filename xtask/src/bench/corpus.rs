//! Texts to measure with: fetched or found on first use, packed into one file by the program `corpus`, kept in `target`.
//!
//! Nothing of them is in the repository: they are large, and not ours. What cannot be had is a reason to skip.

use super::plan::{Corpus, Source};
use crate::sh;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why there is no corpus.
pub(crate) enum Missing {
    /// It cannot be had here; what to do about it.
    Skip(String),
    /// Something that should work does not.
    Failed(String),
}

/// The pack of a corpus, made if need be. `packer` is the program `corpus`.
pub(crate) fn pack(corpus: &Corpus, folder: &Path, packer: &Path) -> Result<PathBuf, Missing> {
    let pack = folder.join(format!("{}.pack", corpus.name));
    if pack.exists() {
        return Ok(pack);
    }
    let failed = |why: String| Missing::Failed(format!("corpus {}: {why}", corpus.name));
    // Emptied first: it may be left from a run that was stopped.
    let unpacked = folder.join(format!("{}.unpacked", corpus.name));
    let _ = std::fs::remove_dir_all(&unpacked);
    std::fs::create_dir_all(&unpacked)
        .map_err(|e| failed(format!("cannot make {}: {e}", unpacked.display())))?;
    let source = match &corpus.source {
        Source::Sysroot(below) => {
            sysroot(below).ok_or_else(|| Missing::Skip(skip(corpus, "the toolchain lacks it")))?
        }
        Source::Debian { packages, archive } => debian(packages, archive.as_deref(), &unpacked)
            .map_err(|why| Missing::Skip(skip(corpus, &why)))?,
    };
    let outcome = sh::must(&format!("corpus-{}", corpus.name), Command::new(packer).arg(&pack).arg(&source))
        .map_err(failed)?;
    // Kept beside the pack: how much of what there is in it. What is unpacked is not needed any more.
    let told = std::fs::copy(&outcome.log, pack.with_extension("json"))
        .and_then(|_| std::fs::remove_dir_all(&unpacked));
    told.map_err(|e| failed(e.to_string()))?;
    sh::line("MADE", &corpus.name, outcome.took, sh::text(&outcome.log).trim());
    Ok(pack)
}

fn skip(corpus: &Corpus, why: &str) -> String {
    format!("no corpus {}: {why}; {}", corpus.name, corpus.help)
}

/// A folder of the toolchain, if it is installed.
fn sysroot(below: &str) -> Option<PathBuf> {
    let sysroot = sh::output(Command::new("rustc").args(["--print", "sysroot"])).ok()?;
    let folder = Path::new(sysroot.trim()).join(below);
    folder.is_dir().then_some(folder)
}

/// Unpacks Debian packages into `into`, without installing them; answers the folder with the texts.
fn debian(packages: &[String], archive: Option<&str>, into: &Path) -> Result<PathBuf, String> {
    if !sh::have("apt-get") || !sh::have("dpkg") {
        return Err("this system has no apt-get and dpkg".to_owned());
    }
    for package in packages {
        let mut download = Command::new("apt-get");
        let fetched =
            sh::logged(&format!("fetch-{package}"), download.args(["download", package]).current_dir(into))?;
        if !fetched.ok {
            let why = sh::tail(&fetched.log, 1);
            return Err(format!("apt-get download {package} failed ({})", why.trim()));
        }
    }
    let texts = into.join("texts");
    let entries = std::fs::read_dir(into).map_err(|e| e.to_string())?;
    let debs: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "deb")).collect();
    for deb in debs {
        sh::must("unpack", Command::new("dpkg").arg("-x").arg(&deb).arg(&texts))?;
        // A whole disk of unpacked copies is not wanted: each goes when it is done with.
        std::fs::remove_file(&deb).map_err(|e| e.to_string())?;
    }
    let Some(archive) = archive else { return Ok(texts) };
    let inside = into.join("archive");
    std::fs::create_dir_all(&inside).map_err(|e| e.to_string())?;
    sh::must("unpack", Command::new("tar").arg("-xf").arg(texts.join(archive)).arg("-C").arg(&inside))?;
    Ok(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_had_is_skipped_with_its_reason() {
        let folder = sh::scratch_dir().unwrap().join(format!("corpus-test-{}", std::process::id()));
        let corpus = Corpus {
            name: "novels".to_owned(),
            source: Source::Sysroot("share/no-such-folder".to_owned()),
            help: "write some".to_owned(),
        };
        let Err(Missing::Skip(why)) = pack(&corpus, &folder, Path::new("corpus")) else {
            panic!("it is not there")
        };
        assert_eq!(why, "no corpus novels: the toolchain lacks it; write some");
        std::fs::write(folder.join("novels.pack"), "").unwrap();
        assert!(pack(&corpus, &folder, Path::new("corpus")).is_ok(), "made once, used again");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
