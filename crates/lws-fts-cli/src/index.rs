//! `lws-fts index`: brings an index up to date with a folder.
//!
//! Files are named by their path below the folder, with `/`. One that has the same length and time of change as when it
//! was indexed is not read again; one that is gone is removed. Everything is one update: whoever searches meanwhile sees
//! the old state, and so does everybody if this program is killed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use lws_fts::{Error, FileSource, Index, Store, Summary, Update, limits};

use crate::args::Options;
use crate::json::{Json, plain};
use crate::limits::{BINARY_LOOK, MAX_DEPTH, READ_CHUNK};
use crate::progress::Progress;

/// Why a file with NUL is not indexed.
const NOT_TEXT: &str = "not text";

/// A file below the folder.
struct Found {
    full: PathBuf,
    bytes: u64,
    /// When it was changed, in nanoseconds since 1970.
    stamp: u64,
}

/// What happened.
#[derive(Default)]
struct Counts {
    added: u64,
    replaced: u64,
    unchanged: u64,
    removed: u64,
    /// Not text, not readable, or too large.
    skipped: u64,
}

pub(crate) fn run(options: &Options) -> Result<u8, String> {
    let root = PathBuf::from(&options.rest);
    let mut store = Store::open(&options.index).map_err(|e| e.to_string())?;
    let own = fs::canonicalize(&options.index).map_err(|e| format!("{}: {e}", options.index.display()))?;
    let mut counts = Counts::default();
    let mut files = BTreeMap::new();
    let listing = fs::read_dir(&root).map_err(|e| format!("{}: {e}", root.display()))?;
    walk(listing, "", 0, &own, &mut files, &mut counts);
    let index = store.index().map_err(|e| e.to_string())?;
    let summary = update(&mut store, &index, &files, options, &mut counts).map_err(|e| e.to_string())?;
    drop(index);
    let compact = if options.compact { store.compact().map_err(|e| e.to_string())? } else { None };
    let total = store.index().map_err(|e| e.to_string())?.stats();
    if options.json {
        let json = Json::object()
            .raw("added", counts.added)
            .raw("replaced", counts.replaced)
            .raw("unchanged", counts.unchanged)
            .raw("removed", counts.removed)
            .raw("skipped", counts.skipped)
            .raw("text_bytes", total.text_bytes)
            .raw("index_bytes", total.index_bytes);
        let json = match &compact {
            Some(path) => json.string("file", &path.display().to_string()),
            None => json,
        };
        println!("{}", json.end());
    } else {
        let Counts { added, replaced, unchanged, removed, skipped } = counts;
        println!(
            "{added} added, {replaced} replaced, {removed} removed, {unchanged} unchanged, {skipped} skipped"
        );
        println!("{} bytes of text read; the index has {} bytes", summary.text_bytes, total.index_bytes);
        if let Some(path) = compact {
            println!("all in {}", path.display());
        }
    }
    Ok(0)
}

/// Collects the files of a folder and below.
fn walk(
    listing: fs::ReadDir,
    prefix: &str,
    depth: usize,
    own: &Path,
    files: &mut BTreeMap<String, Found>,
    counts: &mut Counts,
) {
    for entry in listing.flatten() {
        let full = entry.path();
        let mut skip = |why: &str| {
            eprintln!("warning: {}: {}", plain(&full.display().to_string()), plain(why));
            counts.skipped += 1;
        };
        let Ok(name) = entry.file_name().into_string() else {
            skip("the name is not UTF-8");
            continue;
        };
        let path = format!("{prefix}{name}");
        // A link would lead out of the folder, or around in circles.
        match entry.metadata() {
            Ok(data) if data.is_dir() => match fs::read_dir(&full) {
                _ if fs::canonicalize(&full).is_ok_and(|full| full == own) => {}
                _ if depth >= MAX_DEPTH => skip("too deep"),
                Ok(listing) => walk(listing, &format!("{path}/"), depth + 1, own, files, counts),
                Err(error) => skip(&error.to_string()),
            },
            Ok(data) if data.is_file() => {
                let changed = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let stamp = changed.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(0));
                files.insert(path, Found { bytes: data.len(), stamp, full });
            }
            Ok(_) => {}
            Err(error) => skip(&error.to_string()),
        }
    }
}

fn update(
    store: &mut Store,
    index: &Index<FileSource>,
    files: &BTreeMap<String, Found>,
    options: &Options,
    counts: &mut Counts,
) -> Result<Summary, Error> {
    let budget = options.budget.map_or(limits::DEFAULT_BUDGET, |mib| mib.saturating_mul(1 << 20));
    let mut known = BTreeMap::new();
    for id in index.files() {
        let file = index.file(id)?;
        known.insert(file.path, (file.bytes, file.stamp));
    }
    let mut update = store.update(budget)?;
    for path in known.keys().filter(|path| !files.contains_key(*path)) {
        counts.removed += u64::from(update.remove(path)?);
    }
    let all = files.values().map(|file| file.bytes).sum::<u64>().max(1);
    let mut done = 0;
    let mut progress = Progress::new("reading", options.quiet);
    for (path, file) in files {
        let before = known.get(path);
        if before == Some(&(file.bytes, file.stamp)) {
            counts.unchanged += 1;
        } else if let Err(why) = add(&mut update, path, file)? {
            // That there are files that are no text is nothing to worry about.
            if why != NOT_TEXT {
                eprintln!("warning: {}: {}", plain(path), plain(&why));
            }
            counts.skipped += 1;
            // It was text, and no longer is.
            counts.removed += u64::from(before.is_some() && update.remove(path)?);
        } else if before.is_some() {
            counts.replaced += 1;
        } else {
            counts.added += 1;
        }
        done += file.bytes;
        progress.show((done.min(all) * 1000 / all) as u32);
    }
    drop(progress);
    let mut progress = Progress::new("merging", options.quiet);
    update.commit(|done| progress.show(done))
}

/// Adds a file; the inner error says why it is not indexed.
fn add(update: &mut Update<'_>, path: &str, found: &Found) -> Result<Result<(), String>, Error> {
    if found.bytes > limits::MAX_FILE {
        return Ok(Err("larger than 4 GiB".into()));
    }
    let mut file = match File::open(&found.full) {
        Ok(file) => file.take(limits::MAX_FILE),
        Err(error) => return Ok(Err(error.to_string())),
    };
    let mut chunk = vec![0; READ_CHUNK];
    let mut first = true;
    loop {
        let n = match file.read(&mut chunk) {
            Ok(n) => n,
            Err(error) if first => return Ok(Err(error.to_string())),
            // What was read is indexed already.
            Err(error) => {
                eprintln!("warning: {}: {error}", plain(path));
                return Ok(Ok(()));
            }
        };
        let bytes = &chunk[..n];
        if first {
            if bytes[..n.min(BINARY_LOOK)].contains(&0) {
                return Ok(Err(NOT_TEXT.into()));
            }
            update.begin(path, found.stamp)?;
        }
        if n == 0 {
            return Ok(Ok(()));
        }
        first = false;
        update.write(bytes)?;
    }
}
