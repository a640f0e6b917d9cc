//! The settings (contract, "Settings"): environment variables over the compiled-in `config/default.toml`.
//!
//! That file is the one place where a setting is named, described and given its default; the table in
//! `docs/settings.md` is made from it. Everything wrong is reported at once, by the variable's name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::types::{PersonId, TenantId};

const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings, checked. Field names are the variables in lower case; `config/default.toml` says what each means.
#[derive(Debug, Clone)]
pub struct Config {
    /// How strict to be about insecure defaults.
    pub app_env: AppEnv,
    /// Directives for `tracing_subscriber`'s `EnvFilter`.
    pub log_level: String,
    /// Where local files are kept.
    pub data_dir: PathBuf,
    /// As given; [`Config::database_url`] has the default.
    pub database_url: Option<Secret>,
    /// The bus between replicas.
    pub redis_url: Option<Secret>,

    /// APIs, pages, sockets, appservice endpoint.
    pub http_addr: SocketAddr,
    /// Matrix gateway without TLS; `None` is off.
    pub gateway_http_addr: Option<SocketAddr>,
    /// Matrix gateway with TLS; `None` is off.
    pub gateway_tls_addr: Option<SocketAddr>,
    /// PEM file of the certificate chain; always together with the key.
    pub gateway_tls_cert: Option<PathBuf>,
    /// PEM file of the private key; always together with the certificate.
    pub gateway_tls_key: Option<PathBuf>,
    /// Without a trailing slash.
    pub gateway_public_url: String,
    /// The same without TLS; `None` when that is off. Without a trailing slash.
    pub gateway_plain_public_url: Option<String>,
    /// Where browsers reach pages and API. Without a trailing slash.
    pub public_url: String,
    /// Origins of pages that may call the APIs.
    pub cors_origins: CorsOrigins,
    /// Networks of proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,

    /// Without a trailing slash.
    pub matrix_homeserver_url: String,
    /// What stands after the colon in Matrix ids.
    pub matrix_server_name: String,
    /// Without a trailing slash.
    pub appservice_url: String,
    /// The token we show to the homeserver; `None`: the one kept in the database.
    pub matrix_as_token: Option<Secret>,
    /// The token the homeserver shows to us; `None`: the one kept in the database.
    pub matrix_hs_token: Option<Secret>,
    /// Lets the service claim an empty Conduit.
    pub matrix_registration_token: Option<Secret>,
    /// Local part of the appservice's sender.
    pub matrix_sender_localpart: String,

    /// `None`: hub tokens are refused (contract A017).
    pub hub_secret_key: Option<Secret>,
    /// A second hub secret that still counts (contract R4).
    pub hub_secret_key_previous: Option<Secret>,
    /// Signs our own tokens (contract R5).
    pub secret_key: Secret,
    /// Whether anybody may sign in as anybody: in development, as long as `SECRET_KEY` is the published default.
    pub open_to_all: bool,
    /// What satellites show (contract A019).
    pub messenger_service_token: Secret,
    /// Exactly as it stands in the tokens' `iss`.
    pub clerk_issuer: Option<String>,
    /// Set whenever `clerk_issuer` is.
    pub clerk_jwks_url: Option<String>,

    /// Per person, or per address when not signed in; 0 is no limit.
    pub rate_limit_per_minute: u32,
    /// Per service token; 0 is no limit.
    pub service_rate_limit_per_minute: u32,
    /// Per socket, on average; 0 is no limit.
    pub socket_events_per_second: u32,
    /// Bytes, at least 1.
    pub max_upload_bytes: u64,
    /// Days, at least 1.
    pub event_retention_days: u32,
    /// Hosts on private addresses that webhooks may call in production.
    pub webhook_allowed_hosts: Vec<String>,

    /// The tenant of people and notifications that name none.
    pub default_tenant_id: TenantId,
    /// At most 255 characters.
    pub general_room_name: String,
    /// The support team beside those with the hub role.
    pub support_user_ids: Vec<PersonId>,
    /// Entity types whose rooms are for members only (contract R19, R33).
    pub entity_members_types: BTreeSet<String>,
}

/// `APP_ENV`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppEnv {
    /// Insecure defaults are kept, so that everything starts without configuration (contract A010).
    Development,
    /// Insecure defaults are refused (contract R42).
    Production,
}

