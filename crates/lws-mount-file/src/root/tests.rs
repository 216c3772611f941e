use std::fs::{create_dir, create_dir_all, remove_dir, remove_file, rename, write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;

impl Root {
    /// As on a kernel without openat2.
    fn open_to_walk(path: &Path) -> io::Result<Self> {
        Ok(Self { way: Way::Walk, ..Self::open(path)? })
    }
}

fn ways(dir: &Path) -> [Root; 2] {
    [Root::open(dir).expect("opens"), Root::open_to_walk(dir).expect("opens")]
}

/// `secret` beside `www/a/b/file`, `www/page`, `www/empty`.
fn tree() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    create_dir_all(dir.path().join("www/a/b")).expect("created");
    for (name, text) in
        [("secret", "SECRET"), ("www/page", "page"), ("www/empty", ""), ("www/a/b/file", "inside")]
    {
        write(dir.path().join(name), text).expect("written");
    }
    dir
}

fn read(root: &Root, path: &str) -> Result<String, Error> {
    match root.entry(path)? {
        Entry::File(file) => {
            let mut text = vec![0; file.len() as usize + 1];
            let n = file.read_at(&mut text, 0).map_err(Error::Failed)?;
            Ok(String::from_utf8_lossy(&text[..n]).into_owned())
        }
        Entry::Directory(_) => Ok("<folder>".into()),
    }
}

#[test]
fn opens_what_is_there() {
    let dir = tree();
    for root in ways(&dir.path().join("www")) {
        for (path, expect) in [
            ("page", "page"),
            ("empty", ""),
            ("a/b/file", "inside"),
            ("a", "<folder>"),
            ("a/b", "<folder>"),
            ("", "<folder>"),
        ] {
            assert_eq!(read(&root, path).expect(path), expect, "{path} of {root:?}");
        }
        for path in ["nope", "page/", "page/x", "a/nope", "a/b/file/x", "PAGE"] {
            assert!(matches!(read(&root, path), Err(Error::NotFound)), "{path} of {root:?}");
        }
    }
}

#[test]
fn path_01_and_02_paths_that_no_normaliser_makes() {
    let dir = tree();
    for root in ways(&dir.path().join("www")) {
        for path in [
            "..",
            ".",
            "../secret",
            "a/../page",
            "a/../../secret",
            "a/./b",
            "/page",
            "/etc/passwd",
            "a//b",
            "a/",
            "page\0",
            "page\0.html",
            "a/..",
            "/",
            "//",
        ] {
            assert!(matches!(read(&root, path), Err(Error::NotFound)), "{path:?} of {root:?}");
        }
        let long = vec!["a"; MAX_PATH_BYTES].join("/");
        for path in [&long[..MAX_PATH_BYTES], &long[..MAX_PATH_BYTES + 1], &"x".repeat(256)] {
            assert!(matches!(read(&root, path), Err(Error::NotFound)), "{} bytes", path.len());
        }
    }
}

#[test]
fn path_03_links() {
    let dir = tree();
    let www = dir.path().join("www");
    for (to, name) in [
        ("../secret", "out"),
        ("/etc/passwd", "absolute"),
        ("..", "up"),
        ("/proc/self/root", "magic"),
        ("loop", "loop"),
        ("nowhere", "dangling"),
        ("a/../../secret", "roundabout"),
    ] {
        symlink(to, www.join(name)).expect("linked");
    }
    symlink(dir.path().join("www/page"), www.join("absolute-inside")).expect("linked");
    symlink("a/b", www.join("inside")).expect("linked");
    symlink("../../page", www.join("a/b/up-but-inside")).expect("linked");
    let [beneath, walk] = ways(&www);
    for root in [&beneath, &walk] {
        for path in [
            "out",
            "absolute",
            "up",
            "up/secret",
            "magic",
            "magic/etc/passwd",
            "loop",
            "dangling",
            "roundabout",
            "absolute-inside",
        ] {
            assert!(matches!(read(root, path), Err(Error::NotFound)), "{path} of {root:?}");
        }
    }
    for path in ["inside", "inside/file", "a/b/up-but-inside"] {
        // Only the kernel can follow a link and promise where it ends.
        let followed = read(&beneath, path).is_ok();
        assert_eq!(followed, matches!(beneath.way, Way::Beneath), "{path}");
        assert!(matches!(read(&walk, path), Err(Error::NotFound)), "{path}");
    }
}

const FETCHES: u32 = 20_000;
const FLIPS: u32 = 200;

/// A thread makes `www/a` a folder, a link to the folder outside, and a link with a `..` in it, in turn, while others
/// open `a/b/file`, which exists inside and outside, and `a/secret`, which exists outside.
#[test]
fn path_03_race() {
    let dir = tree();
    let (www, flips, stop) = (dir.path().join("www"), AtomicU32::new(0), AtomicBool::new(false));
    create_dir_all(dir.path().join("outside/b")).expect("created");
    for name in ["outside/secret", "outside/b/file"] {
        write(dir.path().join(name), "SECRET").expect("written");
    }
    let roots = ways(&www);
    std::thread::scope(|scope| {
        scope.spawn(|| flip(&www, &flips, &stop));
        let flips = &flips;
        let fetchers = roots.each_ref().map(|root| scope.spawn(move || fetch_racing(root, flips)));
        let counts = fetchers.map(std::thread::ScopedJoinHandle::join);
        stop.store(true, Ordering::Relaxed);
        for count in counts {
            let (fetches, inside) = count.expect("no leak");
            let flips = flips.load(Ordering::Relaxed);
            assert!(fetches >= FETCHES && flips >= FLIPS, "{fetches} fetches, {flips} flips: no race");
            assert!(inside > 0 && inside < fetches / 2, "{inside} of {fetches}: the flips were not seen");
        }
    });
}

