//! Rate limits (contract R39, B068, B069): requests per key in fixed windows of a minute.
//!
//! Windows begin with the full minute, so that replicas agree on them. Without Redis each process counts for itself.
//! With Redis the replicas count together; while it is away or slow, each process counts for itself again, since a
//! limit is not worth an outage.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use redis::aio::ConnectionManager;

use crate::types::{PersonId, Timestamp};

const WINDOW_MS: i64 = 60_000;
/// How long a request may wait for Redis.
const REDIS_TIMEOUT: Duration = Duration::from_millis(50);
/// How long Redis is left alone after a failure, so that an outage does not cost every request the timeout.
const REDIS_PAUSE_MS: i64 = 1000;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// Somebody signed in.
    Person(PersonId),
    /// A service token, by its id (never by the token itself).
    Service(String),
    /// Anybody else. [`Key::address`] makes it.
    Address(IpAddr),
    /// Failed logins of an account at the gateway, by its Matrix user id.
    LoginOf(String),
    /// Failed logins from an address. [`Key::login_from`] makes it.
    LoginFrom(IpAddr),
}

impl Key {
    /// The key of an address. An IPv6 network of 64 bits is one key, because a single machine has all of its addresses.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(network(address))
    }

    /// The key of failed logins from an address, as [`Key::address`].
    pub fn login_from(address: IpAddr) -> Self {
        Self::LoginFrom(network(address))
    }

    /// The name of a window in Redis.
    fn redis_name(&self, window: i64) -> String {
        match self {
            Self::Person(id) => format!("messenger:limit:person:{id}:{window}"),
            Self::Service(id) => format!("messenger:limit:service:{id}:{window}"),
            Self::Address(ip) => format!("messenger:limit:address:{ip}:{window}"),
            Self::LoginOf(user) => format!("messenger:limit:login-of:{user}:{window}"),
            Self::LoginFrom(ip) => format!("messenger:limit:login-from:{ip}:{window}"),
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Whether a request may go on, and what to tell the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Requests in a window; 0 is no limit.
    pub limit: u32,
    /// How many more this window allows.
    pub remaining: u32,
    /// When the window ends, in seconds since 1970.
    pub reset_at: i64,
    /// Whether this request may go on.
    pub allowed: bool,
    /// When to try again: full seconds, at least 1; zero when `allowed`.
    pub retry_after: Duration,
}

impl Decision {
    fn new(limit: u32, count: u32, window: i64, now: Timestamp) -> Self {
        let end = window.saturating_add(1).saturating_mul(WINDOW_MS);
        let allowed = limit == 0 || count <= limit;
        let wait = if allowed {
            0
        } else {
            end.saturating_sub(now.0)
                .saturating_add(999)
                .div_euclid(1000)
                .max(1)
        };
        Self {
            limit,
            remaining: limit.saturating_sub(count),
            reset_at: end.div_euclid(1000),
            allowed,
            retry_after: Duration::from_secs(wait as u64),
        }
    }

    /// Writes `X-RateLimit-Limit`, `-Remaining` and `-Reset` (contract B069); nothing when there is no limit.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        if self.limit == 0 {
            return;
        }
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), self.limit.into());
        headers.insert(
            HeaderName::from_static("x-ratelimit-remaining"),
            self.remaining.into(),
        );
        headers.insert(HeaderName::from_static("x-ratelimit-reset"), self.reset_at.into());
    }
}

/// Counts requests.
#[derive(Default)]
pub struct Limiter {
    windows: DashMap<Key, Window>,
    /// The window in which old ones were last removed.
    swept: AtomicI64,
    redis: Option<Redis>,
}

#[derive(Clone, Copy)]
struct Window {
    /// Minutes since 1970.
    number: i64,
    count: u32,
}

struct Redis {
    connection: ConnectionManager,
    /// Milliseconds since 1970; until then Redis is left alone.
    paused_until: AtomicI64,
}

