//! A homeserver and the service in front of it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use super::database;
use super::env::{self, Database, Kind};
use super::homeserver::{CLAIM, Homeserver, SERVER_NAME};
use super::http::{Hub, eventually};
use super::process::{Process, clean, free_port, run_folder};

/// The service under test.
pub const SERVICE: &str = env!("CARGO_BIN_EXE_messenger-service");

/// The secrets of every stack.
pub const HUB_SECRET: &str = "the-hub-secret-of-the-tests-0123456789";
pub const OLD_HUB_SECRET: &str = "the-hub-secret-before-that-one-0123456789";
pub const LOCAL_SECRET: &str = "the-local-secret-of-the-tests-0123456789";
pub const SERVICE_TOKEN: &str = "the-service-token-of-the-tests";
pub const AS_TOKEN: &str = "the-appservice-token-of-the-tests";
pub const HS_TOKEN: &str = "the-homeserver-token-of-the-tests";

/// `MAX_UPLOAD_BYTES` of every stack.
pub const MAX_UPLOAD: usize = 1 << 20;

/// How long the service may take from its start to `/ready`.
const START: Duration = Duration::from_mins(1);

/// Private stacks at a time: a homeserver of its own for each is slow to start.
const PRIVATE_STACKS: usize = 2;

pub struct Stack {
    pub homeserver: Homeserver,
    pub database_url: String,
    folder: PathBuf,
    service: Service,
}

/// One process of the service, running or not.
pub struct Service {
    name: String,
    port: u16,
    gateway_port: u16,
    folder: PathBuf,
    variables: BTreeMap<String, String>,
    process: Option<Process>,
}

impl Stack {
    /// The stack that most tests use at the same time, each with a tenant and people of its own.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Stack> = OnceCell::const_new();
        SHARED.get_or_init(|| Self::start(env::database(), &[])).await
    }

    /// A stack for one test at a time, that may be stopped and started, with these settings beside the usual ones.
    /// Stacks are reused by later tests: everything runs again, but rooms and people are still there.
    pub async fn private(settings: &[(&str, &str)]) -> Private {
        static PERMITS: Semaphore = Semaphore::const_new(PRIVATE_STACKS);
        let permit = PERMITS.acquire().await.expect("never closed");
        let free = free_stacks().pop();
        let stack = match free {
            None => Self::start(env::database(), settings).await,
            Some(mut stack) => {
                stack.homeserver.thaw();
                stack.homeserver.start().await;
                stack.restart(settings).await;
                stack
            }
        };
        Private {
            stack: Some(stack),
            _permit: permit,
        }
    }

    /// Starts everything; the first service of the stack has these settings beside the usual ones.
    pub async fn start(database: Database, settings: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = run_folder().join(format!("stack{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("the stack's folder");
        let database_url = database::create(database, &folder).await;
        let mut service = Service::configured("service", &folder, &database_url);
        let registration = service.command(&["registration"]);
        assert!(
            registration.status.success(),
            "`messenger-service registration` failed: {}",
            String::from_utf8_lossy(&registration.stderr)
        );
        let registration = String::from_utf8(registration.stdout).expect("YAML is UTF-8");
        let mut homeserver = Homeserver::configured(&folder, &registration);
        service.set("MATRIX_HOMESERVER_URL", &homeserver.url);
        if homeserver.kind == Kind::Conduit {
            service.set("MATRIX_REGISTRATION_TOKEN", CLAIM);
        }
        homeserver.start().await;
        let mut stack = Self {
            homeserver,
            database_url,
            folder,
            service,
        };
        stack.service.start(settings).await;
        stack.claimed().await;
        stack
    }

    /// Waits until the homeserver knows the service. Conduit has to be claimed first; the service does that in its own
    /// time, and is ready for what needs no homeserver before.
    async fn claimed(&self) {
        let hub = self.hub();
        eventually("the homeserver knows the service", async || {
            let health = hub.get("/api/v1/health/detailed").expect(200).await;
            (health["checks"]["appservice"]["status"] == "healthy").then_some(())
        })
        .await;
    }

    /// A new tenant on this stack.
    pub fn hub(&self) -> Hub {
        Hub::new(self.url(), self.homeserver.url.clone(), self.gateway_url())
    }

    /// Where the service listens.
    pub fn url(&self) -> String {
        self.service.url()
    }

    /// Where external Matrix clients connect.
    pub fn gateway_url(&self) -> String {
        self.service.gateway_url()
    }

    /// Where a second service on the same database and homeserver is configured; start it with settings.
    pub fn replica(&self) -> Service {
        let mut replica = Service::configured("replica", &self.folder, &self.database_url);
        for name in ["MATRIX_HOMESERVER_URL", "APPSERVICE_URL"] {
            replica.set(name, &self.service.variables[name]);
        }
        replica
    }

    /// Runs a command of the program with the service's settings and these.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.service.command(arguments)
    }

    pub fn service(&mut self) -> &mut Service {
        &mut self.service
    }

    /// Starts the service again, with these settings beside the usual ones.
    pub async fn restart(&mut self, settings: &[(&str, &str)]) {
        self.service.stop().await;
        self.service.start(settings).await;
    }

    /// What the service has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("service.log")).unwrap_or_default()
    }
}