/// `CORS_ORIGINS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// `*`.
    Any,
    /// These, as browsers write them in `Origin`; may be empty.
    List(Vec<String>),
}

/// A setting that no log may show: its `Debug` is `***`, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Everything that is wrong with the settings; each line begins with the variable's name and says what is expected.
#[derive(Debug, thiserror::Error)]
#[error("{}", .problems.join("\n"))]
pub struct ConfigError {
    /// One line each.
    pub problems: Vec<String>,
}

impl Config {
    /// The settings of this process' environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::load(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The settings with `get` in place of the environment; it is asked by the variable's name, in capitals.
    #[expect(
        clippy::too_many_lines,
        reason = "a flat list of settings is read more easily than one in parts"
    )]
    #[expect(clippy::similar_names, reason = "as_token and hs_token are Matrix's words")]
    pub fn load(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut r = Reader {
            get,
            defaults: defaults(),
            problems: Vec::new(),
        };

        let app_env = r.parse("APP_ENV", "`development` or `production`", |text| match text {
            "development" => Some(AppEnv::Development),
            "production" => Some(AppEnv::Production),
            _ => None,
        });
        let production = app_env == Some(AppEnv::Production);
        let log_level = r.parse(
            "LOG_LEVEL",
            "a level such as `info`, or filter directives",
            log_level,
        );
        let data_dir = r.text("DATA_DIR");
        let database_url = r.secret("DATABASE_URL");
        let database_known = ["postgres://", "postgresql://", "sqlite:"];
        if database_url
            .as_ref()
            .is_some_and(|url| !database_known.iter().any(|p| url.expose().starts_with(p)))
        {
            r.expected("DATABASE_URL", "`postgres://…` or `sqlite://…`");
        }
        let redis_url = r.secret("REDIS_URL");
        let redis_known = ["redis://", "rediss://", "redis+unix://", "unix://"];
        if redis_url
            .as_ref()
            .is_some_and(|url| !redis_known.iter().any(|p| url.expose().starts_with(p)))
        {
            r.expected("REDIS_URL", "`redis://…` or `rediss://…`");
        }

        let address = "an address and a port such as `0.0.0.0:8000`";
        let http_addr = r.parse("HTTP_ADDR", address, |text| text.parse::<SocketAddr>().ok());
        let optional_address = |text: &str| match text {
            "" => Some(None),
            _ => text.parse::<SocketAddr>().ok().map(Some),
        };
        let off = "an address and a port such as `0.0.0.0:8448`, or nothing to turn it off";
        let gateway_http_addr = r.parse_set("GATEWAY_HTTP_ADDR", off, optional_address);
        let gateway_tls_addr = r.parse_set("GATEWAY_TLS_ADDR", off, optional_address);
        let gateway_tls_cert = r.optional("GATEWAY_TLS_CERT").map(PathBuf::from);
        let gateway_tls_key = r.optional("GATEWAY_TLS_KEY").map(PathBuf::from);
        match (&gateway_tls_cert, &gateway_tls_key) {
            (Some(_), None) => r.expected("GATEWAY_TLS_KEY", "a file, since GATEWAY_TLS_CERT is set"),
            (None, Some(_)) => r.expected("GATEWAY_TLS_CERT", "a file, since GATEWAY_TLS_KEY is set"),
            _ => {}
        }
        let a_url = "an `http://` or `https://` URL";
        let gateway_public_url = r.parse_optional("GATEWAY_PUBLIC_URL", a_url, base_url);
        let gateway_plain_public_url = r.parse_optional("GATEWAY_PLAIN_PUBLIC_URL", a_url, base_url);
        let public_url = r.parse_optional("PUBLIC_URL", a_url, base_url);
        let cors_origins = r.parse(
            "CORS_ORIGINS",
            "`*`, or origins such as `https://hub.example:8085`",
            |text| match text {
                "" if production => Some(CorsOrigins::List(Vec::new())),
                "" | "*" => Some(CorsOrigins::Any),
                _ => items(text, origin).map(CorsOrigins::List),
            },
        );
        let trusted_proxies = r.parse(
            "TRUSTED_PROXIES",
            "addresses or networks such as `10.0.0.0/8`, comma-separated",
            |text| {
                items(text, |item| {
                    item.parse()
                        .ok()
                        .or_else(|| item.parse::<IpAddr>().ok().map(IpNet::from))
                })
            },
        );

        let matrix_homeserver_url = r.parse("MATRIX_HOMESERVER_URL", a_url, base_url);
        let matrix_server_name = r.parse(
            "MATRIX_SERVER_NAME",
            "a host name such as `hub.local`",
            server_name,
        );
        let appservice_url = r.parse("APPSERVICE_URL", a_url, base_url);
        let matrix_as_token = r.token("MATRIX_AS_TOKEN");
        let matrix_hs_token = r.token("MATRIX_HS_TOKEN");
        if matrix_as_token.is_some() && matrix_as_token == matrix_hs_token {
            r.expected("MATRIX_HS_TOKEN", "another token than MATRIX_AS_TOKEN");
        }
        let matrix_registration_token = r.token("MATRIX_REGISTRATION_TOKEN");
        let matrix_sender_localpart = r.parse(
            "MATRIX_SENDER_LOCALPART",
            "lower-case letters, digits and `._-`, at most 64, and neither `conduit` nor the start `app_` or `clerk_`",
            sender_localpart,
        );

        let hub_secret_key = r.secret("HUB_SECRET_KEY");
        let hub_secret_key_previous = r.secret("HUB_SECRET_KEY_PREVIOUS");
        let secret_key = r.secret("SECRET_KEY");
        let messenger_service_token = r.token("MESSENGER_SERVICE_TOKEN");
        let clerk_issuer = r.parse_optional("CLERK_ISSUER", "an `https://` URL", |text| {
            (text.starts_with("https://") && base_url(text).is_some()).then(|| text.to_owned())
        });
        let clerk_jwks_url = r.parse_optional("CLERK_JWKS_URL", a_url, base_url);

        let number = "a whole number; 0 is no limit";
        let rate_limit_per_minute = r.parse("RATE_LIMIT_PER_MINUTE", number, |text| text.parse().ok());
        let service_rate_limit_per_minute =
            r.parse("SERVICE_RATE_LIMIT_PER_MINUTE", number, |text| text.parse().ok());
        let socket_events_per_second = r.parse("SOCKET_EVENTS_PER_SECOND", number, |text| text.parse().ok());
        let max_upload_bytes = r.parse("MAX_UPLOAD_BYTES", "a number of bytes, at least 1", |text| {
            text.parse().ok().filter(|bytes| *bytes > 0)
        });
        let event_retention_days = r.parse("EVENT_RETENTION_DAYS", "a number of days, 1 to 36500", |text| {
            text.parse().ok().filter(|days| (1..=36_500).contains(days))
        });
        let webhook_allowed_hosts = r.parse("WEBHOOK_ALLOWED_HOSTS", "host names, comma-separated", |text| {
            items(text, |item| {
                (!item.contains(['/', ' '])).then(|| item.to_ascii_lowercase())
            })
        });

        let default_tenant_id = r.parse("DEFAULT_TENANT_ID", "a tenant id such as `1`", |text| {
            PersonId::parse(text).map(|id| TenantId::from(id.as_str()))
        });
        let general_room_name = r.parse("GENERAL_ROOM_NAME", "a name of at most 255 characters", |text| {
            (text.chars().count() <= 255 && !text.chars().any(char::is_control)).then(|| text.to_owned())
        });
        let support_user_ids = r.parse("SUPPORT_USER_IDS", "person ids, comma-separated", |text| {
            items(text, PersonId::parse)
        });
        let entity_members_types =
            r.parse_set("ENTITY_MEMBERS_TYPES", "entity types, comma-separated", |text| {
                items(text, |item| PersonId::parse(item).map(|_| item.to_owned())).map(BTreeSet::from_iter)
            });

        let secret_is_public =
            secret_key.as_ref().map(Secret::expose) == r.defaults.get("SECRET_KEY").map(String::as_str);
        if production {
            for (name, value) in [
                ("SECRET_KEY", &secret_key),
                ("MESSENGER_SERVICE_TOKEN", &messenger_service_token),
            ] {
                if value.as_ref().map(Secret::expose) == r.defaults.get(name).map(String::as_str) {
                    r.expected(
                        name,
                        "a secret of its own in production, not the insecure default",
                    );
                }
            }
            if database_url.is_none() {
                r.expected("DATABASE_URL", "`postgres://…` or `sqlite://…` in production");
            }
        }

        // A value is missing here only where its problem was noted above.
        let Reader { problems, .. } = r;
        let all = move || {
            let matrix_server_name = matrix_server_name?;
            let (http_addr, gateway_http_addr) = (http_addr?, gateway_http_addr?);
            let gateway_public_url =
                gateway_public_url.unwrap_or_else(|| format!("https://{}:8448", host(&matrix_server_name)));
            let gateway_plain_public_url = gateway_plain_public_url.or_else(|| {
                let url = Url::parse(&gateway_public_url).ok()?;
                Some(format!(
                    "http://{}:{}",
                    url.host_str()?,
                    gateway_http_addr?.port()
                ))
            });
            Some(Self {
                app_env: app_env?,
                log_level: log_level?,
                data_dir: PathBuf::from(data_dir),
                database_url,
                redis_url,
                public_url: public_url.unwrap_or_else(|| format!("http://localhost:{}", http_addr.port())),
                http_addr,
                gateway_http_addr,
                gateway_tls_addr: gateway_tls_addr?,
                gateway_tls_cert,
                gateway_tls_key,
                gateway_public_url,
                gateway_plain_public_url: gateway_plain_public_url.filter(|_| gateway_http_addr.is_some()),
                cors_origins: cors_origins?,
                trusted_proxies: trusted_proxies?,
                matrix_homeserver_url: matrix_homeserver_url?,
                matrix_server_name,
                appservice_url: appservice_url?,
                matrix_as_token,
                matrix_hs_token,
                matrix_registration_token,
                matrix_sender_localpart: matrix_sender_localpart?,
                hub_secret_key,
                hub_secret_key_previous,
                secret_key: secret_key?,
                open_to_all: secret_is_public && !production,
                messenger_service_token: messenger_service_token?,
                clerk_jwks_url: clerk_jwks_url.or_else(|| {
                    let issuer = clerk_issuer.as_deref()?;
                    Some(format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')))
                }),
                clerk_issuer,
                rate_limit_per_minute: rate_limit_per_minute?,
                service_rate_limit_per_minute: service_rate_limit_per_minute?,
                socket_events_per_second: socket_events_per_second?,
                max_upload_bytes: max_upload_bytes?,
                event_retention_days: event_retention_days?,
                webhook_allowed_hosts: webhook_allowed_hosts?,
                default_tenant_id: default_tenant_id?,
                general_room_name: general_room_name?,
                support_user_ids: support_user_ids?,
                entity_members_types: entity_members_types?,
            })
        };
        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        all().ok_or_else(|| ConfigError {
            problems: vec!["config/default.toml lacks a setting".to_owned()],
        })
    }

    /// The database: the one given, else the embedded one in the data directory (contract R42).
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.expose().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("messenger.db").display()),
        }
    }

    /// Whether insecure shortcuts of development are off.
    pub fn is_production(&self) -> bool {
        self.app_env == AppEnv::Production
    }
}