impl Limiter {
    /// Counts in this process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Counts together with all who use the same Redis.
    pub fn with_redis(connection: ConnectionManager) -> Self {
        Self {
            redis: Some(Redis {
                connection,
                paused_until: AtomicI64::new(0),
            }),
            ..Self::default()
        }
    }

    /// Counts a request of this key against `limit` requests a minute; a limit of 0 allows everything.
    pub async fn check(&self, key: Key, limit: u32, now: Timestamp) -> Decision {
        let window = now.0.div_euclid(WINDOW_MS);
        if limit == 0 {
            return Decision::new(limit, 0, window, now);
        }
        if let Some(redis) = &self.redis
            && let Some(count) = redis.count(&key, window, now).await
        {
            return Decision::new(limit, count, window, now);
        }
        let (count, window) = self.count(key, window);
        Decision::new(limit, count, window, now)
    }

    /// Takes a count of this window back: what was counted before it was done turned out not to be of the kind that is
    /// limited.
    pub async fn give_back(&self, key: Key, now: Timestamp) {
        let window = now.0.div_euclid(WINDOW_MS);
        if let Some(redis) = &self.redis
            && redis.give_back(&key, window, now).await
        {
            return;
        }
        if let Some(mut entry) = self.windows.get_mut(&key)
            && entry.number == window
        {
            entry.count = entry.count.saturating_sub(1);
        }
    }

    /// The number of requests in the window, this one included, and the window it was counted in.
    fn count(&self, key: Key, window: i64) -> (u32, i64) {
        self.sweep(window);
        let mut entry = self.windows.entry(key).or_insert(Window {
            number: window,
            count: 0,
        });
        // A request that was timed just before the full minute may come after one that was timed just after it: it
        // counts in the new window. A clock that was set back further begins anew.
        if entry.number < window || entry.number > window + 1 {
            *entry = Window {
                number: window,
                count: 0,
            };
        }
        entry.count = entry.count.saturating_add(1);
        (entry.count, entry.number)
    }

    /// Once a window, drops what is over, so that the map holds no more keys than came in two minutes.
    fn sweep(&self, window: i64) {
        if self.swept.swap(window, Ordering::Relaxed) != window {
            self.windows
                .retain(|_, entry| (window - 1..=window + 1).contains(&entry.number));
        }
    }
}

impl Redis {
    /// The number of requests in the window, this one included; `None` while Redis is away.
    async fn count(&self, key: &Key, window: i64, now: Timestamp) -> Option<u32> {
        if now.0 < self.paused_until.load(Ordering::Relaxed) {
            return None;
        }
        let name = key.redis_name(window);
        let mut connection = self.connection.clone();
        let mut pipe = redis::pipe();
        pipe.atomic()
            .incr(&name, 1)
            .expire(&name, 2 * WINDOW_MS / 1000)
            .ignore();
        let counting = pipe.query_async::<(u32,)>(&mut connection);
        match tokio::time::timeout(REDIS_TIMEOUT, counting).await {
            Ok(Ok((count,))) => return Some(count),
            Ok(Err(error)) => tracing::warn!(%error, "Redis does not count: limits are per process for now"),
            Err(_) => tracing::warn!("Redis is slow: limits are per process for now"),
        }
        self.paused_until
            .store(now.plus(REDIS_PAUSE_MS).0, Ordering::Relaxed);
        None
    }
}

impl Redis {
    /// Whether Redis took the count back.
    async fn give_back(&self, key: &Key, window: i64, now: Timestamp) -> bool {
        if now.0 < self.paused_until.load(Ordering::Relaxed) {
            return false;
        }
        let mut connection = self.connection.clone();
        let mut command = redis::cmd("DECR");
        command.arg(key.redis_name(window));
        let done = tokio::time::timeout(REDIS_TIMEOUT, command.query_async::<i64>(&mut connection)).await;
        matches!(done, Ok(Ok(_)))
    }
}

