//! The list of what is in a folder, as a page or as JSON.
//!
//! What cannot be fetched is not listed: each entry is opened through the mount's own root, so hidden names, links
//! that lead outside, unreadable files and special files are missing here exactly as they are 404 there. The page
//! needs no script and no inline style: it works under the strictest content security policy that lets a page load
//! styles from its own origin, and is readable without them.

use core::fmt::{self, Write};

use lws_head::{Fields, name, path};
use lws_http::date;
use rustix::fs::{Dir, FileType};

use crate::limits::MAX_LISTING_ENTRIES;
use crate::root::{Entry, OpenDirectory, Root};
use crate::{Error, names};

/// The query with which a listed folder answers with [`STYLE`].
pub(crate) const STYLE_QUERY: &str = "listing.css";

/// The page's style sheet.
pub(crate) const STYLE: &str = "\
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8884; padding: .25rem .5rem; text-align: left }
td:first-child { overflow-wrap: anywhere }
th:nth-child(2), td:nth-child(2) { text-align: right }
td + td { font-variant-numeric: tabular-nums; white-space: nowrap }
";

/// What is in a folder: folders first, by name.
pub(crate) struct Listing {
    rows: Vec<Row>,
    /// There was more than the limit allows to look at.
    truncated: bool,
}

struct Row {
    name: String,
    /// `None`: a folder.
    len: Option<u64>,
    modified_unix_s: u64,
}

/// Whether the client prefers JSON: it names `application/json` and not `text/html`.
pub(crate) fn wants_json(fields: Fields<'_>) -> bool {
    let accepts = |media: &str| {
        fields.list(name::ACCEPT).any(|element| {
            let mut parts = element.split(|b| *b == b';').map(<[u8]>::trim_ascii);
            let named = parts.next().is_some_and(|m| m.eq_ignore_ascii_case(media.as_bytes()));
            named && !parts.any(|p| matches!(p, b"q=0" | b"q=0." | b"q=0.0" | b"q=0.00" | b"q=0.000"))
        })
    };
    accepts("application/json") && !accepts("text/html")
}

/// Reads the folder, which lies at `folder` below `root`.
pub(crate) fn read(root: &Root, folder: &str, dir: OpenDirectory, dotfiles: bool) -> Result<Listing, Error> {
    let mut listing = Listing { rows: Vec::new(), truncated: false };
    for (seen, entry) in Dir::new(dir.fd)?.enumerate() {
        let entry = entry?;
        if seen >= MAX_LISTING_ENTRIES {
            listing.truncated = true;
            break;
        }
        let Ok(name) = entry.file_name().to_str() else { continue };
        let skipped = matches!(name, "." | "..") || !names::askable(name);
        let special = !matches!(
            entry.file_type(),
            FileType::RegularFile | FileType::Directory | FileType::Symlink | FileType::Unknown
        );
        let below = if folder.is_empty() { name.into() } else { format!("{folder}/{name}") };
        if skipped || special || (!dotfiles && names::hidden(&below)) {
            continue;
        }
        let (len, modified_unix_s) = match root.entry(&below) {
            Ok(Entry::File(file)) => (Some(file.len()), file.modified_unix_s()),
            Ok(Entry::Directory(dir)) => (None, dir.modified_unix_s()),
            Err(_) => continue,
        };
        listing.rows.push(Row { name: name.into(), len, modified_unix_s });
    }
    listing.rows.sort_unstable_by(|a, b| (a.len.is_some(), &a.name).cmp(&(b.len.is_some(), &b.name)));
    Ok(listing)
}

