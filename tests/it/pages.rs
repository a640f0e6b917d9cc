//! The service's pages in Chromium: the one that asks whether a client may sign in (contract R71), and the one that a
//! phone's camera opens (contract R70).

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

use crate::support::matrix::segment;
use crate::support::people::{claims, hub_token, now, with};
use crate::support::process::{clean, run_folder};
use crate::support::{Hub, PATIENCE, Person, env, eventually, text};

// --- a browser

/// Chromium takes its commands from descriptor 3 and answers on 4; it ends when 3 is closed.
const WRAPPER: &str = r#"exec 3<&0 4>&1 </dev/null >&2; exec "$@""#;

/// Chromium with one tab, driven over its `DevTools` protocol.
struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: UnboundedReceiver<Value>,
    number: u64,
    tab: Option<String>,
}

impl Browser {
    async fn start(hub: &Hub) -> Self {
        let folder = run_folder().join(hub.id("browser"));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut command = Command::new("sh");
        clean(&mut command, &[])
            .args(["-c", WRAPPER, "sh"])
            .arg(env::chromium())
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", folder.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("chromium.log")).expect("a log file"));
        let mut child = command.spawn().expect("Chromium");
        let commands = child.stdin.take().expect("the pipe was asked for");
        let output = child.stdout.take().expect("the pipe was asked for");
        let (sender, answers) = mpsc::unbounded_channel();
        thread::spawn(move || {
            // until Chromium or the test ends
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let message: Value = serde_json::from_slice(&message).expect("messages are JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            commands,
            answers,
            number: 0,
            tab: None,
        };
        let target = browser
            .call("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", target).await;
        browser.tab = Some(text(&attached, "sessionId"));
        browser
    }

    /// Sends a command; its result, or what is wrong.
    async fn attempt(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.number += 1;
        let mut message = json!({"id": self.number, "method": method});
        message["params"] = params;
        if let Some(tab) = &self.tab {
            message["sessionId"] = json!(tab);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("Chromium listens");
        loop {
            let Ok(answer) = timeout(PATIENCE, self.answers.recv()).await else {
                panic!("not within {PATIENCE:?}: {message}");
            };
            let mut answer = answer.unwrap_or_else(|| panic!("Chromium ended at {message}"));
            if answer["id"] == self.number {
                return match answer["error"].take() {
                    Value::Null => Ok(answer["result"].take()),
                    error => Err(error),
                };
            }
        }
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        let result = self.attempt(method, params).await;
        result.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// What the browser's user reads.
    async fn speaks(&mut self, language: &str) {
        let agent = self.value("navigator.userAgent").await;
        let params = json!({"userAgent": agent, "acceptLanguage": language});
        self.call("Emulation.setUserAgentOverride", params).await;
    }

    async fn open(&mut self, url: &str) {
        // An address that differs in its fragment only would not be loaded.
        self.call("Page.navigate", json!({"url": "about:blank"})).await;
        let opened = self.call("Page.navigate", json!({"url": url})).await;
        assert!(opened["errorText"].is_null(), "{url}: {opened}");
        self.until("document.readyState === 'complete'").await;
    }

    async fn evaluated(&mut self, expression: &str) -> Result<Value, Value> {
        let params = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true,
        });
        let mut answer = self.attempt("Runtime.evaluate", params).await?;
        match answer["exceptionDetails"].take() {
            Value::Null => Ok(answer["result"]["value"].take()),
            exception => Err(exception),
        }
    }

    /// The value of an expression in the page.
    async fn value(&mut self, expression: &str) -> Value {
        let result = self.evaluated(expression).await;
        result.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until an expression is true; the page may be changing meanwhile.
    async fn until(&mut self, expression: &str) {
        eventually(expression, async || {
            let value = self.evaluated(expression).await;
            (value == Ok(json!(true))).then_some(())
        })
        .await;
    }

    /// Waits until the page has this heading.
    async fn heading(&mut self, heading: &str) {
        let expression = format!(
            "document.getElementById('title')?.textContent === {}",
            json!(heading)
        );
        self.until(&expression).await;
    }

    async fn shown(&mut self, id: &str) -> String {
        let shown = self
            .value(&format!("document.getElementById('{id}').textContent"))
            .await;
        shown.as_str().expect("a text").to_owned()
    }

    async fn is_visible(&mut self, id: &str) -> bool {
        self.value(&format!("document.getElementById('{id}').checkVisibility()"))
            .await
            == json!(true)
    }

    async fn click(&mut self, selector: &str) {
        self.value(&format!("document.querySelector({}).click()", json!(selector)))
            .await;
    }

    /// Types a key; Tab and Enter are known.
    async fn key(&mut self, key: &str) {
        let (code, typed) = if key == "Enter" { (13, "\r") } else { (9, "") };
        let mut event = json!({"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code});
        if !typed.is_empty() {
            event["text"] = json!(typed);
        }
        self.call("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", event).await;
    }

    async fn focused(&mut self) -> Value {
        self.value("document.activeElement.id").await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // it may have ended in this moment
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// --- a client's page

/// Where a client's page is, and what arrives there: the query, and the page before it as far as that is told.
async fn client_page() -> (String, UnboundedReceiver<(String, Option<String>)>) {
    type Arrived = UnboundedSender<(String, Option<String>)>;
    async fn arrive(
        State(arrived): State<Arrived>,
        RawQuery(query): RawQuery,
        headers: HeaderMap,
    ) -> &'static str {
        let referer = headers
            .get("referer")
            .map(|value| value.to_str().expect("a text").to_owned());
        arrived
            .send((query.unwrap_or_default(), referer))
            .expect("the test listens");
        "signed in"
    }
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let router = Router::new().route("/done", get(arrive)).with_state(arrived);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        axum::serve(listener, router).await.expect("a page");
    });
    (format!("http://{address}"), arrivals)
}

/// Where the pages are in the tests: the default of `PUBLIC_URL`.
fn pages(hub: &Hub) -> String {
    hub.url.replace("127.0.0.1", "localhost")
}

/// What a client opens that wants to be signed in and come back to this address.
fn sso(hub: &Hub, back: &str) -> String {
    format!(
        "{}/_matrix/client/v3/login/sso/redirect?redirectUrl={}",
        hub.gateway_url,
        segment(back)
    )
}

fn keep(token: &str) -> String {
    format!("localStorage.setItem('hub_token', {})", json!(token))
}

async fn signed_in(hub: &Hub, name: &str, language: &str) -> (Browser, Person) {
    let mut browser = Browser::start(hub).await;
    browser.speaks(language).await;
    let person = hub.person(name).await;
    browser.open(&format!("{}/favicon.svg", pages(hub))).await;
    browser.value(&keep(&person.token)).await;
    (browser, person)
}

#[tokio::test]
async fn r71_a_person_agrees_and_the_client_gets_its_token() {
    let hub = Hub::shared().await;
    let (mut browser, max) = signed_in(&hub, "max", "en-GB").await;
    let (client, mut arrivals) = client_page().await;

    browser.open(&sso(&hub, &format!("{client}/done?state=1"))).await;
    browser.heading("Sign in to an app?").await;
    let place = browser.value("location.origin + location.pathname").await;
    assert_eq!(place, json!(format!("{}/sso", pages(&hub))));
    assert_eq!(format!("http://{}", browser.shown("target").await), client);
    assert_eq!(browser.shown("address").await, "127.0.0.1");
    assert!(browser.shown("client").await.contains("Chrome"));
    assert!(browser.shown("person").await.contains(&max.id));
    assert_eq!(browser.shown("account").await, max.matrix_id());
    let before = browser.value("location.href").await;
    browser.click("#cancel").await;
    browser.heading("Cancelled").await;
    assert!(!browser.is_visible("ask").await);
    assert_eq!(browser.value("location.href").await, before);

    // By keyboard, and this is the first that arrives: Cancel went nowhere.
    browser
        .open(&sso(&hub, &format!("{client}/done?state=2#/home")))
        .await;
    browser.heading("Sign in to an app?").await;
    assert_eq!(browser.focused().await, "title", "it is read out first");
    browser.key("Tab").await;
    assert_eq!(browser.focused().await, "cancel");
    browser.key("Tab").await;
    assert_eq!(browser.focused().await, "allow");
    browser.key("Enter").await;
    let arrived = timeout(PATIENCE, arrivals.recv())
        .await
        .expect("the client's page");
    let (query, referer) = arrived.expect("the page is served");
    assert_eq!(referer, None, "the address of the page stays here");
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(query.len(), 2, "{query:?}");
    assert_eq!(query[0], ("state".to_owned(), "2".to_owned()));
    assert_eq!(query[1].0, "loginToken");
    browser.until("location.hash === '#/home'").await;

    let login = json!({"type": "m.login.token", "token": query[1].1});
    let gateway = hub.at(&hub.gateway_url);
    let device = gateway.post("/_matrix/client/v3/login", &login).expect(200).await;
    assert_eq!(device["user_id"], max.matrix_id());
    assert!(arrivals.try_recv().is_err(), "nothing else arrived");
}

#[tokio::test]
async fn r71_whoever_is_not_signed_in_is_told_what_to_do() {
    let hub = Hub::shared().await;
    let mut browser = Browser::start(&hub).await;
    browser.speaks("de-DE").await;
    let max = hub.person("max").await;
    let page = format!(
        "{}/sso?redirectUrl={}",
        pages(&hub),
        segment("io.element:/callback")
    );
    browser.open(&page).await;
    browser.heading("Du bist nicht angemeldet").await;
    assert_eq!(browser.value("document.documentElement.lang").await, "de");
    assert!(browser.is_visible("signed-out").await && !browser.is_visible("ask").await);
    assert!(
        !browser.is_visible("paste").await,
        "only where everybody knows the secret of local tokens"
    );

    let expired = with(
        claims(&max.id, "user", hub.tenant, "Max"),
        "exp",
        json!(now() - 60),
    );
    browser.value(&keep(&hub_token(&expired))).await;
    browser.open(&page).await;
    browser.heading("Du bist nicht angemeldet").await;

    browser.value(&keep(&max.token)).await;
    browser.click("#again").await;
    browser.heading("In einer App anmelden?").await;
    assert_eq!(browser.shown("target").await, "io.element");
    assert_eq!(browser.shown("target-kind").await, "eine App auf diesem Gerät");
    assert_eq!(browser.shown("address").await, "nicht bekannt");
}

#[tokio::test]
async fn r71_a_token_in_the_fragment_is_taken_out_of_the_address() {
    let hub = Hub::shared().await;
    let mut browser = Browser::start(&hub).await;
    browser.speaks("en-GB").await;
    let max = hub.person("max").await;
    let page = format!(
        "{}/sso?redirectUrl={}",
        pages(&hub),
        segment("https://app.example/x")
    );
    browser.open(&format!("{page}#token={}", max.token)).await;
    browser.heading("Sign in to an app?").await;
    assert_eq!(browser.value("location.href").await, json!(page));
    assert_eq!(browser.value("localStorage.length").await, 0);
    assert_eq!(browser.shown("target").await, "app.example");
}

#[tokio::test]
async fn r71_a_script_or_a_file_is_no_place_to_go_to() {
    let hub = Hub::shared().await;
    let (mut browser, _) = signed_in(&hub, "max", "en-GB").await;
    for wrong in [
        "javascript:document.title='run'",
        "data:text/html,<script>1</script>",
        "file:///etc/passwd",
        "/sso",
        "",
    ] {
        let page = format!("{}/sso?redirectUrl={}", pages(&hub), segment(wrong));
        browser.open(&page).await;
        browser.heading("This cannot be opened").await;
        assert!(!browser.is_visible("ask").await, "{wrong}");
    }
    // What only the service refuses.
    let page = format!(
        "{}/sso?redirectUrl={}",
        pages(&hub),
        segment("mailto:max@example")
    );
    browser.open(&page).await;
    browser.heading("Sign in to an app?").await;
    browser.click("#allow").await;
    browser.heading("This cannot be opened").await;
    assert_eq!(browser.value("location.href").await, json!(page));
}

#[tokio::test]
async fn r70_the_page_of_the_qr_code_shows_what_to_type_in() {
    let hub = Hub::shared().await;
    let mut browser = Browser::start(&hub).await;
    browser.speaks("de-DE").await;
    let values = |server: &str| {
        let server = segment(server);
        format!(
            "{}/connect#server={server}&user=%40max%3Ahub%2Elocal&password=abcd%2Defgh&ca=x",
            hub.gateway_url
        )
    };
    browser.open(&values(&hub.gateway_url)).await;
    browser.heading("Matrix-App verbinden").await;
    for (id, expected) in [
        ("server", hub.gateway_url.as_str()),
        ("user", "@max:hub.local"),
        ("password", "abcd-efgh"),
    ] {
        assert_eq!(browser.shown(id).await, expected);
    }
    assert!(!browser.is_visible("plain").await, "there is none");
    assert_eq!(
        browser.value("document.getElementById('ca').href").await,
        json!(format!("{}/ca.pem", hub.gateway_url))
    );
    assert_eq!(browser.value("location.hash").await, "", "it is in no history");
    browser.click("[data-copies=password]").await;
    browser
        .until("document.getElementById('copied').textContent.includes('App-Passwort')")
        .await;
    browser.call("Page.reload", json!({})).await;
    browser
        .until("document.getElementById('password')?.textContent === 'abcd-efgh'")
        .await;

    browser.open(&values("https://evil.example")).await;
    browser.heading("Nicht von diesem Messenger").await;
    assert!(!browser.is_visible("all").await);
}