/// The address a request comes from. `X-Forwarded-For` counts only when the peer is one of the `trusted` proxies; then
/// it is the rightmost address that is none of them, as everything further left is the client's own claim.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer.to_canonical();
    if !is_trusted(&address) {
        return address;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().rev();
    for item in forwarded.flat_map(|value| value.to_str().unwrap_or("?").rsplit(',')) {
        // What is no address was written by nobody we trust: the proxy that passed it on is as far as we know.
        let Some(next) = forwarded_address(item.trim()) else {
            break;
        };
        address = next;
        if !is_trusted(&address) {
            break;
        }
    }
    address
}

/// An item of `X-Forwarded-For`; some proxies add the port.
fn forwarded_address(text: &str) -> Option<IpAddr> {
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map(|(address, _)| address);
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| {
        text.parse::<std::net::SocketAddr>()
            .ok()
            .map(|socket| socket.ip())
    });
    address
        .or_else(|| bracketed?.parse().ok())
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const MINUTE: Timestamp = Timestamp(1_769_860_800_000);

    fn person(id: &str) -> Key {
        Key::Person(id.into())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn r39_a_key_may_send_its_limit_within_a_minute() {
        let limiter = Limiter::in_memory();
        for left in (0..3).rev() {
            let decision = limiter.check(person("max"), 3, MINUTE.plus(10_000)).await;
            assert!(decision.allowed);
            assert_eq!(decision.remaining, left);
            assert_eq!(decision.retry_after, Duration::ZERO);
        }
        let refused = limiter.check(person("max"), 3, MINUTE.plus(10_500)).await;
        assert!(!refused.allowed);
        assert_eq!(
            (refused.limit, refused.remaining, refused.reset_at),
            (3, 0, 1_769_860_860)
        );
        assert_eq!(refused.retry_after, Duration::from_secs(50), "49.5 s, rounded up");
        assert!(
            limiter.check(person("eva"), 3, MINUTE.plus(10_500)).await.allowed,
            "keys are counted apart"
        );
        assert!(
            limiter
                .check(Key::Service("max".into()), 3, MINUTE.plus(10_500))
                .await
                .allowed
        );

        assert!(!limiter.check(person("max"), 3, MINUTE.plus(59_999)).await.allowed);
        let next = limiter.check(person("max"), 3, MINUTE.plus(60_000)).await;
        assert!(next.allowed);
        assert_eq!((next.remaining, next.reset_at), (2, 1_769_860_920));
    }

    #[tokio::test]
    async fn retry_after_is_never_zero() {
        let limiter = Limiter::in_memory();
        limiter.check(person("max"), 1, MINUTE.plus(59_999)).await;
        let refused = limiter.check(person("max"), 1, MINUTE.plus(59_999)).await;
        assert_eq!(refused.retry_after, Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_limit_of_zero_is_none() {
        let limiter = Limiter::in_memory();
        for _ in 0..1000 {
            assert!(limiter.check(person("max"), 0, MINUTE).await.allowed);
        }
        assert!(limiter.windows.is_empty());
        let mut headers = HeaderMap::new();
        limiter
            .check(person("max"), 0, MINUTE)
            .await
            .write_headers(&mut headers);
        assert!(headers.is_empty());
    }

    #[tokio::test]
    async fn b069_headers_tell_limit_rest_and_end() {
        let mut headers = HeaderMap::new();
        Limiter::in_memory()
            .check(person("max"), 100, MINUTE)
            .await
            .write_headers(&mut headers);
        assert_eq!(headers["X-RateLimit-Limit"], "100");
        assert_eq!(headers["X-RateLimit-Remaining"], "99");
        assert_eq!(headers["X-RateLimit-Reset"], "1769860860");
    }

    #[tokio::test]
    async fn what_is_over_is_removed_and_a_late_request_counts_in_the_new_window() {
        let limiter = Limiter::in_memory();
        for n in 0..100 {
            limiter.check(person(&n.to_string()), 5, MINUTE).await;
        }
        assert_eq!(limiter.windows.len(), 100);
        let two_later = MINUTE.plus(120_000);
        limiter.check(person("max"), 5, two_later).await;
        assert_eq!(limiter.windows.len(), 1);

        let late = limiter.check(person("max"), 5, two_later.plus(-1)).await;
        assert_eq!((late.remaining, late.reset_at), (3, two_later.seconds() + 60));
        let clock_set_back = limiter.check(person("max"), 5, MINUTE.plus(-3_600_000)).await;
        assert_eq!(
            (clock_set_back.remaining, clock_set_back.reset_at),
            (4, MINUTE.seconds() - 3600 + 60)
        );
    }

    #[test]
    fn a_network_of_64_bits_is_one_key() {
        assert_eq!(
            Key::address(ip("2001:db8::1")),
            Key::address(ip("2001:db8::ffff:2"))
        );
        assert_ne!(
            Key::address(ip("2001:db8::1")),
            Key::address(ip("2001:db8:0:1::1"))
        );
        assert_eq!(
            Key::address(ip("::ffff:192.0.2.1")),
            Key::address(ip("192.0.2.1"))
        );
        assert_ne!(Key::address(ip("192.0.2.1")), Key::address(ip("192.0.2.2")));
    }

    #[test]
    fn r39_only_trusted_proxies_tell_the_address() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let rows: [(&str, &[&str], &str); 12] = [
            ("192.0.2.9", &["198.51.100.1"], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.5, 198.51.100.1"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["203.0.113.5, 198.51.100.1, 10.0.0.2"],
                "198.51.100.1",
            ),
            (
                "10.0.0.1",
                &["203.0.113.5", "198.51.100.1,10.0.0.2"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["203.0.113.5, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("::ffff:10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["198.51.100.1, "], "10.0.0.1"),
        ];
        for (peer, forwarded, expected) in rows {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(
                client_address(ip(peer), &headers, &trusted),
                ip(expected),
                "{peer} {forwarded:?}"
            );
            assert_eq!(client_address(ip(peer), &headers, &[]), ip(peer).to_canonical());
        }
    }

    /// A child process that does not outlive a failed test.
    struct KilledAtTheEnd(std::process::Child);

    impl Drop for KilledAtTheEnd {
        fn drop(&mut self) {
            // Fails only when it has ended already.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[tokio::test]
    async fn without_redis_a_process_counts_for_itself() {
        // Nobody listens on port 1.
        let client = redis::Client::open("redis://127.0.0.1:1").unwrap();
        let config = redis::aio::ConnectionManagerConfig::new();
        let limiter = Limiter::with_redis(ConnectionManager::new_lazy_with_config(client, config).unwrap());
        assert_eq!(limiter.check(person("max"), 1, MINUTE).await.remaining, 0);
        assert!(!limiter.check(person("max"), 1, MINUTE).await.allowed);
        assert!(limiter.check(person("max"), 1, MINUTE.plus(60_000)).await.allowed);
    }

    #[tokio::test]
    async fn replicas_count_together_over_redis_and_go_on_when_it_dies() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("redis.sock");
        let server = std::process::Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(&socket)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("redis-server is needed for this test");
        let mut server = KilledAtTheEnd(server);
        let output = std::io::BufReader::new(server.0.stdout.take().unwrap());
        let ready =
            std::io::BufRead::lines(output).any(|line| line.unwrap().contains("eady to accept connections"));
        assert!(ready, "redis-server ended");

        let client = redis::Client::open(format!("redis+unix://{}", socket.display())).unwrap();
        let one = Limiter::with_redis(ConnectionManager::new(client.clone()).await.unwrap());
        let other = Limiter::with_redis(ConnectionManager::new(client).await.unwrap());
        assert_eq!(one.check(person("max"), 2, MINUTE).await.remaining, 1);
        assert_eq!(other.check(person("max"), 2, MINUTE).await.remaining, 0);
        assert!(!one.check(person("max"), 2, MINUTE).await.allowed);
        assert!(one.check(person("max"), 2, MINUTE.plus(60_000)).await.allowed);
        assert!(one.windows.is_empty(), "Redis counted, not the process");

        drop(server);
        assert!(one.check(person("max"), 2, MINUTE).await.allowed);
        assert_eq!(one.windows.len(), 1, "the process counted");
    }
}