/// A Markdown table of all settings, made from the comments in `config/default.toml`.
pub fn reference() -> String {
    let defaults = defaults();
    let mut table =
        "# Settings\n\nMade by `messenger-service settings` from `config/default.toml`. Settings are \
                     environment variables; an empty one counts as not set, where nothing else is said.\n\n\
                     | Variable | Meaning | Default |\n|---|---|---|\n"
            .to_owned();
    let mut comment = String::new();
    for line in DEFAULTS.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push_str(text);
        } else if let Some((key, _)) = line.split_once('=') {
            let name = key.trim().to_ascii_uppercase();
            let default = defaults.get(&name).filter(|value| !value.is_empty());
            let default = default.map(|value| format!("`{value}`")).unwrap_or_default();
            let meaning = comment.trim().replace('|', "\\|");
            // Writing to a string cannot fail.
            let _ = writeln!(table, "| `{name}` | {meaning} | {default} |");
            comment.clear();
        } else {
            comment.clear();
        }
    }
    table
}

/// The values of `config/default.toml` by variable, as the environment would hold them.
fn defaults() -> BTreeMap<String, String> {
    // The text is part of the binary; the tests below would not pass with one that is no TOML.
    let table: toml::Table = DEFAULTS.parse().unwrap_or_default();
    table
        .into_iter()
        .map(|(key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (key.to_ascii_uppercase(), text)
        })
        .collect()
}

