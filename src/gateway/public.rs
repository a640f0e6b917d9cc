//! What anybody may load: where clients are told to go (client-server API, section "Server discovery"), the certificate of
//! our own authority, and the page that a phone opens from the QR code.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::answer::{allow_web, ok};
use super::tls::Tls;
use crate::config::Config;

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// On which of the gateway's listeners a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    /// With TLS.
    pub tls: bool,
    /// The port that it listens on.
    pub port: u16,
}

/// Answers a path that is open to all; `None` for others.
pub(super) fn answer(
    path: &str,
    headers: &HeaderMap,
    config: &Config,
    tls: Option<&Tls>,
    listener: Option<Listener>,
) -> Option<Response> {
    let mut response = match path {
        "/.well-known/matrix/client" => client(&base_url(headers, config, listener)),
        "/.well-known/matrix/support" => ok(&json!({
            "contacts": [],
            "support_page": config.public_url,
        })),
        "/ca.pem" => {
            let mut response = Response::new(Body::from(tls?.ca_pem()?));
            response.headers_mut().insert(
                CONTENT_TYPE,
                // Phones and browsers offer to install it by this type.
                HeaderValue::from_static("application/x-x509-ca-cert"),
            );
            response
        }
        "/connect" => page("text/html; charset=utf-8", include_bytes!("pages/connect.html")),
        "/connect.js" => page(
            "text/javascript; charset=utf-8",
            include_bytes!("pages/connect.js"),
        ),
        "/connect.css" => page("text/css; charset=utf-8", include_bytes!("pages/connect.css")),
        _ => return None,
    };
    allow_web(response.headers_mut());
    Some(response)
}

/// Where clients find the homeserver, and that rooms are not encrypted here (contract R43; the second key is Element's).
fn client(base_url: &str) -> Response {
    ok(&json!({
        "m.homeserver": { "base_url": base_url },
        "io.element.e2ee": {
            "default": false,
            "force_disable": true,
            "secure_backup_required": false,
        },
    }))
}

/// Where a client that came this way goes on: on the way it came, when that is one of our own ports, so that it works by
/// every name and address the machine has; else where the settings say.
fn base_url(headers: &HeaderMap, config: &Config, listener: Option<Listener>) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (host, listener) {
        (Some(host), Some(Listener { tls, port })) if is_ours(host, port) => {
            format!("{}://{host}", if tls { "https" } else { "http" })
        }
        _ => config.gateway_public_url.clone(),
    }
}

fn is_ours(host: &str, port: u16) -> bool {
    let sane = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '[' | ']');
    host.chars().all(sane)
        && host
            .rsplit_once(':')
            .is_some_and(|(name, given)| !name.is_empty() && given.parse() == Ok(port))
}

fn page(kind: &'static str, bytes: &'static [u8]) -> Response {
    let mut response = Response::new(Body::from(Bytes::from_static(bytes)));
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-cache"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_stays_on_the_way_it_came() {
        let config = Config::load(|_| None).unwrap();
        let url = |host: &'static str, tls: bool, port: u16| {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            base_url(&headers, &config, Some(Listener { tls, port }))
        };
        assert_eq!(url("192.168.1.5:8008", false, 8008), "http://192.168.1.5:8008");
        assert_eq!(url("hub.local:8448", true, 8448), "https://hub.local:8448");
        // Behind a proxy, or with a name made up.
        assert_eq!(url("chat.example", false, 8008), config.gateway_public_url);
        assert_eq!(url("x/y:8008", false, 8008), config.gateway_public_url);
    }
}
