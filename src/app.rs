//! The composition root: puts the parts together and runs them. The only file that sees everything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api;
use crate::config::Config;
use crate::core::{Core, Parts};
use crate::gateway::tls::Tls;
use crate::gateway::{Gateway, Listener};
use crate::limit::Limiter;
use crate::matrix::bootstrap::{self, BootstrapConfig};
use crate::matrix::client::{Client, ClientConfig};
use crate::matrix::registration::Registration;
use crate::relay::Relay;
use crate::relay::bus::Bus;
use crate::store::Store;
use crate::telemetry::MetricsHandle;
use crate::types::{Clock, random_token};

/// The `id` of our registration.
const APPSERVICE_ID: &str = "messenger-service";
/// How long requests that are under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Both tokens of the appservice: from the settings, or made at the first start and kept in the database.
pub async fn registration(config: &Config, store: Option<&Store>) -> anyhow::Result<Registration> {
    let token = async |name: &str, set: Option<&crate::config::Secret>| match (set, store) {
        (Some(set), _) => Ok(set.expose().to_owned()),
        (None, Some(store)) => store
            .setting(name, &random_token())
            .await
            .context("reading the appservice's tokens"),
        (None, None) => anyhow::bail!("{name} is set neither in the environment nor in a database"),
    };
    Ok(Registration {
        id: APPSERVICE_ID.into(),
        url: config.appservice_url.clone(),
        as_token: token("MATRIX_AS_TOKEN", config.matrix_as_token.as_ref()).await?,
        hs_token: token("MATRIX_HS_TOKEN", config.matrix_hs_token.as_ref()).await?,
        sender_localpart: config.matrix_sender_localpart.clone(),
        server_name: config.matrix_server_name.clone(),
    })
}

/// The homeserver of the settings.
pub fn homeserver(
    config: &Config,
    registration: &Registration,
    password_key: String,
) -> anyhow::Result<Client> {
    Client::new(ClientConfig {
        base_url: config.matrix_homeserver_url.clone(),
        server_name: config
            .matrix_server_name
            .as_str()
            .try_into()
            .context("MATRIX_SERVER_NAME")?,
        as_token: registration.as_token.clone(),
        sender_localpart: registration.sender_localpart.clone(),
        appservice_id: registration.id.clone(),
        password_key,
    })
}

/// Runs the service until `shutdown`, then lets what is under way end.
pub async fn serve(
    config: Config,
    metrics: MetricsHandle,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let config = Arc::new(config);
    let store = Store::open(&config.database_url()).await?;
    let registration = Arc::new(registration(&config, Some(&store)).await?);
    let password_key = store
        .setting("ACCOUNT_PASSWORD_KEY", &random_token())
        .await
        .context("reading the key of the accounts' passwords")?;
    let homeserver = Arc::new(homeserver(&config, &registration, password_key)?);
    let listener = listen(config.http_addr, "HTTP_ADDR").await?;

    let tasks = TaskTracker::new();
    let encoders = api::encoders();
    let (relay, sink, limiter) = match &config.redis_url {
        None => {
            let relay = Relay::start(encoders);
            let sink = Core::straight_to_relay(&relay);
            (relay, sink, Limiter::in_memory())
        }
        Some(url) => {
            let (bus, incoming) = Bus::connect(url.expose(), random_token())
                .await
                .context("connecting to REDIS_URL")?;
            let relay = Relay::start_with(encoders, Some(bus.clone()));
            let sink = bus.sink();
            let limiter = Limiter::with_redis(bus.connection());
            let run = bus.run(relay.clone(), store.clone(), incoming);
            let ended = shutdown.clone();
            tasks.spawn(async move {
                tokio::select! {
                    () = run => tracing::error!("the bus ended"),
                    () = ended.cancelled() => {}
                }
            });
            (relay, sink, limiter)
        }
    };
    let core = Core::new(Parts {
        store: store.clone(),
        homeserver,
        relay: relay.clone(),
        config: config.clone(),
        clock: Clock::system(),
        hs_token: registration.hs_token.clone(),
        sink,
    })?;

    core.begin_behind().await.context("reading the log")?;
    tasks.spawn(introduce(core.clone(), registration.clone(), shutdown.clone()));
    crate::jobs::start(&core, &metrics, &shutdown, &tasks);
    let limiter = Arc::new(limiter);
    let doors = TaskTracker::new();
    let gateway = open_gateway(&core, &limiter, &doors, &tasks, &shutdown).await?;
    doors.close();
    tasks.close();
    let sockets = api::sockets(&core);
    let router = api::router(api::AppState {
        core: core.clone(),
        limiter,
        metrics,
        sockets: sockets.clone(),
    })
    .merge(gateway.public_router());
    tracing::info!(address = %listener.local_addr()?, database = store.kind(), "ready for requests");

    let ending = shutdown.clone();
    let streams = relay.clone();
    let closing = tokio::spawn(async move {
        ending.cancelled().await;
        // Tells every open stream and socket to come back soon, to whoever serves then.
        streams.end_all();
        sockets.close(GRACE).await;
    });
    crate::server::serve(listener, router, shutdown).await;
    closing.await.context("closing the sockets")?;
    doors.wait().await;
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("background work was cut short");
    }
    store.close().await;
    tracing::info!("ended");
    Ok(())
}