struct Reader<G> {
    get: G,
    defaults: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl<G: Fn(&str) -> Option<String>> Reader<G> {
    /// The value, where a blank variable counts as not set.
    fn raw(&self, name: &str) -> String {
        let set = (self.get)(name).filter(|value| !value.trim().is_empty());
        set.or_else(|| self.defaults.get(name).cloned())
            .unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Not trimmed: a secret is what it is.
    fn secret(&self, name: &str) -> Option<Secret> {
        Some(self.raw(name)).filter(|text| !text.is_empty()).map(Secret)
    }

    /// A secret that travels in an HTTP header.
    fn token(&mut self, name: &str) -> Option<Secret> {
        let token = self.optional(name).map(Secret)?;
        if !token.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.expected(name, "printable ASCII without spaces");
        }
        Some(token)
    }

    fn parse<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name);
        self.checked(name, expected, &text, parse)
    }

    fn parse_optional<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.optional(name)?;
        self.checked(name, expected, &text, parse)
    }

    /// Like `parse`, but a variable that is set and empty means "nothing".
    fn parse_set<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = (self.get)(name).map_or_else(|| self.text(name), |value| value.trim().to_owned());
        self.checked(name, expected, &text, parse)
    }

    fn checked<T>(
        &mut self,
        name: &str,
        expected: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            self.problems
                .push(format!("{name}: expected {expected}, not {text:?}"));
        }
        value
    }

    /// Notes a problem without showing the value.
    fn expected(&mut self, name: &str, expected: &str) {
        self.problems.push(format!("{name}: expected {expected}"));
    }
}

