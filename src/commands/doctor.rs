//! `messenger-service doctor`: is everything there, and if not, what to do.

use std::process::ExitCode;
use std::time::Duration;

use messenger_service::app;
use messenger_service::config::{Config, CorsOrigins};
use messenger_service::identity::clerk;
use messenger_service::matrix::{Error, Homeserver as _};
use messenger_service::store::Store;
use messenger_service::types::random_token;

fn good(what: &str, words: &str) {
    println!("ok    {what:<14} {words}");
}

fn bad(what: &str, words: &str) {
    println!("FAIL  {what:<14} {words}");
}

/// Prints a line per part; fails when one is not as it should be.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut healthy = true;
    let store = match Store::open(&config.database_url()).await {
        Ok(store) => {
            good("database", &format!("{}, tables up to date", store.kind()));
            store
        }
        Err(error) => {
            bad(
                "database",
                &format!("{error:#}. Is DATABASE_URL right, is the server up, may this user make tables?"),
            );
            return Ok(ExitCode::FAILURE);
        }
    };
    good("cors", &pages(&config.cors_origins));
    match &config.redis_url {
        None => good(
            "redis",
            "not used: live events stay in this process (set REDIS_URL for several replicas)",
        ),
        Some(url) => match redis_ping(url.expose()).await {
            Ok(()) => good("redis", "answers"),
            Err(error) => {
                healthy = false;
                bad(
                    "redis",
                    &format!("{error:#}. Is REDIS_URL right, is the server up?"),
                );
            }
        },
    }
    match clerk::probe(config).await {
        Ok(None) => good("clerk", "not used (set CLERK_ISSUER to take Clerk's tokens)"),
        Ok(Some((keys, time))) => good(
            "clerk",
            &format!("{keys} keys for signatures, fetched in {time:?}"),
        ),
        Err(error) => {
            healthy = false;
            let url = config.clerk_jwks_url.as_deref().unwrap_or_default();
            bad(
                "clerk",
                &format!("{error:#}. Is CLERK_JWKS_URL={url} right (by default it is below CLERK_ISSUER)?"),
            );
        }
    }
    let registration = app::registration(config, Some(&store)).await?;
    let homeserver = app::homeserver(config, &registration, random_token())?;
    if let Err(error) = homeserver.reachable().await {
        bad(
            "homeserver",
            &format!(
                "{error}. Is it up at MATRIX_HOMESERVER_URL={}?",
                config.matrix_homeserver_url
            ),
        );
        return Ok(ExitCode::FAILURE);
    }
    good("homeserver", &config.matrix_homeserver_url);
    match homeserver.registered().await {
        Ok(()) => good("registration", "the homeserver knows this service"),
        Err(error) => {
            bad("registration", &unregistered(&error, config));
            return Ok(ExitCode::FAILURE);
        }
    }
    match homeserver.ping(&random_token()).await {
        Ok(time) => good(
            "way back",
            &format!("the homeserver reaches {} in {time:?}", config.appservice_url),
        ),
        Err(error) => {
            healthy = false;
            bad(
                "way back",
                &format!(
                    "{error}. The homeserver cannot reach APPSERVICE_URL={}: is the service running there, \
                     and is the address right as seen from the homeserver?",
                    config.appservice_url
                ),
            );
        }
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Which pages may call, in words.
fn pages(origins: &CorsOrigins) -> String {
    match origins {
        CorsOrigins::Any => "pages of any origin may call (CORS_ORIGINS names some)".into(),
        CorsOrigins::List(list) if list.is_empty() => {
            "only the service's own pages may call (CORS_ORIGINS names others)".into()
        }
        CorsOrigins::List(list) => format!("pages of {} may call", list.join(", ")),
    }
}

fn unregistered(error: &Error, config: &Config) -> String {
    let remedy = if config.matrix_registration_token.is_some() {
        "start the service: it registers itself with MATRIX_REGISTRATION_TOKEN"
    } else {
        "Synapse, Tuwunel: put the output of `messenger-service registration` into a file, name it in the \
         homeserver's configuration and restart it. Conduit: set MATRIX_REGISTRATION_TOKEN and start the service, or \
         post the same output in its admin room"
    };
    format!("{error}. What to do: {remedy}")
}

async fn redis_ping(url: &str) -> anyhow::Result<()> {
    let client = redis::Client::open(url)?;
    let patience = Duration::from_secs(2);
    let mut connection = tokio::time::timeout(patience, client.get_multiplexed_async_connection()).await??;
    let ping = redis::cmd("PING");
    let answer: String = tokio::time::timeout(patience, ping.query_async(&mut connection)).await??;
    anyhow::ensure!(answer == "PONG", "it answered {answer:?}");
    Ok(())
}
