//! The built files, compiled in. A debug build reads the folder at run time, so that the pages can be built again without
//! building the service. Beside a file `x` there may be `x.br` and `x.gz`, which the build of the pages has packed.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[cfg_attr(not(test), folder = "frontend/dist")]
#[cfg_attr(test, folder = "src/api/tests/dist")]
#[allow_missing = true]
struct Dist;

/// Names in `Accept-Encoding`, and the endings of files; the smaller one first.
const PACKED: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// The file as the request wants it: packed, or not at all when the browser has it. `None` when there is none.
pub(super) fn answer(name: &str, request: &HeaderMap, cache: &'static str) -> Option<Response> {
    let (encoding, file) = PACKED
        .iter()
        .filter(|(encoding, _)| accepts(request, encoding))
        .find_map(|(encoding, ending)| Some((Some(*encoding), Dist::get(&format!("{name}.{ending}"))?)))
        .or_else(|| Some((None, Dist::get(name)?)))?;
    let tag = tag(&file)?;
    let known = has(request, &tag);
    let mut response = Response::new(if known {
        Body::empty()
    } else {
        Body::from(bytes(file))
    });
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(response);
    }
    headers.insert(CONTENT_TYPE, content_type(name));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// Quoted strings and numbers of a header's list, cut at its commas. None of those that are read here has one inside.
fn items(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    request
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// Whether a packed answer can be read. Which one is liked best does not matter: the smallest is sent.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    items(request, ACCEPT_ENCODING).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .map_or(Ok(1.0), str::parse::<f32>);
        name.trim_end().eq_ignore_ascii_case(encoding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// Whether the browser has this already. A proxy may have marked the tag as weak.
fn has(request: &HeaderMap, tag: &HeaderValue) -> bool {
    items(request, IF_NONE_MATCH)
        .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item).as_bytes() == tag.as_bytes())
}

/// The hash of what is sent, so each packed form has its own.
fn tag(file: &EmbeddedFile) -> Option<HeaderValue> {
    let mut tag = String::from('"');
    for byte in &file.metadata.sha256_hash()[..16] {
        // writing to a String cannot fail
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    HeaderValue::try_from(tag).ok()
}

fn content_type(name: &str) -> HeaderValue {
    let kind = mime_guess::from_path(name).first_raw();
    HeaderValue::from_static(match kind.unwrap_or("application/octet-stream") {
        "text/html" => "text/html; charset=utf-8",
        "text/javascript" => "text/javascript; charset=utf-8",
        "text/css" => "text/css; charset=utf-8",
        other => other,
    })
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    }
}
