//! The program, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

fn run(args: &[&str], at: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lws-fts")).args(args).current_dir(at).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs with `--json` and reads the answer.
fn json(args: &[&str], at: &Path) -> Value {
    let output = run(&[args, &["--json"]].concat(), at);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{args:?}: {e} {}", text(&output.stderr)))
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A folder with some text in `text`, indexed into `idx`.
fn indexed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(
        at,
        "text/night.txt",
        "It was a dark\nand stormy night; the rain\nfell <b>in</b> torrents. Night!\n",
    );
    write(at, "text/deep/er/jp.txt", "全文検索の設定\n");
    write(at, "text/fr.txt", "Là-bas, être même");
    write(at, "text/binary", b"stormy\0night");
    let answer = json(&["index", "idx", "text"], at);
    assert_eq!((&answer["added"], &answer["skipped"]), (&3.into(), &1.into()));
    folder
}

#[test]
fn search_finds_files_lines_and_text() {
    let folder = indexed();
    let at = folder.path();
    let found = json(&["search", "idx", "night", "--quote", "text"], at);
    assert_eq!(found["total"], 1);
    let hit = &found["hits"][0];
    assert_eq!(hit["path"], "night.txt");
    assert_eq!(hit["lines"][0]["line"], 2);
    assert_eq!(hit["lines"][0]["text"], "and stormy night; the rain");
    assert_eq!(hit["lines"][0]["marks"], serde_json::json!([[11, 16]]));
    assert_eq!(hit["lines"][1]["start"], 14 + 27);
    for (query, path) in
        [("etre MEME", "fr.txt"), ("検索", "deep/er/jp.txt"), ("\"dark and st\"*", "night.txt")]
    {
        assert_eq!(json(&["search", "idx", query], at)["hits"][0]["path"], path, "{query}");
    }
    assert_eq!(json(&["search", "idx", "dark OR être", "--path", "*r.txt"], at)["total"], 1);
    let shown = run(&["search", "idx", "stormy", "--quote", "text"], at);
    assert_eq!(text(&shown.stdout), "night.txt\n      2: and stormy night; the rain\n1 of 1 files\n");
    assert_eq!(run(&["search", "idx", "nothing"], at).status.code(), Some(1));
    assert_eq!(run(&["search", "idx", "--", "dark", "-night"], at).status.code(), Some(1));
}

#[test]
fn complete_verify_and_stats() {
    let folder = indexed();
    let at = folder.path();
    let words = json(&["complete", "idx", "ni"], at);
    assert_eq!(words["suggestions"], serde_json::json!([{"term": "night", "count": 2}]));
    assert_eq!(json(&["complete", "idx", "--limit", "2"], at)["suggestions"].as_array().unwrap().len(), 2);
    assert_eq!(json(&["verify", "idx"], at)["sound"], true);
    let stats = json(&["stats", "idx"], at);
    assert_eq!((&stats["files"], &stats["segments"]), (&3.into(), &1.into()));
    assert!(text(&run(&["stats", "idx"], at).stdout).contains("index bytes"));
}

#[test]
fn indexing_again_reads_only_what_changed() {
    let folder = indexed();
    let at = folder.path();
    write(at, "text/new.txt", "brand new");
    write(at, "text/fr.txt", "autre chose, plus longue");
    fs::remove_file(at.join("text/night.txt")).unwrap();
    let answer = json(&["index", "idx", "text"], at);
    let got = ["added", "replaced", "removed", "unchanged"].map(|name| answer[name].as_u64().unwrap());
    assert_eq!(got, [1, 1, 1, 1]);
    for (query, total) in [("stormy", 0), ("être", 0), ("autre", 1), ("brand", 1), ("検索", 1)] {
        assert_eq!(json(&["search", "idx", query], at)["total"], total, "{query}");
    }
    let answer = json(&["index", "idx", "text", "--compact"], at);
    // The one file is an index, too.
    let file = answer["file"].as_str().unwrap();
    fs::copy(at.join(file), at.join("one.fts")).unwrap();
    assert_eq!(json(&["search", "one.fts", "autre"], at)["total"], 1);
    assert_eq!(json(&["stats", "one.fts"], at)["removed"], 0);
    json(&["verify", "one.fts"], at);
}

#[test]
fn errors_say_what_and_why() {
    let folder = indexed();
    let at = folder.path();
    fs::write(at.join("bad.fts"), vec![7; 4096]).unwrap();
    for (args, want) in [
        (&["search", "none", "x"][..], "cannot open none"),
        (&["search", "bad.fts", "x"], "damaged"),
        (&["verify", "bad.fts"], "damaged"),
        (&["search", "idx", "(x"], "parenthesis"),
        (&["search", "idx", "!!"], "no word"),
        (&["search", "idx"], "arguments"),
        (&["search", "idx", "x", "--limit", "many"], "not a number"),
        (&["stats", "idx", "--limit", "1"], "no option --limit"),
        (&["frobnicate"], "no command `frobnicate`"),
        (&["index", "idx", "nowhere"], "nowhere"),
        (&[], "usage"),
    ] {
        let output = run(args, at);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let error = text(&output.stderr);
        assert!(error.starts_with("error: ") && error.contains(want), "{args:?}: {error}");
    }
    assert!(text(&run(&["--help"], at).stdout).contains("usage"));
}

/// FTS-05: what comes from texts, paths and queries is data.
#[test]
fn fts_05_output_is_escaped_and_paths_stay_inside() {
    let folder = indexed();
    let at = folder.path();
    let needles =
        ["<script>night", "night \"\\ night\"", &format!("night {}", "x".repeat(4000)), ".*night[a-z]+"];
    for needle in needles {
        let output = run(&["search", "idx", needle, "--json", "--quote", "text"], at);
        assert!(output.status.code().is_some_and(|code| code < 2), "{needle}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["query"], needle);
        assert!(!text(&output.stdout).contains('<'));
    }
    // A line with something that steers terminals.
    write(at, "text/esc.txt", "danger \x1b]0;title\x07 end");
    json(&["index", "idx", "text"], at);
    let output = run(&["search", "idx", "danger", "--quote", "text"], at);
    assert!(!output.stdout.contains(&0x1b));
    // A file of the index that leads out of the folder is found, but its text is not read.
    write(at, "secret.txt", "secret night");
    let mut store = lws_fts::Store::open(at.join("evil")).unwrap();
    let mut update = store.update(0).unwrap();
    for path in ["../secret.txt", at.join("secret.txt").to_str().unwrap(), "link.txt"] {
        update.begin(path, 0).unwrap();
        update.write(b"secret night").unwrap();
    }
    update.commit(|_| {}).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(at.join("secret.txt"), at.join("text/link.txt")).unwrap();
    let found = json(&["search", "evil", "secret", "--quote", "text"], at);
    assert_eq!(found["total"], 3);
    assert!(found["hits"].as_array().unwrap().iter().all(|hit| hit["lines"][0].get("text").is_none()));
}

/// FTS-04: killed at any moment, the program leaves the old index or the new one.
#[test]
fn fts_04_killed_while_indexing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let fill = |round: usize| {
        for n in 0..60 {
            write(at, &format!("text/{n}.txt"), format!("round{round:03} words{n} ").repeat(300 + round));
        }
    };
    fill(0);
    json(&["index", "idx", "text"], at);
    let mut seen = [0, 0];
    let mut current = 0;
    for round in 1..=24 {
        fill(round);
        let mut child = Command::new(env!("CARGO_BIN_EXE_lws-fts"));
        let child = child.args(["index", "idx", "text", "--quiet"]).current_dir(at).stdout(Stdio::null());
        let mut child = child.spawn().unwrap();
        // Not a wait for something: the moment of the kill is what varies.
        std::thread::sleep(Duration::from_millis(round as u64 * 4));
        let _ = child.kill();
        child.wait().unwrap();
        let words = json(&["complete", "idx", "round"], at);
        let words = words["suggestions"].as_array().unwrap();
        assert_eq!(words.len(), 1, "one state: {words:?}");
        let new = words[0]["term"] == format!("round{round:03}");
        assert!(new || words[0]["term"] == format!("round{current:03}"));
        if new {
            current = round;
        }
        seen[usize::from(new)] += 1;
        assert_eq!(json(&["verify", "idx"], at)["files"].as_u64().unwrap() % 60, 0);
    }
    assert!(seen[0] > 0, "no kill came early enough");
    json(&["index", "idx", "text"], at);
    let left = fs::read_dir(at.join("idx")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| name.ends_with(".tmp")).collect();
    assert_eq!(left, [""; 0], "nothing is left over");
}
