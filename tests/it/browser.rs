//! The stream in a real browser, on a page of another origin: contract A055, A056, A063, A096.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::Hub;
use crate::support::process::{Process, run_folder};

/// What a satellite's page does, with the lines that the integration guide of the messenger before this one gives.
const PAGE: &str = r"<!doctype html><script>
const MESSENGER_URL = '@URL@'
localStorage.setItem('hub_token', '@TOKEN@')
const tell = (query) => fetch('/tell?' + new URLSearchParams(query))
const showToast = (title, body) => tell({ what: 'toast', title, body })

const token = localStorage.getItem('hub_token')
const es = new EventSource(
  `${MESSENGER_URL}/api/v1/events/stream?token=${token}`
)

es.onmessage = (e) => {
  const data = JSON.parse(e.data)
  if (data.type === 'notification' && data.source_app === 'meine-app') {
    showToast(data.title, data.body)
  }
  if (data.type === 'connected') {
    tell({ what: 'connected' })
  }
}
</script>";

type Told = mpsc::UnboundedSender<String>;

/// Serves the page on an origin of its own; what the page tells comes out of the channel.
async fn serve(page: String) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    async fn tell(State((_, told)): State<(String, Told)>, RawQuery(query): RawQuery) {
        told.send(query.unwrap_or_default()).expect("the test listens");
    }
    async fn show(State((page, _)): State<(String, Told)>) -> Html<String> {
        Html(page)
    }
    let (told, heard) = mpsc::unbounded_channel();
    let router = Router::new()
        .route("/", get(show))
        .route("/tell", get(tell))
        .with_state((page, told));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        axum::serve(listener, router).await.expect("a page");
    });
    (address, heard)
}

fn chromium() -> PathBuf {
    let path = std::env::var_os("TEST_CHROMIUM").map_or_else(|| "/usr/bin/chromium".into(), PathBuf::from);
    assert!(
        path.exists(),
        "{} is missing: install Debian's chromium, or name one in TEST_CHROMIUM; `cargo xtask test` does",
        path.display()
    );
    path
}

fn browse(address: SocketAddr, folder: &Path) -> Process {
    let profile = format!("--user-data-dir={}", folder.display());
    let url = format!("http://{address}/");
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--remote-debugging-port=0",
        &profile,
        &url,
    ];
    Process::spawn("chromium", &chromium(), &arguments, &[], folder)
}

#[tokio::test]
async fn a063_a096_the_event_source_snippet_runs_in_a_browser() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let page = PAGE.replace("@URL@", &hub.url).replace("@TOKEN@", &anna.token);
    let (address, mut heard) = serve(page).await;
    let folder = run_folder().join(hub.id("browser"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let _browser = browse(address, &folder);
    let patience = std::time::Duration::from_mins(1);
    let told = tokio::time::timeout(patience, heard.recv()).await;
    assert_eq!(told.expect("the page opens").as_deref(), Some("what=connected"));
    hub.notify(&json!({"source_app": "andere-app", "title": "nicht fuer diese Seite"}))
        .await;
    hub.notify(&json!({"source_app": "meine-app", "title": "Vorgang", "body": "fertig"}))
        .await;
    let told = tokio::time::timeout(patience, heard.recv()).await;
    assert_eq!(
        told.expect("the toast").as_deref(),
        Some("what=toast&title=Vorgang&body=fertig")
    );
}
