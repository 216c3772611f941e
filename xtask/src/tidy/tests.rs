//! Each check of `tidy` on small texts, right and wrong.

use super::*;

fn lengths(exceptions: &str) -> Lengths {
    Lengths::parse(&format!("[lines]\nfile = 6\nfunction = 3\nlib = 2\n{exceptions}")).unwrap()
}

fn check_lengths(exceptions: &str, name: &str, text: &str, wanted: &[&str]) {
    let mut lengths = lengths(exceptions);
    let mut found = lengths.check(name, text);
    found.extend(lengths.unused());
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (message, part) in found.iter().zip(wanted) {
        assert!(message.contains(part), "{message} lacks {part}");
    }
}

#[test]
fn files_and_functions_have_a_length() {
    check_lengths("", "crates/a/src/b.rs", "1\n2\n3\n4\n5\n6\n", &[]);
    check_lengths(
        "",
        "crates/a/src/b.rs",
        "1\n2\n3\n4\n5\n6\n7\n",
        &["b.rs:1: the file has 7 lines, at most 6"],
    );
    check_lengths("", "crates/a/src/lib.rs", "1\n2\n3\n", &["lib.rs:1: the file has 3 lines, at most 2"]);
    check_lengths("", "a.rs", "\nfn f() {\n1;\n2;\n}\n", &["a.rs:2: fn f has 4 lines, at most 3"]);
}

#[test]
fn exceptions_may_only_shrink() {
    let long = "fn f() {\n1;\n2;\n}\n";
    let listed = |lines| {
        format!("[[lines.exception]]\npath = \"a.rs\"\nfunction = \"f\"\nlines = {lines}\nwhy = \"w\"\n")
    };
    check_lengths(&listed(4), "a.rs", long, &[]);
    check_lengths(&listed(3), "a.rs", long, &["grew from 3 to 4"]);
    check_lengths(&listed(9), "a.rs", long, &["set `lines = 4`"]);
    check_lengths(&listed(4), "a.rs", "fn f() {}\n", &["fn f of a.rs needs no exception"]);
    assert!(
        Lengths::parse("[lines]\nfile=1\nfunction=1\nlib=1\n[[lines.exception]]\npath=\"a\"\nlines=2\n")
            .is_err()
    );
}

#[test]
fn modules_have_a_head() {
    assert!(head("a.rs", "//! Model.\nfn f() {}\n").is_none());
    assert!(head("a/tests.rs", "fn f() {}\n").is_none());
    assert!(head("a.rs", "#![no_main]\n//! Model.\n").is_none());
    for text in ["", "fn f() {}\n", "// Plain.\n//! Late.\n", "/// Of the item.\nfn f() {}\n"] {
        assert!(head("a.rs", text).is_some(), "{text}");
    }
}

#[test]
fn lines_end_clean() {
    assert!(whitespace("a", "one\n\ntwo\n").is_empty());
    assert_eq!(whitespace("a", "one \n\t\ntwo\r\n").len(), 3);
    assert_eq!(whitespace("a", "one").len(), 1);
}

#[test]
fn machine_paths_are_found_and_look_alikes_are_not() {
    let found = |text: &str| machine_paths("a", text).len();
    let path = MACHINE_PATH;
    assert_eq!(found(&format!("cd {path}\nsee {path}/main\n\"{path}/x\"\n")), 3);
    assert_eq!(found(&format!(".github{path}flows\nhttps://a.example{path}/\n{path}-group {path}ers\n")), 0);
}

#[test]
fn dead_links_are_found() {
    let dir = std::env::temp_dir().join(format!("lws-tidy-{}", std::process::id()));
    std::fs::create_dir_all(dir.join("docs/sub")).unwrap();
    std::fs::write(dir.join("docs/there.md"), "").unwrap();
    let text = "[a](there.md) [b](gone.md#x \"T\") ![c](sub) [d](https://e.example/gone)\n`[e](code.md)`\n\
                ```\n[f](fenced.md)\n```\n[g]: gone/too\n[h](#here) [i](/docs/there.md) [j](/gone)\n";
    let found = links::dead(&dir, "docs/page.md", text);
    std::fs::remove_dir_all(&dir).unwrap();
    let wanted = [
        "docs/page.md:1: the link leads nowhere: gone.md",
        "docs/page.md:6: the link leads nowhere: gone/too",
        "docs/page.md:7: the link leads nowhere: /gone",
    ];
    assert_eq!(found, wanted);
}
