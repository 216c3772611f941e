//! The description of a file mount.

use std::path::PathBuf;

use lws_head::field;
use lws_http::HandlerBlueprint;
use lws_role::{InstallError, World};

use crate::{FileMount, Root, media};

/// Serves the folder `root`: `Vhost::new("example.com").mount("/", files("./www"))`.
///
/// The folder is opened when a loop installs the mount, and stays the one that is served if its name is given to
/// another one.
#[doc(alias = "LWSMPRO_FILE")]
pub fn files(root: impl Into<PathBuf>) -> Files {
    Files { root: root.into(), options: Options::default() }
}

/// The blueprint of a [`FileMount`]; see [`files`].
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
    options: Options,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) index: Vec<String>,
    pub(crate) listing: bool,
    pub(crate) cache_control: String,
    /// Lower-case extension or `*`, and type.
    media: Vec<(String, String)>,
    pub(crate) precompressed: bool,
    pub(crate) dotfiles: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            index: vec!["index.html".into()],
            listing: false,
            cache_control: "no-cache".into(),
            media: Vec::new(),
            precompressed: false,
            dotfiles: false,
        }
    }
}

impl Options {
    /// The type to send for a file.
    pub(crate) fn media_type(&self, path: &str) -> &str {
        let extension = media::extension(path).unwrap_or_default();
        let own = |name: &str| {
            self.media.iter().find(|(e, _)| e.eq_ignore_ascii_case(name)).map(|(_, m)| m.as_str())
        };
        own(extension).unwrap_or_else(|| match media::media_type(path) {
            media::UNKNOWN => own("*").unwrap_or(media::UNKNOWN),
            known => known,
        })
    }
}

impl Files {
    /// Names of the files that stand for their folder, the best first. Default: `index.html`.
    #[must_use]
    pub fn index(mut self, names: &[&str]) -> Self {
        self.options.index = names.iter().map(|n| (*n).into()).collect();
        self
    }

    /// Whether a folder without such a file is answered with a list of what is in it, as a page or, for those who
    /// ask for `application/json`, as JSON. Default: no, it is a 404.
    #[must_use]
    pub fn listing(mut self, listing: bool) -> Self {
        self.options.listing = listing;
        self
    }

    /// The `Cache-Control` of every file. Default: `no-cache`, which keeps copies but asks each time whether they
    /// are still good.
    #[doc(alias = "lws_http_mount::cache_revalidate")]
    #[must_use]
    pub fn cache_control(mut self, value: impl Into<String>) -> Self {
        self.options.cache_control = value.into();
        self
    }

    /// Lets copies be used unasked for so many seconds: `Cache-Control: max-age=…`.
    #[doc(alias = "lws_http_mount::cache_max_age")]
    #[must_use]
    pub fn cache_max_age_s(self, seconds: u32) -> Self {
        self.cache_control(format!("max-age={seconds}"))
    }

    /// The media type of files with that extension (without its dot), in place of [`media_type`](crate::media_type)'s.
    /// The extension `*` is for files whose type would be unknown.
    #[doc(alias = "lws_http_mount::extra_mimetypes")]
    #[must_use]
    pub fn mime(mut self, extension: impl Into<String>, media: impl Into<String>) -> Self {
        self.options.media.push((extension.into(), media.into()));
        self
    }

    /// Whether `a.css.br` and `a.css.gz` are sent in place of `a.css` to those who take them. A sibling that is
    /// older than its original, by whole seconds, is left alone. Default: no.
    #[must_use]
    pub fn precompressed(mut self, precompressed: bool) -> Self {
        self.options.precompressed = precompressed;
        self
    }

    /// Whether dot-files and editors' backups (`a~`) are served and listed like others. Default: no, they are a
    /// 404, but for `/.well-known`.
    #[must_use]
    pub fn dotfiles(mut self, dotfiles: bool) -> Self {
        self.options.dotfiles = dotfiles;
        self
    }
}

impl HandlerBlueprint for Files {
    type Handler = FileMount;

    fn install(&self, _world: &mut World) -> Result<FileMount, InstallError> {
        let values = self.options.media.iter().map(|(_, media)| media).chain([&self.options.cache_control]);
        for value in values {
            if value.is_empty() || !field::is_field_value(value.as_bytes()) {
                return Err(InstallError(format!(
                    "'{}' cannot be the value of a response header",
                    value.escape_debug()
                )));
            }
        }
        for name in &self.options.index {
            if name.is_empty() || name.contains('/') {
                return Err(InstallError(format!("'{name}' cannot be the name of an index file")));
            }
        }
        let root = Root::open(&self.root)
            .map_err(|e| InstallError(format!("cannot open the folder {}: {e}", self.root.display())))?;
        Ok(FileMount::new(root, self.options.clone()))
    }
}