/// The items of a comma-separated list; `None` when one of them is wrong.
fn items<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(parse)
        .collect()
}

fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain)
        .then(|| text.trim_end_matches('/').to_owned())
}

/// An origin as browsers write it: lower case, no default port, no slash.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    (url.origin().is_tuple() && bare).then(|| url.origin().ascii_serialization())
}

/// The grammar of Matrix server names, roughly; leaves room for a local part within an id's 255 bytes.
fn server_name(text: &str) -> Option<String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    (!text.is_empty() && text.len() <= 128 && !host(text).is_empty() && text.chars().all(known))
        .then(|| text.to_owned())
}

/// A server name without its port.
fn host(server_name: &str) -> &str {
    match server_name.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !server_name.ends_with(']') =>
        {
            host
        }
        _ => server_name,
    }
}

fn sender_localpart(text: &str) -> Option<String> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let taken = text == "conduit" || text.starts_with("app_") || text.starts_with("clerk_");
    (!text.is_empty() && text.len() <= 64 && text.chars().all(known) && !taken).then(|| text.to_owned())
}

/// Directives of `EnvFilter`; the names that Python services use for levels are understood, in any case.
fn log_level(text: &str) -> Option<String> {
    let text = match text.to_ascii_lowercase().as_str() {
        "warning" => "warn".to_owned(),
        "critical" | "fatal" => "error".to_owned(),
        // A single word that is no level would be taken for the name of a crate, and everything else fall silent.
        word @ ("off" | "error" | "warn" | "info" | "debug" | "trace") => word.to_owned(),
        word if !word.contains(['=', ',']) => return None,
        _ => text.to_owned(),
    };
    EnvFilter::builder().parse(&text).ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn load(set: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::load(|name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn problems(set: &[(&str, &str)]) -> Vec<String> {
        load(set).expect_err("a problem").problems
    }

    #[test]
    fn a010_a084_to_a089_everything_has_a_default_for_development() {
        let config = load(&[]).unwrap();
        assert_eq!(config.app_env, AppEnv::Development);
        assert_eq!(config.http_addr.to_string(), "0.0.0.0:8000");
        assert_eq!(config.gateway_http_addr.unwrap().port(), 8008);
        assert_eq!(config.gateway_tls_addr.unwrap().port(), 8448);
        assert_eq!(config.gateway_public_url, "https://hub.local:8448");
        assert_eq!(config.database_url(), "sqlite://./data/messenger.db");
        assert_eq!(config.secret_key.expose(), "messenger-dev-secret");
        assert!(config.open_to_all);
        assert_eq!(config.hub_secret_key, None);
        assert_eq!(config.matrix_homeserver_url, "http://conduit:6167");
        assert_eq!(config.matrix_server_name, "hub.local");
        assert_eq!(
            config.messenger_service_token.expose(),
            "messenger-service-token-dev"
        );
        assert_eq!(config.log_level, "info");
        assert_eq!(config.cors_origins, CorsOrigins::Any);
        assert_eq!(
            (config.rate_limit_per_minute, config.service_rate_limit_per_minute),
            (100, 600)
        );
        assert_eq!(config.default_tenant_id, TenantId::from("1"));
        assert_eq!(config.general_room_name, "Allgemein");
        assert_eq!(config.max_upload_bytes, 20 * 1024 * 1024);
        assert_eq!(config.event_retention_days, 7);
        assert_eq!(
            config.entity_members_types,
            BTreeSet::from(["community".to_owned(), "post".to_owned()])
        );
        assert_eq!(config.matrix_sender_localpart, "messenger");
        assert_eq!(
            (config.clerk_issuer, config.clerk_jwks_url, config.matrix_as_token),
            (None, None, None)
        );
        assert!(config.trusted_proxies.is_empty());
    }

    #[test]
    fn every_setting_stands_in_the_file_and_every_one_in_the_file_is_read() {
        let asked = RefCell::new(BTreeSet::new());
        Config::load(|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        })
        .unwrap();
        let described: BTreeSet<String> = defaults().into_keys().collect();
        assert_eq!(asked.into_inner(), described);
        let table = reference();
        for name in described {
            let row = table
                .lines()
                .find(|line| line.starts_with(&format!("| `{name}` | ")))
                .expect(&name);
            assert!(
                row.split('|')
                    .nth(2)
                    .is_some_and(|meaning| meaning.trim().len() > 10),
                "{row}"
            );
        }
    }

    #[test]
    fn the_committed_table_is_the_generated_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md");
        assert!(
            std::fs::read_to_string(path).unwrap() == reference(),
            "docs/settings.md is old: write the output of `messenger-service settings` to it"
        );
    }

    #[test]
    fn the_environment_wins() {
        let config = load(&[
            ("DATABASE_URL", "postgres://m:pw@db/m"),
            ("HUB_SECRET_KEY", " spaces are kept "),
            ("MATRIX_HOMESERVER_URL", "http://localhost:6167/"),
            ("MATRIX_SERVER_NAME", "chat.example:8448"),
            ("GATEWAY_HTTP_ADDR", ""),
            ("GATEWAY_TLS_ADDR", " 127.0.0.1:1 "),
            ("SECRET_KEY", ""),
            ("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1 ,::1"),
            ("CORS_ORIGINS", "https://Hub.example:443/,http://localhost:5173"),
            ("SUPPORT_USER_IDS", "eva, max"),
            ("ENTITY_MEMBERS_TYPES", ""),
            ("WEBHOOK_ALLOWED_HOSTS", "Intranet,10.0.0.7"),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("CLERK_ISSUER", "https://clerk.example"),
            ("LOG_LEVEL", "WARNING"),
        ])
        .unwrap();
        assert_eq!(config.database_url(), "postgres://m:pw@db/m");
        assert_eq!(config.hub_secret_key.unwrap().expose(), " spaces are kept ");
        assert_eq!(config.matrix_homeserver_url, "http://localhost:6167");
        assert_eq!(config.gateway_public_url, "https://chat.example:8448");
        assert_eq!(config.gateway_http_addr, None);
        assert_eq!(config.gateway_tls_addr.unwrap().to_string(), "127.0.0.1:1");
        assert_eq!(
            config.secret_key.expose(),
            "messenger-dev-secret",
            "an empty variable is not set"
        );
        let nets: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["10.0.0.0/8", "192.0.2.1/32", "::1/128"]);
        let origins = [
            "https://hub.example".to_owned(),
            "http://localhost:5173".to_owned(),
        ];
        assert_eq!(config.cors_origins, CorsOrigins::List(origins.into()));
        assert_eq!(
            config.support_user_ids,
            [PersonId::from("eva"), PersonId::from("max")]
        );
        assert!(config.entity_members_types.is_empty());
        assert_eq!(config.webhook_allowed_hosts, ["intranet", "10.0.0.7"]);
        assert_eq!(config.rate_limit_per_minute, 0);
        assert_eq!(
            config.clerk_jwks_url.unwrap(),
            "https://clerk.example/.well-known/jwks.json"
        );
        assert_eq!(config.log_level, "warn");
    }

    #[test]
    fn all_problems_are_told_at_once_by_name() {
        let rows = [
            ("APP_ENV", "prod"),
            ("LOG_LEVEL", "loud"),
            ("DATABASE_URL", "mysql://root:hunter2@db"),
            ("REDIS_URL", "http://:hunter2@redis"),
            ("HTTP_ADDR", "8000"),
            ("GATEWAY_TLS_ADDR", "here"),
            ("GATEWAY_TLS_CERT", "cert.pem"),
            ("GATEWAY_PUBLIC_URL", "hub.local:8448"),
            ("CORS_ORIGINS", "https://hub.example/path"),
            ("TRUSTED_PROXIES", "10.0.0.0/33"),
            ("MATRIX_HOMESERVER_URL", "conduit:6167"),
            ("MATRIX_SERVER_NAME", "http://hub.local"),
            ("APPSERVICE_URL", "nowhere"),
            ("MATRIX_AS_TOKEN", "hunter2 hunter2"),
            ("MATRIX_SENDER_LOCALPART", "conduit"),
            ("MESSENGER_SERVICE_TOKEN", "hunter2\u{e4}"),
            ("CLERK_ISSUER", "clerk.example"),
            ("RATE_LIMIT_PER_MINUTE", "-1"),
            ("MAX_UPLOAD_BYTES", "0"),
            ("EVENT_RETENTION_DAYS", "0"),
            ("WEBHOOK_ALLOWED_HOSTS", "https://intranet"),
            ("SUPPORT_USER_IDS", "e\u{1}va"),
        ];
        let problems = problems(&rows);
        for (name, _) in rows {
            let name = if name == "GATEWAY_TLS_CERT" {
                "GATEWAY_TLS_KEY"
            } else {
                name
            };
            let told = problems
                .iter()
                .filter(|line| line.starts_with(&format!("{name}: expected ")))
                .count();
            assert_eq!(told, 1, "{name} in {problems:#?}");
        }
        assert_eq!(problems.len(), rows.len());
        assert!(
            !problems.join("").contains("hunter2"),
            "a secret's value is not told"
        );
    }

    #[test]
    fn r42_production_refuses_insecure_defaults() {
        let of = |problems: Vec<String>| -> Vec<String> {
            problems
                .iter()
                .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
                .collect()
        };
        let production = ("APP_ENV", "production");
        let all = ["SECRET_KEY", "MESSENGER_SERVICE_TOKEN", "DATABASE_URL"];
        assert_eq!(of(problems(&[production])), all);
        let explicit = [
            production,
            ("SECRET_KEY", "messenger-dev-secret"),
            ("MESSENGER_SERVICE_TOKEN", "messenger-service-token-dev"),
            ("DATABASE_URL", " "),
        ];
        assert_eq!(of(problems(&explicit)), all);

        let good = [
            production,
            ("SECRET_KEY", "a"),
            ("MESSENGER_SERVICE_TOKEN", "b"),
            ("DATABASE_URL", "postgres://db/m"),
        ];
        let config = load(&good).unwrap();
        assert!(config.is_production());
        assert_eq!(config.cors_origins, CorsOrigins::List(Vec::new()));
        for missing in 1..good.len() {
            let set: Vec<_> = good
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != missing)
                .map(|(_, pair)| *pair)
                .collect();
            assert_eq!(of(problems(&set)), [good[missing].0]);
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let names = [
            "HUB_SECRET_KEY",
            "HUB_SECRET_KEY_PREVIOUS",
            "SECRET_KEY",
            "MESSENGER_SERVICE_TOKEN",
            "MATRIX_AS_TOKEN",
            "MATRIX_REGISTRATION_TOKEN",
        ];
        let mut set: Vec<(&str, &str)> = names.iter().map(|name| (*name, "hunter2")).collect();
        set.extend([
            ("MATRIX_HS_TOKEN", "hunter2-too"),
            ("DATABASE_URL", "postgres://m:hunter2@db/m"),
            ("REDIS_URL", "redis://:hunter2@redis"),
        ]);
        let config = load(&set).unwrap();
        assert_eq!(
            config.hub_secret_key_previous.as_ref().unwrap().expose(),
            "hunter2"
        );
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