impl Listing {
    /// A page titled with `path`, with a link to the folder above if it has a `parent` within the mount.
    pub(crate) fn html(&self, path: &str, parent: bool) -> String {
        let path = Escaped(path);
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"stylesheet\" href=\"?{STYLE_QUERY}\">\n<title>{path}</title>\n</head>\n<body>\n\
             <h1>{path}</h1>\n<table>\n<thead>\n<tr><th>Name</th><th>Size</th><th>Modified</th></tr>\n</thead>\n<tbody>\n"
        );
        if parent {
            page.push_str("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }
        for row in &self.rows {
            row.html(&mut page);
        }
        page.push_str("</tbody>\n</table>\n");
        if self.truncated {
            page.push_str("<p>There is more than this page shows.</p>\n");
        }
        page.push_str("</body>\n</html>\n");
        page
    }

    /// An array of objects with the members `name`, `type` (`file` or `directory`), `size` (bytes, files only) and
    /// `modified` (RFC 3339).
    pub(crate) fn json(&self) -> String {
        let mut text = String::from("[");
        for (i, row) in self.rows.iter().enumerate() {
            text.push_str(if i == 0 { "\n" } else { ",\n" });
            text.push_str("{\"name\":\"");
            for c in row.name.chars() {
                // Names with control characters are not listed, so these two are all there is to escape.
                if matches!(c, '"' | '\\') {
                    text.push('\\');
                }
                text.push(c);
            }
            text.push_str(match row.len {
                Some(_) => "\",\"type\":\"file\"",
                None => "\",\"type\":\"directory\"",
            });
            let size = row.len.map_or(String::new(), |len| format!(",\"size\":{len}"));
            text.push_str(&size);
            text.push_str(",\"modified\":\"");
            push_time(&mut text, row.modified_unix_s);
            text.push_str("\"}");
        }
        text.push_str("\n]\n");
        text
    }
}

impl Row {
    fn html(&self, page: &mut String) {
        let slash = if self.len.is_none() { "/" } else { "" };
        // "./" keeps a colon in the name from looking like a scheme.
        let mut href = b"./".to_vec();
        path::encode(&self.name, &mut href);
        let href = String::from_utf8(href).unwrap_or_default();
        let (href, name) = (Escaped(&href), Escaped(&self.name));
        let size = self.len.map_or(String::new(), human);
        let row =
            format!("<tr><td><a href=\"{href}{slash}\">{name}{slash}</a></td><td>{size}</td><td><time>");
        page.push_str(&row);
        push_time(page, self.modified_unix_s);
        page.push_str("</time></td></tr>\n");
    }
}

fn push_time(text: &mut String, unix_s: u64) {
    text.extend(date::format_rfc3339(unix_s).map(char::from));
}

/// `999 B`, `1.0 KiB`, `17.3 MiB`.
fn human(len: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if len < 1024 {
        return format!("{len} B");
    }
    let power = (len.ilog2() / 10).min(6);
    let tenths = (u128::from(len) * 10) >> (10 * power);
    let unit = UNITS.get(power as usize - 1).copied().unwrap_or_default();
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// Text that can stand between tags and in quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        for (len, expect) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1_048_575, "1023.9 KiB"),
            (1_048_576, "1.0 MiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(human(len), expect);
        }
    }

    fn listing(name: &str) -> Listing {
        Listing {
            rows: vec![Row { name: name.into(), len: Some(3), modified_unix_s: 784_111_777 }],
            truncated: false,
        }
    }

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let page = listing("<img src=x onerror='a'>\"&:%?#.txt").html("/<b>/", true);
        assert!(page.contains("<h1>/&lt;b&gt;/</h1>") && page.contains("<title>/&lt;b&gt;/</title>"));
        assert!(page.contains(">&lt;img src=x onerror=&#39;a&#39;&gt;&quot;&amp;:%?#.txt</a>"), "{page}");
        assert!(
            page.contains("href=\"./%3Cimg%20src=x%20onerror=&#39;a&#39;%3E%22&amp;:%25%3F%23.txt\""),
            "{page}"
        );
        assert!(page.contains("<time>1994-11-06T08:49:37Z</time>") && page.contains("href=\"../\""));
        assert!(!page.contains("<script") && !page.contains("style="));
    }

    #[test]
    fn json_of_awkward_names() {
        let text = listing("a\"b</script>.txt").json();
        assert_eq!(
            text,
            "[\n{\"name\":\"a\\\"b</script>.txt\",\"type\":\"file\",\"size\":3,\"modified\":\"1994-11-06T08:49:37Z\"}\n]\n"
        );
    }

    #[test]
    fn more_than_the_limit_is_said() {
        let full = Listing { rows: Vec::new(), truncated: true };
        assert!(full.html("/", false).contains("more than this page shows"));
        assert!(!listing("a").html("/", false).contains("more than this page shows"));
    }
}