impl Service {
    fn configured(name: &str, folder: &Path, database_url: &str) -> Self {
        let port = free_port();
        let gateway_port = free_port();
        let data = folder.join(format!("{name}-data"));
        fs::create_dir_all(&data).expect("the data folder");
        let mut service = Self {
            name: name.to_owned(),
            port,
            gateway_port,
            folder: folder.to_owned(),
            variables: BTreeMap::new(),
            process: None,
        };
        for (variable, value) in [
            ("HTTP_ADDR", format!("127.0.0.1:{port}").as_str()),
            ("GATEWAY_HTTP_ADDR", &format!("127.0.0.1:{gateway_port}")),
            ("GATEWAY_TLS_ADDR", ""),
            ("DATA_DIR", &data.display().to_string()),
            ("DATABASE_URL", database_url),
            ("MATRIX_SERVER_NAME", SERVER_NAME),
            ("MATRIX_AS_TOKEN", AS_TOKEN),
            ("MATRIX_HS_TOKEN", HS_TOKEN),
            ("APPSERVICE_URL", &format!("http://127.0.0.1:{port}")),
            ("HUB_SECRET_KEY", HUB_SECRET),
            ("HUB_SECRET_KEY_PREVIOUS", OLD_HUB_SECRET),
            ("SECRET_KEY", LOCAL_SECRET),
            ("MESSENGER_SERVICE_TOKEN", SERVICE_TOKEN),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("SERVICE_RATE_LIMIT_PER_MINUTE", "0"),
            ("MAX_UPLOAD_BYTES", &MAX_UPLOAD.to_string()),
            ("LOG_LEVEL", "info,messenger_service=debug"),
        ] {
            service.set(variable, value);
        }
        service
    }

    fn set(&mut self, variable: &str, value: &str) {
        self.variables.insert(variable.to_owned(), value.to_owned());
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where its gateway listens.
    pub fn gateway_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway_port)
    }

    /// Starts it with these settings beside the usual ones and waits until it is ready.
    pub async fn start(&mut self, settings: &[(&str, &str)]) {
        self.launch(settings);
        self.reached("/ready").await;
    }

    /// Starts it without waiting.
    pub fn launch(&mut self, settings: &[(&str, &str)]) {
        let mut variables = self.variables.clone();
        variables.extend(
            settings
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        let variables: Vec<_> = variables.into_iter().collect();
        let program = Path::new(SERVICE);
        self.process = Some(Process::spawn(
            &self.name,
            program,
            &["serve"],
            &variables,
            &self.folder,
        ));
    }

    /// Waits until this path answers 200.
    pub async fn reached(&mut self, path: &str) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let end = Instant::now() + START;
        loop {
            let last = match client
                .get(self.url() + path)
                .timeout(Duration::from_secs(5))
                .send()
                .await
            {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => format!("{}: {}", answer.status(), answer.text().await.unwrap_or_default()),
                Err(error) => error.to_string(),
            };
            let process = self.process.as_mut().expect("it was started");
            assert!(
                process.running(),
                "the service ended while starting\n{}",
                process.tail()
            );
            assert!(
                Instant::now() < end,
                "{path} after {START:?} still: {last}\n{}",
                process.tail()
            );
            sleep(Duration::from_millis(30)).await;
        }
    }

    /// Ends it as an operator would.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal("TERM");
            process.ended(Duration::from_secs(30)).await;
        }
    }

    /// Ends it as a power failure would.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal("KILL");
            process.ended(Duration::from_secs(10)).await;
        }
    }

    /// Runs a command of the program with the service's settings.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let variables: Vec<_> = self.variables.clone().into_iter().collect();
        let mut command = Command::new(SERVICE);
        clean(&mut command, &variables)
            .args(arguments)
            .current_dir(&self.folder);
        command.output().expect("the service's program")
    }
}

/// A borrowed private stack; goes back when it is dropped.
pub struct Private {
    stack: Option<Stack>,
    _permit: SemaphorePermit<'static>,
}

impl Deref for Private {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        self.stack.as_ref().expect("held until the drop")
    }
}

impl DerefMut for Private {
    fn deref_mut(&mut self) -> &mut Stack {
        self.stack.as_mut().expect("held until the drop")
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(mut stack) = self.stack.take() {
            if std::thread::panicking()
                && let Some(process) = &stack.service.process
            {
                eprintln!("{}", process.tail());
            }
            stack.homeserver.thaw();
            free_stacks().push(stack);
        }
    }
}

fn free_stacks() -> std::sync::MutexGuard<'static, Vec<Stack>> {
    static FREE: Mutex<Vec<Stack>> = Mutex::new(Vec::new());
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}
