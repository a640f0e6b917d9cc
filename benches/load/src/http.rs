//! A keep-alive HTTP/1.1 connection of one client: nothing that would cost more than the request itself.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::net::TcpStream;

/// No answer within this time is a failure.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An `http://host:port` without path. TLS would be measured instead of the service, so there is none.
#[derive(Clone, Debug)]
pub struct Base {
    authority: String,
}

impl Base {
    /// Reads a URL such as `http://127.0.0.1:8000`.
    pub fn parse(url: &str) -> Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
        let Some(authority) = uri.authority().filter(|_| uri.scheme_str() == Some("http")) else {
            bail!("{url}: only http://host:port is measured");
        };
        let port = authority.port_u16().unwrap_or(80);
        Ok(Self {
            authority: format!("{}:{port}", authority.host()),
        })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.authority
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .unwrap_or(80)
    }

    /// `host:port`, to connect to and for the `Host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

/// One request, ready to be sent.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// A GET of `path` (with its query).
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// A DELETE of `path`.
    pub fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(path)
        }
    }

    /// A POST of `body` to `path`.
    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::get(path).with_body(Method::POST, body)
    }

    /// A PUT of `body` to `path`.
    pub fn put(path: impl Into<String>, body: &Value) -> Self {
        Self::get(path).with_body(Method::PUT, body)
    }

    fn with_body(mut self, method: Method, body: &Value) -> Self {
        self.method = method;
        self.body = Bytes::from(body.to_string());
        self.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// Adds `Authorization: Bearer <token>`.
    pub fn bearer(self, token: &str) -> Result<Self> {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a header; `name` in lower case.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value)
            .with_context(|| format!("the value of {name} has forbidden characters"))?;
        self.headers.insert(name, value);
        Ok(self)
    }
}

/// A status and the whole body.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body as it came.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context("the answer is no JSON")
    }
}

/// One client's connection, opened at the first call and again when the server has closed it.
#[derive(Debug)]
pub struct Connection {
    base: Base,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// A connection to `base`, not opened yet.
    pub fn new(base: &Base) -> Self {
        Self {
            base: base.clone(),
            sender: None,
        }
    }

    /// Sends `call` and reads the answer. Every status but 2xx is an error: figures with failures in them compare nothing.
    pub async fn call(&mut self, call: Call) -> Result<Answer> {
        let what = format!(
            "{} http://{}{}",
            call.method,
            self.base.authority,
            without_query(&call.path)
        );
        let answer = match tokio::time::timeout(TIMEOUT, self.exchange(call)).await {
            Ok(answer) => answer.with_context(|| what.clone())?,
            Err(_) => bail!("{what}: no answer within {} s", TIMEOUT.as_secs()),
        };
        if !answer.status.is_success() {
            bail!("{what}: {}", describe(answer.status, &answer.body));
        }
        Ok(answer)
    }

    async fn exchange(&mut self, call: Call) -> Result<Answer> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.open().await?,
        };
        sender.ready().await?;
        let mut request = Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = call.path.parse()?;
        *request.headers_mut() = call.headers;
        request
            .headers_mut()
            .insert(header::HOST, HeaderValue::from_str(&self.base.authority)?);
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        self.sender = Some(sender);
        Ok(Answer { status, body })
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.base.authority).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// A failed answer in one line, with what to do where that is known.
pub fn describe(status: StatusCode, body: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(body).chars().take(300).collect();
    let hint = match status {
        StatusCode::TOO_MANY_REQUESTS => {
            " (start the service with RATE_LIMIT_PER_MINUTE=0 SERVICE_RATE_LIMIT_PER_MINUTE=0, and the homeserver \
             without limits for the appservice)"
        }
        StatusCode::UNAUTHORIZED => " (is it the secret or token that the server was started with?)",
        _ => "",
    };
    format!("{status} {text}{hint}")
}

/// Tokens travel in queries, so errors never show one.
fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// `text` as one segment of a path or one value of a query.
pub fn escape(text: &str) -> String {
    const KEEP: AsciiSet = NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, &KEEP).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_without_surprises() {
        assert_eq!(
            Base::parse("http://127.0.0.1:8000/").unwrap().authority(),
            "127.0.0.1:8000"
        );
        assert_eq!(
            Base::parse("http://localhost").unwrap().authority(),
            "localhost:80"
        );
        assert!(Base::parse("https://localhost").is_err());
        assert!(Base::parse("localhost:8000").is_err());
    }

    #[test]
    fn ids_are_escaped() {
        assert_eq!(escape("!a-b_c:hub.local"), "%21a-b_c%3Ahub.local");
    }

    #[test]
    fn errors_show_no_token() {
        assert_eq!(
            without_query("/api/v1/events/stream?token=secret"),
            "/api/v1/events/stream"
        );
    }
}
