//! TLS at the gateway, and what a client is told before it logs in: contract A006, A007, R43, R73.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Certificate, Client, Method};

use crate::support::external::{Door, by_token};
use crate::support::process::free_port;
use crate::support::stack::Private;
use crate::support::{Hub, Stack, eventually, text};

/// A stack whose gateway speaks TLS on this port, too.
async fn stack(more: &[(&str, &str)]) -> (Private, Hub, u16) {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let settings: Vec<_> = [
        ("GATEWAY_TLS_ADDR", address.as_str()),
        ("GATEWAY_PUBLIC_URL", "https://chat.example:8448"),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .collect();
    let stack = Stack::private(&settings).await;
    let hub = stack.hub();
    (stack, hub, port)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// Writes a certificate of its own for a name; the certificate as PEM.
fn give(certificate: &Path, key: &Path, name: &str) -> String {
    let pair = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let made = params.self_signed(&pair).expect("a certificate");
    let shown = pem("CERTIFICATE", made.der());
    fs::write(key, pem("PRIVATE KEY", &pair.serialize_der())).expect("written");
    fs::write(certificate, &shown).expect("written");
    shown
}

/// A client that trusts this certificate and finds this name at the gateway.
fn trusting(authority: &[u8], name: &str, port: u16) -> Client {
    Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(authority).expect("a certificate")])
        .resolve(name, SocketAddr::from(([127, 0, 0, 1], port)))
        .build()
        .expect("a client")
}

async fn status(client: &Client, url: &str) -> Result<u16, String> {
    match client.get(url).send().await {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(format!("{error:?}")),
    }
}

#[tokio::test]
async fn a006_r73_clients_that_trust_the_authority_come_in() {
    let (_stack, hub, port) = stack(&[]).await;
    let max = hub.person("max").await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[&max]).await;
    // one that does not know it is told nothing
    let url = format!("https://127.0.0.1:{port}");
    let strict = Door::at(&url).ask(Method::GET, "/login").attempt().await;
    assert!(
        strict.as_ref().is_err_and(|error| error.contains("ertificate")),
        "{strict:?}"
    );
    // the authority is at every door, and is one
    let plain = Door::of(&hub).ask(Method::GET, "/ca.pem").send().await;
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("content-type"), Some("application/x-x509-ca-cert"));
    let main = hub.get("/ca.pem").send().await;
    assert_eq!((main.status, &main.bytes), (200, &plain.bytes));
    assert!(
        plain.text().starts_with("-----BEGIN CERTIFICATE-----"),
        "{}",
        plain.text()
    );
    assert!(!plain.text().contains("PRIVATE"), "a key is handed out");
    let door = Door::trusting(&url, &plain.bytes);
    assert_eq!(door.ask(Method::GET, "/ca.pem").send().await.bytes, plain.bytes);
    // and with it everything works
    let mut client = door.logged_in(&by_token(&max.token)).await;
    client.sync().await;
    let mut stream = hub.stream(&anna).await;
    client.say(&room, "Over TLS").await;
    stream.message("Over TLS").await;
    let said = hub.say(&anna, &room, "Back").await;
    client
        .event_in(&room, |event| event["event_id"] == said.as_str())
        .await;
    let content = vec![7; 500_000];
    let upload = client
        .ask(Method::POST, "/_matrix/media/v3/upload")
        .header("content-type", "text/plain");
    let uri = text(&upload.body(content.clone()).ok().await, "content_uri");
    let id = uri.strip_prefix("mxc://").expect("a URI");
    let back = client
        .get(&format!("/_matrix/client/v1/media/download/{id}"))
        .send()
        .await;
    assert!(back.bytes == content, "{}", back.status);
    // the session is the same on the plain port
    let mut same = client.clone();
    same.door = Door::of(&hub);
    same.get("/account/whoami").ok().await;

    // by every name that it has, and no other
    for name in ["hub.local", "chat.example", "localhost"] {
        let answer = status(
            &trusting(&plain.bytes, name, port),
            &format!("https://{name}:{port}/_matrix/client/versions"),
        )
        .await;
        assert_eq!(answer, Ok(200), "{name}");
    }
    for name in ["other.local", "hub.local.example"] {
        let answer = status(
            &trusting(&plain.bytes, name, port),
            &format!("https://{name}:{port}/_matrix/client/versions"),
        )
        .await;
        assert!(answer.is_err(), "{name}: {answer:?}");
    }
    // plain HTTP is not answered on the port of TLS
    let confused = status(
        &Client::new(),
        &format!("http://127.0.0.1:{port}/_matrix/client/versions"),
    )
    .await;
    assert!(confused.is_err(), "{confused:?}");
}

