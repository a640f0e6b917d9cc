//! Which addresses webhooks may reach (contract R67). In production only public ones, and the hosts that
//! `WEBHOOK_ALLOWED_HOSTS` names; in development all.
//!
//! A name is looked up and checked where the connection is made ([`Resolve`]), so that a name that pointed elsewhere when
//! it was checked first gains nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::Config;
use crate::core::limits;
use crate::error::{Error, Result};

/// How long looking a name up may take while an admin waits.
const LOOKUP: Duration = Duration::from_secs(3);

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// Looks a host's addresses up.
type Lookup = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// Decides which addresses may be reached.
pub struct Guard {
    everything: bool,
    allowed: Vec<String>,
    lookup: Lookup,
}

impl Guard {
    /// As the settings say.
    pub fn new(config: &Config) -> Self {
        Self {
            everything: !config.is_production(),
            allowed: config.webhook_allowed_hosts.clone(),
            lookup: Arc::new(|host| {
                Box::pin(async move {
                    let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
                    Ok(found.collect())
                })
            }),
        }
    }

    fn trusts(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').trim_matches(['[', ']']);
        self.everything || self.allowed.iter().any(|allowed| allowed == host)
    }

    /// An address as it was typed: a URL of http or https, of a host that may be reached as far as the URL alone tells.
    pub fn parse(&self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "must be a URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must be a URL of http or https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not have a user name or a password in it");
        }
        let address = match url.host() {
            None => return Err("must name a host"),
            Some(Host::Domain(_)) => return Ok(url),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        if self.trusts(url.host_str().unwrap_or_default()) || is_public(address) {
            Ok(url)
        } else {
            Err("must not be on a private address")
        }
    }

    /// The same, and where its name leads now. A name that leads nowhere is fine: that may change, and is checked again.
    pub async fn check(&self, text: &str) -> Result<()> {
        limits::required("url", text, limits::MAX_URL)?;
        let refused = |words| Error::invalid("url", words);
        let url = self.parse(text).map_err(refused)?;
        let Some(Host::Domain(host)) = url.host() else {
            return Ok(());
        };
        if self.trusts(host) {
            return Ok(());
        }
        match tokio::time::timeout(LOOKUP, (self.lookup)(host.to_owned())).await {
            Ok(Ok(found)) if found.iter().any(|address| !is_public(address.ip())) => {
                Err(refused("must not be on a private address"))
            }
            _ => Ok(()),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        let (trusted, found) = (self.trusts(&host), (self.lookup)(host));
        Box::pin(async move {
            let mut found = found.await?;
            found.retain(|address| trusted || is_public(address.ip()));
            if found.is_empty() {
                return Err(Private.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A name leads to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("the host is on a private address")]
pub struct Private;

/// Whether an address is one of the Internet's: none of a private network, of this machine or its link, of a carrier's
/// network, of a group, or reserved.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // An IPv4 address, mapped or translated.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        // Tunnels, documentation, and what else the registry has for itself.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::delivering::client;
    use super::*;

    fn guard(allowed: &[&str], lookup: Lookup) -> Guard {
        Guard {
            everything: false,
            allowed: allowed.iter().map(|host| (*host).to_owned()).collect(),
            lookup,
        }
    }

    fn leads_to(addresses: &'static [&'static str]) -> Lookup {
        Arc::new(move |_| {
            let found = addresses.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0));
            let found: Vec<_> = found.collect();
            Box::pin(async move { Ok(found) })
        })
    }

    #[test]
    fn r67_private_addresses_are_known_in_every_spelling() {
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2001::1",
            "100::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "2606:4700::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        let guard = guard(&["10.0.0.7", "fd00::7"], leads_to(&[]));
        for refused in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "https://127.1:8443/x",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:10.0.0.8]/",
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "//1.1.1.1",
            "http://",
            "http://user:word@1.1.1.1/",
            "nonsense",
            "",
        ] {
            assert!(guard.parse(refused).is_err(), "{refused}");
        }
        for fine in [
            "http://10.0.0.7/hook",
            "http://[fd00::7]/",
            "https://1.1.1.1/",
            "https://hooks.example.org/a?b=c",
        ] {
            assert!(guard.parse(fine).is_ok(), "{fine}");
        }
    }

    #[tokio::test]
    async fn r67_names_of_private_addresses_are_refused_when_a_webhook_is_made() {
        let inside = guard(&["intranet"], leads_to(&["1.1.1.1", "10.0.0.1"]));
        let refused = inside.check("https://hooks.example.org/").await.unwrap_err();
        assert_eq!(refused.to_string(), "url: must not be on a private address");
        inside.check("https://intranet/").await.unwrap();
        guard(&[], leads_to(&["1.1.1.1"]))
            .check("https://hooks.example.org/")
            .await
            .unwrap();
        guard(&[], leads_to(&[]))
            .check("https://hooks.example.org/")
            .await
            .unwrap();
        let long = format!("https://hooks.example.org/{}", "x".repeat(limits::MAX_URL));
        assert!(inside.check(&long).await.is_err());
    }

    async fn resolved(guard: &Guard, host: &str) -> Option<Vec<String>> {
        let found = guard.resolve(host.parse().unwrap()).await.ok()?;
        Some(found.map(|address| address.ip().to_string()).collect())
    }

    /// A name that was public when it was checked, and is not when it is called.
    #[tokio::test]
    async fn r67_a_name_that_changes_its_mind_gains_nothing() {
        let asked = Arc::new(AtomicUsize::new(0));
        let rebinding = guard(
            &[],
            Arc::new(move |_| {
                let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
                let ip: IpAddr = if first { "1.1.1.1" } else { "127.0.0.1" }.parse().unwrap();
                Box::pin(async move { Ok(vec![SocketAddr::new(ip, 0)]) })
            }),
        );
        rebinding.check("http://rebinding.example.org/").await.unwrap();
        assert_eq!(resolved(&rebinding, "rebinding.example.org").await, None);
        let mixed = guard(
            &["Inside".to_ascii_lowercase().as_str()],
            leads_to(&["::ffff:10.0.0.1", "1.1.1.1", "fd00::1"]),
        );
        assert_eq!(
            resolved(&mixed, "outside.example.org").await.unwrap(),
            ["1.1.1.1"]
        );
        assert_eq!(resolved(&mixed, "inside").await.unwrap().len(), 3);
    }

    /// The client looks names up through the guard, and connects to what it leaves.
    #[tokio::test]
    async fn r67_a_name_of_a_private_address_is_not_called() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let call = |allowed: &[&str]| {
            let guard = guard(allowed, leads_to(&["127.0.0.1"]));
            let url = format!("http://inside.example.org:{port}/");
            client(Arc::new(guard)).unwrap().post(url).send()
        };
        let refused = call(&[]).await.unwrap_err();
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&refused);
        while let Some(error) = cause.filter(|error| !error.is::<Private>()) {
            cause = error.source();
        }
        assert!(cause.is_some(), "{refused:?}");
        tokio::select! {
            called = listener.accept() => drop(called.unwrap()),
            answer = call(&["inside.example.org"]) => panic!("nobody answers: {answer:?}"),
        }
    }
}
