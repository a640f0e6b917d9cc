//! A homeserver, the service and its demo data on this machine: what `cargo xtask run` shows and the client's tests use.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{self, Group, Output};
use crate::progress::Progress;
use crate::secrets::Secrets;
use crate::service::Service;
use crate::{conduit, http, synapse};

/// The Matrix server's name in development.
pub const SERVER_NAME: &str = "hub.local";

/// The service token in development, unless the environment has another.
const SERVICE_TOKEN: &str = "messenger-service-token-dev";

const SERVICE_LOG: &str = "service.log";

/// A slow machine with a cold disk needs about a quarter of it.
const LIMIT: Duration = Duration::from_mins(2);

/// Which homeserver, and where it comes from.
#[derive(Clone)]
pub enum Homeserver {
    /// This program.
    Conduit(PathBuf),
    /// The one in `.dev/synapse`; it has to be installed.
    Synapse,
}

impl Homeserver {
    /// For people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conduit(_) => "Conduit",
            Self::Synapse => "Synapse",
        }
    }
}

/// What to start.
pub struct Plan<'a> {
    /// The built service.
    pub program: &'a Path,
    /// The homeserver.
    pub homeserver: Homeserver,
    /// All data, secrets and logs go here. A service's data belong to one homeserver's, so they stand side by side.
    pub folder: PathBuf,
    /// Port of the service.
    pub port: u16,
    /// Port of the homeserver.
    pub homeserver_port: u16,
    /// Ports of the gateway for external Matrix clients, without TLS and with; `None` turns it off.
    pub gateway_ports: Option<(u16, u16)>,
    /// Take a database, a Redis and other settings from the environment, as a developer may want.
    pub inherit_settings: bool,
    /// Count what callers do. Tests do more in a minute than people.
    pub rate_limits: bool,
    /// What is particular to this one.
    pub settings: Vec<(&'static str, String)>,
}

/// Which cores the servers of a stack stay on, as `taskset` takes them.
#[derive(Clone, Copy)]
pub struct Cores<'a> {
    /// Those of the service.
    pub service: &'a str,
    /// Those of the homeserver.
    pub homeserver: &'a str,
}

/// A running stack; its processes are in the group that it was started in.
pub struct Stack {
    /// Where the service answers.
    pub url: String,
    /// What satellites send as `X-Service-Token`.
    pub service_token: String,
    /// What the hub signs its tokens with.
    pub hub_secret: String,
    /// The program, with the settings that the running one has.
    pub service: Service,
    /// Where the logs are.
    pub logs: PathBuf,
}

/// Starts a stack and waits until it is ready and has its demo data.
pub fn start(group: &mut Group, progress: &Progress, plan: &Plan<'_>) -> Result<Stack> {
    let stack = start_bare(group, progress, plan, None)?;
    progress.step("demo data");
    process::read(&mut stack.service.command(&["seed", "--url", &stack.url])).with_context(|| {
        let log = stack.logs.join(SERVICE_LOG);
        format!("the demo data could not be made{}", process::tail(&log))
    })?;
    Ok(stack)
}

/// The same without demo data, where `cores` says.
pub fn start_bare(
    group: &mut Group,
    progress: &Progress,
    plan: &Plan<'_>,
    cores: Option<Cores<'_>>,
) -> Result<Stack> {
    let data = plan.folder.join("service");
    let logs = plan.folder.join("logs");
    // the configurations in it have secrets too
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&plan.folder)?;
    fs::create_dir_all(&data)?;
    fs::create_dir_all(&logs)?;
    let secrets = Secrets::open(&plan.folder.join("tokens.json"))?;
    let service_token = env::var("MESSENGER_SERVICE_TOKEN").unwrap_or_else(|_| SERVICE_TOKEN.to_owned());
    let hub_secret = secrets.get("hub_secret_key")?.to_owned();
    let url = format!("http://127.0.0.1:{}", plan.port);
    let gateway = |port: Option<u16>| port.map_or_else(String::new, |port| format!("127.0.0.1:{port}"));
    let mut settings = vec![
        ("APP_ENV", "development".to_owned()),
        ("HTTP_ADDR", format!("127.0.0.1:{}", plan.port)),
        (
            "GATEWAY_HTTP_ADDR",
            gateway(plan.gateway_ports.map(|(plain, _)| plain)),
        ),
        (
            "GATEWAY_TLS_ADDR",
            gateway(plan.gateway_ports.map(|(_, tls)| tls)),
        ),
        ("DATA_DIR", data.display().to_string()),
        (
            "MATRIX_HOMESERVER_URL",
            format!("http://127.0.0.1:{}", plan.homeserver_port),
        ),
        ("MATRIX_SERVER_NAME", SERVER_NAME.to_owned()),
        ("MATRIX_AS_TOKEN", secrets.get("as_token")?.to_owned()),
        ("MATRIX_HS_TOKEN", secrets.get("hs_token")?.to_owned()),
        ("APPSERVICE_URL", url.clone()),
        ("HUB_SECRET_KEY", hub_secret.clone()),
        ("MESSENGER_SERVICE_TOKEN", service_token.clone()),
    ];
    if let Some((_, tls)) = plan.gateway_ports {
        settings.push(("GATEWAY_PUBLIC_URL", format!("https://127.0.0.1:{tls}")));
    }
    if !plan.rate_limits {
        settings.push(("RATE_LIMIT_PER_MINUTE", "0".to_owned()));
        settings.push(("SERVICE_RATE_LIMIT_PER_MINUTE", "0".to_owned()));
    }
    if matches!(plan.homeserver, Homeserver::Conduit(_)) {
        settings.push((
            "MATRIX_REGISTRATION_TOKEN",
            secrets.get("registration_token")?.to_owned(),
        ));
    }
    settings.extend(plan.settings.iter().cloned());
    let mut service = Service::new(plan.program, settings);
    if !plan.inherit_settings {
        service = service.without_inherited_settings()?;
    }

    group.on_cores(cores.map(|cores| cores.homeserver));
    let name = plan.homeserver.name();
    progress.step(&format!("starting {name}"));
    let log = logs.join("homeserver.log");
    let folder = plan.folder.join("homeserver");
    match &plan.homeserver {
        Homeserver::Conduit(binary) => {
            conduit::start(group, binary, &folder, plan.homeserver_port, &secrets, &log)?;
        }
        Homeserver::Synapse => {
            let registration = service.registration()?;
            synapse::start(
                group,
                &folder,
                plan.homeserver_port,
                &registration,
                &secrets,
                &log,
            )?;
        }
    }
    group.wait_until(name, LIMIT, || {
        http::status(plan.homeserver_port, "/_matrix/client/versions") == Some(200)
    })?;

    group.on_cores(cores.map(|cores| cores.service));
    progress.step("starting the service");
    let log = logs.join(SERVICE_LOG);
    group.start("the service", &service.command(&["serve"]), &Output::Log(&log))?;
    group.wait_until("the service", LIMIT, || {
        http::status(plan.port, "/ready") == Some(200)
    })?;
    Ok(Stack {
        url,
        service_token,
        hub_secret,
        service,
        logs,
    })
}
