//! From a request to the head of its answer.

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use lws_head::{coding_weight, name, path};
use lws_http::conditional::{self, Validators, Verdict};
use lws_http::range::{self, ContentRange, Selection};
use lws_http::{Fields, Handler, Method, Reply, Request, Response, Status, date};
use lws_wire::Time;

use crate::cache::Cache;
use crate::download::Download;
use crate::etag::{Coding, Etag};
use crate::files::Options;
use crate::multipart::Multipart;
use crate::root::{Content, Entry, OpenDirectory, OpenFile, Root, Told};
use crate::{Error, listing, names};

/// What other methods are told (RFC 9110 §15.5.6).
const ALLOWED: &str = "GET, HEAD, OPTIONS";

/// One loop's instance of a file mount; made by [`Files`](crate::Files).
#[derive(Debug)]
pub struct FileMount {
    files: Cache,
    options: Options,
}

impl FileMount {
    pub(crate) fn new(root: Root, options: Options) -> Self {
        Self { files: Cache::new(root), options }
    }
}

impl Handler for FileMount {
    type Exchange = Download;

    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Download {
        self.answer(request, reply).unwrap_or_else(|error| {
            if let Error::Busy(_) | Error::Failed(_) = &error {
                log::warn!("{:?} is answered {}: {error}", request.path(), error.status().code());
            }
            reply.error(error.status());
            Download::default()
        })
    }

    fn writable(&mut self, download: &mut Download, reply: &mut Reply<'_>) {
        download.pump(reply);
    }
}

/// A file that was chosen, and what its answer says of it whatever the status.
struct Chosen<'a> {
    file: OpenFile,
    told: Rc<Told>,
    /// Another `Accept-Encoding` could have chosen another file.
    varies: bool,
    cache_control: &'a str,
}

impl FileMount {
    /// Nothing has been said yet when this returns an error.
    fn answer(&self, request: &Request<'_>, reply: &mut Reply<'_>) -> Result<Download, Error> {
        match request.method() {
            Method::Get | Method::Head => {}
            Method::Options => {
                reply.status(Status::NO_CONTENT).field(name::ALLOW, ALLOWED).empty();
                return Ok(Download::default());
            }
            _ => {
                reply.status(Status::METHOD_NOT_ALLOWED).field(name::ALLOW, ALLOWED).empty();
                return Ok(Download::default());
            }
        }
        let below = request.tail().strip_prefix('/').unwrap_or_default();
        if !self.options.dotfiles && names::hidden(below) {
            return Err(Error::NotFound);
        }
        if request.path().ends_with('/') {
            return self.folder(below.strip_suffix('/').unwrap_or_default(), request, reply);
        }
        match self.files.entry(below, reply.now(), reply.unix_s())? {
            Entry::File(file) => Ok(self.send(below, file, request, reply)),
            Entry::Directory(_) => {
                let to = with_slash(request);
                reply.status(Status::MOVED_PERMANENTLY).field(name::LOCATION, to).empty();
                Ok(Download::default())
            }
        }
    }

    /// `folder` is below the mount, without slashes around it; the request's path ends with one.
    fn folder(&self, folder: &str, request: &Request<'_>, reply: &mut Reply<'_>) -> Result<Download, Error> {
        for name in &self.options.index {
            let index = join(folder, name);
            match self.files.entry(&index, reply.now(), reply.unix_s()) {
                Ok(Entry::File(file)) => return Ok(self.send(&index, file, request, reply)),
                Ok(Entry::Directory(_)) | Err(Error::NotFound) => {}
                Err(e) => return Err(e),
            }
        }
        match self.files.root().entry(folder)? {
            Entry::Directory(dir) if self.options.listing => self.list(folder, dir, request, reply)?,
            _ => return Err(Error::NotFound),
        }
        Ok(Download::default())
    }