/// Opens the listeners for external Matrix clients.
async fn open_gateway(
    core: &Arc<Core>,
    limiter: &Arc<Limiter>,
    doors: &TaskTracker,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> anyhow::Result<Arc<Gateway>> {
    let config = &core.config;
    let tls = match config.gateway_tls_addr {
        Some(_) => Some(Tls::open(config, core.clock.now()).context("TLS of the gateway")?),
        None => None,
    };
    let gateway = Gateway::new(core.clone(), limiter.clone(), tls.clone(), shutdown.clone())?;
    gateway.start(tasks);
    if let Some(address) = config.gateway_http_addr {
        let listener = listen(address, "GATEWAY_HTTP_ADDR").await?;
        let router = gateway.router(Listener {
            tls: false,
            port: listener.local_addr()?.port(),
        });
        doors.spawn(crate::server::serve(listener, router, shutdown.clone()));
    }
    if let (Some(address), Some(tls)) = (config.gateway_tls_addr, tls) {
        let listener = listen(address, "GATEWAY_TLS_ADDR").await?;
        let router = gateway.router(Listener {
            tls: true,
            port: listener.local_addr()?.port(),
        });
        doors.spawn(crate::server::serve_tls(
            listener,
            tls.acceptor(),
            router,
            shutdown.clone(),
        ));
        tasks.spawn(tls.run(core.clock.clone(), shutdown.clone()));
    }
    Ok(gateway)
}

async fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address} ({setting})"))
}

/// Makes the service known at the homeserver, however long that takes to come up: claims an empty Conduit where the
/// settings allow it, and makes the service's own account, without which Conduit lets nobody of ours in.
async fn introduce(core: Arc<Core>, registration: Arc<Registration>, shutdown: CancellationToken) {
    let mut warned = false;
    loop {
        match introduce_once(&core, &registration).await {
            Ok(()) => return,
            Err(error) if warned => tracing::debug!("not introduced to the homeserver yet: {error:#}"),
            Err(error) => {
                tracing::warn!("not introduced to the homeserver yet, trying on: {error:#}");
                warned = true;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn introduce_once(core: &Core, registration: &Registration) -> anyhow::Result<()> {
    if let Some(token) = &core.config.matrix_registration_token
        && core.homeserver.registered().await.is_err()
    {
        core.homeserver.reachable().await?;
        let claimed = bootstrap::claim(&BootstrapConfig {
            base_url: &core.config.matrix_homeserver_url,
            server_name: &core.config.matrix_server_name,
            registration_token: token.expose(),
            registration,
        })
        .await?;
        tracing::info!(?claimed, "the homeserver knows this service");
    }
    core.service_account().await?;
    core.homeserver.registered().await?;
    Ok(())
}