/// Until there were enough fetches and flips, or for half a minute. How many there were, and how many found the file
/// inside.
fn fetch_racing(root: &Root, flips: &AtomicU32) -> (u32, u32) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let (mut fetches, mut inside) = (0, 0);
    while (fetches < FETCHES || flips.load(Ordering::Relaxed) < FLIPS) && Instant::now() < deadline {
        for path in ["a/b/file", "a/secret"] {
            fetches += 1;
            match read(root, path) {
                Ok(text) => {
                    assert_eq!((path, text.as_str()), ("a/b/file", "inside"), "a leak of {root:?}");
                    inside += 1;
                }
                Err(Error::NotFound | Error::Busy(_)) => {}
                Err(e) => panic!("{path}: {e}"),
            }
        }
    }
    (fetches, inside)
}

fn flip(www: &Path, flips: &AtomicU32, stop: &AtomicBool) {
    let (a, aside) = (www.join("a"), www.join("aside"));
    while !stop.load(Ordering::Relaxed) {
        for link in ["../outside", "aside/../../outside"] {
            rename(&a, &aside).expect("moved away");
            symlink(link, &a).expect("linked");
            std::thread::yield_now();
            remove_file(&a).expect("unlinked");
            rename(&aside, &a).expect("moved back");
            // Both states are seen, however busy the machine is.
            std::thread::yield_now();
            flips.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn path_05_sibling_with_the_same_prefix() {
    let dir = tree();
    create_dir(dir.path().join("www-evil")).expect("created");
    write(dir.path().join("www-evil/file"), "EVIL").expect("written");
    symlink("../www-evil/file", dir.path().join("www/link")).expect("linked");
    for root in ways(&dir.path().join("www")) {
        for path in ["-evil/file", "../www-evil/file", "link"] {
            assert!(matches!(read(&root, path), Err(Error::NotFound)), "{path}");
        }
    }
}

#[test]
fn path_06_special_files_are_refused_at_once() {
    let dir = tree();
    let www = dir.path().join("www");
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, www.join("fifo"), fifo, Mode::RUSR | Mode::WUSR, 0).expect("made");
    let _listener = UnixListener::bind(www.join("socket")).expect("bound");
    symlink("/dev/zero", www.join("zero")).expect("linked");
    symlink("fifo", www.join("to-fifo")).expect("linked");
    let began = Instant::now();
    for root in ways(&www) {
        for path in ["fifo", "socket", "zero", "to-fifo"] {
            assert!(matches!(read(&root, path), Err(Error::NotFound)), "{path} of {root:?}");
        }
    }
    assert!(began.elapsed() < Duration::from_secs(5), "opening must not wait for a writer");
}

#[test]
fn the_root_is_a_folder_not_a_name() {
    let dir = tree();
    let www = dir.path().join("www");
    for root in ways(&www) {
        rename(&www, dir.path().join("moved")).expect("moved");
        create_dir(&www).expect("created");
        assert_eq!(read(&root, "page").expect("still there"), "page");
        remove_dir(&www).expect("removed");
        rename(dir.path().join("moved"), &www).expect("moved back");
    }
    assert_eq!(Root::open(&www.join("nope")).expect_err("none").kind(), io::ErrorKind::NotFound);
    assert!(Root::open(&www.join("page")).is_err(), "a file is no root");
}

#[test]
fn errors_have_their_status() {
    for (errno, expect) in [
        (Errno::NOENT, 404),
        (Errno::NOTDIR, 404),
        (Errno::LOOP, 404),
        (Errno::XDEV, 404),
        (Errno::NAMETOOLONG, 404),
        (Errno::ACCESS, 403),
        (Errno::PERM, 403),
        (Errno::MFILE, 503),
        (Errno::AGAIN, 503),
        (Errno::IO, 500),
    ] {
        assert_eq!(Error::from(errno).status().code(), expect, "{errno}");
    }
}

#[test]
fn size_and_time_are_those_of_the_file() {
    let dir = tree();
    let path = dir.path().join("www/page");
    let time = std::time::UNIX_EPOCH + Duration::new(784_111_777, 123_456_789);
    fs::File::options().write(true).open(&path).expect("opens").set_modified(time).expect("set");
    for root in ways(&dir.path().join("www")) {
        let Entry::File(file) = root.entry("page").expect("opens") else { panic!("a file") };
        assert_eq!((file.len(), file.modified_unix_s()), (4, 784_111_777));
        assert_eq!(file.modified_unix_ns(), 784_111_777_123_456_789);
        let mut room = [0; 8];
        assert_eq!(file.read_at(&mut room, 2).expect("read"), 2);
        assert_eq!(&room[..2], b"ge");
        assert_eq!(file.read_at(&mut room, 4).expect("read"), 0);
    }
}