    fn list(
        &self,
        folder: &str,
        dir: OpenDirectory,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<(), Error> {
        if request.query() == Some(listing::STYLE_QUERY) {
            let response = reply.status(Status::OK).field(name::CONTENT_TYPE, "text/css; charset=utf-8");
            response.field(name::CACHE_CONTROL, "max-age=3600").send(listing::STYLE);
            return Ok(());
        }
        reply.hub().heavy();
        let listing = listing::read(self.files.root(), folder, dir, self.options.dotfiles)?;
        let (media, body) = if listing::wants_json(request.fields()) {
            ("application/json; charset=utf-8", listing.json())
        } else {
            ("text/html; charset=utf-8", listing.html(request.path(), !folder.is_empty()))
        };
        let response = reply.status(Status::OK).field(name::CONTENT_TYPE, media).field(name::VARY, "accept");
        response
            .field(name::CACHE_CONTROL, "no-cache")
            .field(name::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .send(body);
        Ok(())
    }

    /// `path` is below the mount.
    fn send(&self, path: &str, file: OpenFile, request: &Request<'_>, reply: &mut Reply<'_>) -> Download {
        let (now, fields) = (reply.unix_s(), request.fields());
        let chosen = self.choose(path, file, fields, (reply.now(), now));
        let validators =
            Validators { etag: chosen.told.etag.tag(), modified_unix_s: Some(chosen.told.modified_unix_s) };
        match conditional::evaluate(request.method(), fields, &validators, now) {
            Verdict::PreconditionFailed => {
                reply.error(Status::PRECONDITION_FAILED);
                return Download::default();
            }
            Verdict::NotModified => {
                chosen.begin(Status::NOT_MODIFIED, reply).empty();
                return Download::default();
            }
            Verdict::Proceed => {}
        }
        // RFC 9110 §14.2: Range MUST be ignored for methods that do not define it; only GET does.
        let ranged = request.method() == Method::Get && conditional::range_applies(fields, &validators, now);
        let selection = if ranged { range::select(fields, chosen.file.len()) } else { Selection::Whole };
        if let Selection::Multiple(ranges) = selection {
            // Random, so that nobody can have written it into the file.
            let boundary = RandomState::new().hash_one(chosen.told.etag.as_bytes());
            let frame = Multipart::new(ranges, &chosen.told.media, chosen.file.len(), boundary);
            return chosen.send_parts(frame, reply);
        }
        chosen.send_run(&selection, reply)
    }

    /// The file itself or a compressed sibling of it.
    fn choose(&self, path: &str, file: OpenFile, fields: Fields<'_>, now: (Time, u64)) -> Chosen<'_> {
        let (mut file, mut coding, mut varies) = (file, Coding::Identity, false);
        if self.options.precompressed {
            let mut siblings =
                [Coding::Brotli, Coding::Gzip].map(|coding| (coding_weight(fields, coding.token()), coding));
            siblings.sort_by_key(|(weight, _)| core::cmp::Reverse(*weight)); // stable: brotli first if equal
            for (weight, sibling) in siblings {
                let Some(coded) = self.sibling(path, &file, sibling, now) else { continue };
                varies = true;
                if weight.thousandths() > 0 {
                    (file, coding) = (coded, sibling);
                    break;
                }
            }
        }
        let told = file.told(coding, || {
            // RFC 9110 §8.8.2.1: Last-Modified MUST NOT be later than Date.
            let modified_unix_s = file.modified_unix_s().min(now.1);
            Told {
                coding,
                etag: Etag::of(&file, coding),
                modified_unix_s,
                modified: date::format(modified_unix_s),
                media: self.options.media_type(path).into(),
            }
        });
        Chosen { file, told, varies, cache_control: &self.options.cache_control }
    }

    /// The file's compressed sibling, if there is one that was not made from an older state of it.
    fn sibling(&self, path: &str, file: &OpenFile, coding: Coding, now: (Time, u64)) -> Option<OpenFile> {
        match self.files.entry(&format!("{path}{}", coding.suffix()), now.0, now.1) {
            Ok(Entry::File(coded)) => (coded.modified_unix_s() >= file.modified_unix_s()).then_some(coded),
            _ => None,
        }
    }
}

impl Chosen<'_> {
    /// The fields that a 200, a 206 and a 304 have in common.
    fn begin<'r, 'a>(&self, status: Status, reply: &'r mut Reply<'a>) -> Response<'r, 'a> {
        let response = reply.status(status).field(name::ETAG, self.told.etag.as_bytes());
        let response = response.field(name::LAST_MODIFIED, self.told.modified);
        let response = response.field(name::CACHE_CONTROL, self.cache_control);
        if self.varies { response.field(name::VARY, name::ACCEPT_ENCODING) } else { response }
    }

    /// The fields of an answer that has some of the file in it.
    fn begin_content<'r, 'a>(
        &self,
        status: Status,
        media: &str,
        reply: &'r mut Reply<'a>,
    ) -> Response<'r, 'a> {
        let response = self.begin(status, reply).field(name::ACCEPT_RANGES, "bytes");
        let response =
            response.field(name::CONTENT_TYPE, media).field(name::X_CONTENT_TYPE_OPTIONS, "nosniff");
        match self.told.coding {
            Coding::Identity => response,
            coding => response.field(name::CONTENT_ENCODING, coding.token()),
        }
    }

    /// Everything, one range, or the news that there is no such range.
    fn send_run(self, selection: &Selection, reply: &mut Reply<'_>) -> Download {
        let length = self.file.len();
        let (response, at, len) = match selection {
            Selection::Unsatisfiable => {
                // RFC 9110 §15.5.17: the current length SHOULD be told. No Cache-Control: a cache that kept this under
                // max-age could answer others with it.
                let range = ContentRange::unsatisfied(length).to_string();
                reply.status(Status::RANGE_NOT_SATISFIABLE).field(name::CONTENT_RANGE, range).empty();
                return Download::default();
            }
            Selection::Single(range) => {
                let response = self.begin_content(Status::PARTIAL_CONTENT, &self.told.media, reply);
                let told = range.content_range(length).to_string();
                (response.field(name::CONTENT_RANGE, told), range.first(), range.len())
            }
            _ => (self.begin_content(Status::OK, &self.told.media, reply), 0, length),
        };
        if len == 0 {
            response.empty();
            return Download::default();
        }
        if let Some(content) = self.file.memory().filter(|content| content.len() as u64 == len) {
            response.send(content.clone());
            return Download::default();
        }
        response.stream(Some(len));
        if let Content::Disk(file) = self.file.content()
            && reply.send_file(file.clone(), at, len)
        {
            return Download::default();
        }
        let mut download = Download::run(self.file, at, len);
        download.pump(reply);
        download
    }

    /// Several ranges.
    fn send_parts(self, frame: Multipart, reply: &mut Reply<'_>) -> Download {
        let response = self.begin_content(Status::PARTIAL_CONTENT, &frame.content_type(), reply);
        response.stream(Some(frame.content_length()));
        let mut download = Download::parts(self.file, frame);
        download.pump(reply);
        download
    }
}

/// The request's path and a slash, encoded again, with the query as it came.
///
/// Encoding what was normalised rather than copying what was sent: `//host` and `/\host`, which browsers take for
/// another site, cannot come out of it, nor a line break (H1-22).
fn with_slash(request: &Request<'_>) -> Vec<u8> {
    let mut to = Vec::new();
    path::encode(request.path(), &mut to);
    to.push(b'/');
    if let Some(query) = request.query() {
        to.push(b'?');
        to.extend_from_slice(query.as_bytes());
    }
    to
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.into() } else { format!("{folder}/{name}") }
}