#[tokio::test]
async fn a006_the_authority_stays() {
    let (mut stack, hub, port) = stack(&[]).await;
    let authority = Door::of(&hub).ask(Method::GET, "/ca.pem").send().await.bytes;
    let address = format!("127.0.0.1:{port}");
    stack
        .restart(&[
            ("GATEWAY_TLS_ADDR", &address),
            ("GATEWAY_PUBLIC_URL", "https://new.example:8448"),
        ])
        .await;
    assert_eq!(
        Door::of(&hub).ask(Method::GET, "/ca.pem").send().await.bytes,
        authority
    );
    // the server's certificate follows the settings
    let answer = status(
        &trusting(&authority, "new.example", port),
        &format!("https://new.example:{port}/_matrix/client/versions"),
    )
    .await;
    assert_eq!(answer, Ok(200));
}

#[tokio::test]
async fn a006_a_given_certificate_is_shown_and_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let first = give(&certificate, &key, "chat.example");
    let files = [
        ("GATEWAY_TLS_CERT", certificate.display().to_string()),
        ("GATEWAY_TLS_KEY", key.display().to_string()),
    ];
    let files = files.each_ref().map(|(name, path)| (*name, path.as_str()));
    let (stack, hub, port) = stack(&files).await;
    let url = format!("https://chat.example:{port}/_matrix/client/versions");
    let old = trusting(first.as_bytes(), "chat.example", port);
    assert_eq!(status(&old, &url).await, Ok(200));
    // there is no authority of ours to hand out
    for reply in [
        Door::of(&hub).ask(Method::GET, "/ca.pem").send().await.status,
        hub.get("/ca.pem").send().await.status,
    ] {
        assert_eq!(reply, 404);
    }
    // half a pair changes nothing
    let second = give(&certificate, &folder.path().join("later.pem"), "chat.example");
    eventually("it is said that the pair does not match", async || {
        stack.log().contains("keeps its certificate").then_some(())
    })
    .await;
    assert_eq!(
        status(&trusting(first.as_bytes(), "chat.example", port), &url).await,
        Ok(200)
    );
    // a whole one does
    fs::rename(folder.path().join("later.pem"), &key).expect("renamed");
    eventually("the new certificate is shown", async || {
        let new = trusting(second.as_bytes(), "chat.example", port);
        (status(&new, &url).await == Ok(200)).then_some(())
    })
    .await;
    // what was open stays so
    assert_eq!(status(&old, &url).await, Ok(200));
    let fresh = trusting(first.as_bytes(), "chat.example", port);
    assert!(status(&fresh, &url).await.is_err());
}

#[tokio::test]
async fn a007_clients_find_the_gateway_on_every_port() {
    let (_stack, hub, port) = stack(&[("PUBLIC_URL", "https://hub.example:8085")]).await;
    let authority = Door::of(&hub).ask(Method::GET, "/ca.pem").send().await.bytes;
    let secure = Door::trusting(&format!("https://127.0.0.1:{port}"), &authority);
    let main = Door::at(&hub.url);
    for (door, base_url) in [
        // on the way they came
        (&Door::of(&hub), hub.gateway_url.as_str()),
        (&secure, secure.url.as_str()),
        // or where the settings say
        (&main, "https://chat.example:8448"),
    ] {
        let reply = door
            .ask(Method::GET, "/.well-known/matrix/client")
            .header("origin", "https://app.element.io")
            .send()
            .await;
        assert_eq!(reply.status, 200, "{}", door.url);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let told = reply.json();
        assert_eq!(told["m.homeserver"]["base_url"], base_url);
        assert_eq!(
            told["io.element.e2ee"]["force_disable"], true,
            "contract R43: {told}"
        );
        let support = door.ask(Method::GET, "/.well-known/matrix/support").ok().await;
        assert_eq!(support["support_page"], "https://hub.example:8085");
    }
    // a name that is not ours leads nobody away
    let reply = Door::of(&hub)
        .ask(Method::GET, "/.well-known/matrix/client")
        .header("host", "evil.example")
        .send()
        .await;
    assert_eq!(
        reply.json()["m.homeserver"]["base_url"],
        "https://chat.example:8448"
    );
    // there is no federation to be found
    for door in [&Door::of(&hub), &secure] {
        door.ask(Method::GET, "/.well-known/matrix/server")
            .refused(404, "M_UNRECOGNIZED")
            .await;
    }
    let max = hub.person("max").await;
    for door in [Door::of(&hub), secure] {
        let client = door.logged_in(&by_token(&max.token)).await;
        client.get("/account/whoami").ok().await;
    }
}
