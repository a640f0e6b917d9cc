//! The gateway's certificate: the one that is given, or one of our own (contract A006, R73).
//!
//! Our own comes from a certificate authority that lives in `DATA_DIR` as long as the data do. People install the
//! authority on their devices once; the server's certificate can then change whenever its dates or its names ask for it.
//!
//! | File | What is in it |
//! |---|---|
//! | `gateway-ca-key.pem` | the authority's key and certificate; readable by its owner only |
//! | `gateway-ca.pem` | the authority's certificate alone, to be handed out |
//! | `gateway-key.pem` | the server's key and certificate; readable by its owner only |
//! | `gateway.lock` | empty; held by the replica that is writing the others |
//!
//! A key and its certificate stand in one file, which is replaced as a whole, so there is never half a pair.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::verify_server_cert_signed_by_trust_anchor as verify_chain;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, InconsistentKeys, RootCertStore};
use time::OffsetDateTime;
use url::{Host, Url};

use crate::types::Timestamp;

const CA_PAIR: &str = "gateway-ca-key.pem";
const CA_COPY: &str = "gateway-ca.pem";
const SERVER_PAIR: &str = "gateway-key.pem";
const LOCK: &str = "gateway.lock";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Certificates begin a day before they are made, for devices whose clock is late.
const BEGINS_MS: i64 = DAY_MS;
/// Ten years.
const CA_LIFE_MS: i64 = 3650 * DAY_MS;
/// With the day before it stays below the 398 days that phones and browsers accept.
const SERVER_LIFE_MS: i64 = 396 * DAY_MS;
/// A certificate that would end within this time is replaced.
const RENEW_MS: i64 = 30 * DAY_MS;
/// The longest common name that X.509 allows, in characters.
const MAX_COMMON_NAME: usize = 64;

/// What the gateway shows in a handshake.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The chain, the server's certificate first, and the key.
    pub key: Arc<CertifiedKey>,
    /// The certificate of our own authority as PEM; `None` with a given certificate.
    pub ca_pem: Option<Bytes>,
}

/// The one implementation of cryptography, given explicitly so that nothing depends on a process-wide default.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The given certificate: PEM files of a chain (the server's certificate first) and of its key (PKCS#8, PKCS#1 or
/// SEC1, without a passphrase).
///
/// Errors name the variable and the file.
pub fn given(certificate: &Path, key: &Path) -> anyhow::Result<Identity> {
    let text = fs::read(certificate)
        .with_context(|| format!("GATEWAY_TLS_CERT: {} cannot be read", certificate.display()))?;
    let chain = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| anyhow!("GATEWAY_TLS_CERT: {} is no PEM: {error}", certificate.display()))?;
    if chain.is_empty() {
        bail!(
            "GATEWAY_TLS_CERT: {} has no certificate in it; expected PEM with `BEGIN CERTIFICATE`",
            certificate.display()
        );
    }

    let text = fs::read(key).with_context(|| format!("GATEWAY_TLS_KEY: {} cannot be read", key.display()))?;
    let secret = PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound if is_encrypted(&text) => anyhow!(
            "GATEWAY_TLS_KEY: {} is encrypted; expected a key without a passphrase",
            key.display()
        ),
        pem::Error::NoItemsFound => anyhow!(
            "GATEWAY_TLS_KEY: {} has no private key in it; expected PEM with PKCS#8, PKCS#1 or SEC1",
            key.display()
        ),
        error => anyhow!("GATEWAY_TLS_KEY: {} is no PEM: {error}", key.display()),
    })?;

    // In two steps, to be able to say which of the two files is the wrong one.
    let secret = provider()
        .key_provider
        .load_private_key(secret)
        .map_err(|error| anyhow!("GATEWAY_TLS_KEY: {} cannot be used: {error}", key.display()))?;
    let pair = CertifiedKey::new(chain, secret);
    match pair.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(rustls::Error::InconsistentKeys(_)) => bail!(
            "GATEWAY_TLS_KEY: the key in {} does not fit the first certificate in {} (GATEWAY_TLS_CERT)",
            key.display(),
            certificate.display()
        ),
        Err(error) => bail!(
            "GATEWAY_TLS_CERT: {} cannot be used: {error}",
            certificate.display()
        ),
    }
    Ok(Identity {
        key: Arc::new(pair),
        ca_pem: None,
    })
}

/// Old and new ways of writing a key that has a passphrase.
fn is_encrypted(pem: &[u8]) -> bool {
    String::from_utf8_lossy(pem).contains("ENCRYPTED")
}

/// The certificate of our own in `dir`, made where there is none, where it would end within 30 days, and where one of
/// `names` is not in it. The authority stays the same until it ends itself; `server_name` is part of its name.
///
/// Files that are there and good are only read.
pub fn own(
    dir: &Path,
    server_name: &str,
    names: &[ServerName<'static>],
    now: Timestamp,
) -> anyhow::Result<Identity> {
    if let Some(kept) = kept(dir, names, now)? {
        return Ok(kept);
    }
    fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let _lock = lock(&dir.join(LOCK))?;
    // Read again: another replica may have made them while this one waited for the lock.
    let ca = match read_ca(dir, now)? {
        Some(ca) => ca,
        None => make_ca(dir, server_name, now)?,
    };
    let copy = dir.join(CA_COPY);
    let ca_pem = pem("CERTIFICATE", &ca.certificate);
    if !is_copy(&copy, &ca_pem) {
        write(&copy, &ca_pem, 0o644)?;
    }
    let server = match read_server(dir, &ca, names, now) {
        Ok(server) => server,
        Err(reason) => {
            let server = make_server(dir, &ca, server_name, names, now)?;
            tracing::info!(names = %listed(names), "made a certificate for the gateway: {reason:#}");
            server
        }
    };
    Ok(Identity {
        key: Arc::new(server),
        ca_pem: Some(ca_pem.into()),
    })
}

/// What is there, if all of it is good.
fn kept(dir: &Path, names: &[ServerName<'static>], now: Timestamp) -> anyhow::Result<Option<Identity>> {
    let Some(ca) = read_ca(dir, now)? else {
        return Ok(None);
    };
    let ca_pem = pem("CERTIFICATE", &ca.certificate);
    let server = read_server(dir, &ca, names, now).ok();
    let server = server.filter(|_| is_copy(&dir.join(CA_COPY), &ca_pem));
    Ok(server.map(|server| Identity {
        key: Arc::new(server),
        ca_pem: Some(ca_pem.into()),
    }))
}

fn is_copy(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|found| found == text.as_bytes())
}

/// A key and its certificate, as they stand in one file.
struct Pair {
    key: PrivateKeyDer<'static>,
    certificate: CertificateDer<'static>,
}

impl Pair {
    /// `None` where there is no such file.
    fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.with_context(|| format!("{} cannot be read", path.display()))?,
        };
        let broken = |error: &dyn std::fmt::Display| anyhow!("{} is broken: {error}", path.display());
        let pair = Self {
            key: PrivateKeyDer::from_pem_slice(&text).map_err(|error| broken(&error))?,
            certificate: CertificateDer::from_pem_slice(&text).map_err(|error| broken(&error))?,
        };
        pair.certified().map_err(|error| broken(&error))?;
        Ok(Some(pair))
    }

    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = [
            pem("PRIVATE KEY", self.key.secret_der()),
            pem("CERTIFICATE", &self.certificate),
        ];
        write(path, &text.concat(), 0o600)
    }

    /// Fails when the key does not fit the certificate.
    fn certified(&self) -> Result<CertifiedKey, rustls::Error> {
        CertifiedKey::from_der(vec![self.certificate.clone()], self.key.clone_key(), &provider())
    }
}

/// The authority, if there is one that goes on for long enough.
///
/// One that is broken is an error and is not replaced: every device would have to be told about the new one, so that
/// is for a person to decide. One that has not begun yet counts, because then it is the machine's clock that is wrong.
fn read_ca(dir: &Path, now: Timestamp) -> anyhow::Result<Option<Pair>> {
    let path = dir.join(CA_PAIR);
    let pair = Pair::read(&path).with_context(|| {
        format!("{CA_PAIR} holds the gateway's certificate authority; without the file a new one is made, and devices have to trust that one anew")
    })?;
    Ok(pair.filter(|pair| ends(&pair.certificate).is_some_and(|end| end > now.plus(RENEW_MS))))
}

/// The server's certificate, if clients that trust the authority take it by each of `names`, now and for long enough;
/// the error says why not.
fn read_server(
    dir: &Path,
    ca: &Pair,
    names: &[ServerName<'static>],
    now: Timestamp,
) -> anyhow::Result<CertifiedKey> {
    let pair = Pair::read(&dir.join(SERVER_PAIR))?.context("there was none")?;
    verify(&pair.certificate, &ca.certificate, names, now)?;
    verify(&pair.certificate, &ca.certificate, names, now.plus(RENEW_MS))?;
    Ok(pair.certified()?)
}

fn make_ca(dir: &Path, server_name: &str, now: Timestamp) -> anyhow::Result<Pair> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("Messenger {server_name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date(begin(now))?;
    params.not_after = date(now.plus(CA_LIFE_MS))?;
    let certificate = params.self_signed(&key)?;
    let pair = Pair {
        key: key.into(),
        certificate: certificate.der().clone(),
    };
    let path = dir.join(CA_PAIR);
    pair.write(&path)?;
    tracing::info!(file = %path.display(), "made a certificate authority for the gateway");
    Ok(pair)
}

fn make_server(
    dir: &Path,
    ca: &Pair,
    server_name: &str,
    names: &[ServerName<'static>],
    now: Timestamp,
) -> anyhow::Result<CertifiedKey> {
    let issuer = Issuer::from_ca_cert_der(&ca.certificate, KeyPair::try_from(&ca.key)?)?;
    // A new key each time: a key that got lost is of no use for longer than its certificate.
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(server_name);
    params.subject_alt_names = names
        .iter()
        .map(alternative_name)
        .collect::<anyhow::Result<_>>()?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = date(begin(now))?;
    let end = now.plus(SERVER_LIFE_MS);
    params.not_after = date(ends(&ca.certificate).map_or(end, |ca_end| end.min(ca_end)))?;
    let certificate = params.signed_by(&key, &issuer)?;
    let pair = Pair {
        key: key.into(),
        certificate: certificate.der().clone(),
    };
    // Would be looked at on every round and never be good enough; better to fail here and say so.
    verify(&pair.certificate, &ca.certificate, names, now)
        .context("the certificate that was made for the gateway would be refused")?;
    let certified = pair.certified()?;
    pair.write(&dir.join(SERVER_PAIR))?;
    Ok(certified)
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(
        DnType::CommonName,
        text.chars().take(MAX_COMMON_NAME).collect::<String>(),
    );
    name
}

fn alternative_name(name: &ServerName<'static>) -> anyhow::Result<SanType> {
    Ok(match name {
        ServerName::DnsName(name) => SanType::DnsName(name.as_ref().try_into()?),
        ServerName::IpAddress(address) => SanType::IpAddress((*address).into()),
        name => bail!("{} cannot stand in a certificate", name.to_str()),
    })
}

fn listed(names: &[ServerName<'static>]) -> String {
    let names: Vec<_> = names.iter().map(ServerName::to_str).collect();
    names.join(", ")
}

/// Checks what a client checks that trusts `ca`: signature, dates, purpose, and each of the names.
fn verify(
    certificate: &CertificateDer<'_>,
    ca: &CertificateDer<'static>,
    names: &[ServerName<'static>],
    time: Timestamp,
) -> anyhow::Result<()> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.clone())?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
    for name in names {
        verifier.verify_server_cert(certificate, &[], name, &[], unix_time(time))?;
    }
    Ok(())
}

/// When a certificate ends; `None` if it cannot be read.
///
/// rustls tells the date only as the reason why a certificate is refused, so it is asked about the end of all time.
pub fn ends(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let algorithms = provider().signature_verification_algorithms.all;
    let end_of_time = UnixTime::since_unix_epoch(Duration::MAX);
    match verify_chain(&parsed, &RootCertStore::empty(), &[], end_of_time, algorithms) {
        Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            let seconds = i64::try_from(not_after.as_secs()).unwrap_or(i64::MAX);
            Some(Timestamp(seconds.saturating_mul(1000)))
        }
        _ => None,
    }
}

fn unix_time(time: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(time.seconds().max(0) as u64))
}

/// Not before 1970, where some machines begin when they have lost the time: there is no way to write that.
fn begin(now: Timestamp) -> Timestamp {
    now.plus(-BEGINS_MS).max(Timestamp(0))
}

fn date(time: Timestamp) -> anyhow::Result<OffsetDateTime> {
    Ok(OffsetDateTime::from_unix_timestamp(time.seconds())?)
}

/// The host of a URL or of a Matrix server name (`host`, `host:port`), as clients check it; `None` if it cannot stand
/// in a certificate.
pub fn host(text: &str) -> Option<ServerName<'static>> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("https://{text}"))
    };
    match url.ok()?.host()? {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(address) => Some(IpAddr::V4(address).into()),
        Host::Ipv6(address) => Some(IpAddr::V6(address).into()),
    }
}

/// The names that do not depend on the machine (contract R73): of the Matrix server, of the gateway's public URL, and
/// those of this very machine.
pub fn fixed_names(server_name: &str, public_url: &str) -> Vec<ServerName<'static>> {
    let mut names = Vec::new();
    for (variable, text) in [
        ("MATRIX_SERVER_NAME", server_name),
        ("GATEWAY_PUBLIC_URL", public_url),
    ] {
        if host(text).is_none() {
            tracing::warn!("{variable}: {text} has no name that can stand in a certificate");
        }
        names.extend(host(text));
    }
    names.extend(host("localhost"));
    names.push(IpAddr::V4(Ipv4Addr::LOCALHOST).into());
    names.push(IpAddr::V6(Ipv6Addr::LOCALHOST).into());
    names
}

/// `fixed` and the addresses the machine has at this moment, each once.
pub fn with_addresses(fixed: &[ServerName<'static>]) -> Vec<ServerName<'static>> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the machine's addresses are not known, and not in the gateway's certificate");
        Vec::new()
    });
    let addresses = interfaces.iter().map(if_addrs::Interface::ip);
    let mut names: Vec<ServerName<'static>> = Vec::new();
    let addresses = addresses
        .filter(|address| is_of_machine(*address))
        .map(Into::into);
    for name in fixed.iter().cloned().chain(addresses) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether others can reach the machine by this address. Link-local ones need the name of an interface with them, and
/// come and go with it.
fn is_of_machine(address: IpAddr) -> bool {
    let local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !(local || address.is_loopback() || address.is_unspecified() || address.is_multicast())
}

/// Waits until no other replica writes here. The lock ends with the file that is returned.
fn lock(path: &Path) -> anyhow::Result<File> {
    let locked = || {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.lock() {
            // Some network file systems have no locks. Then only replicas that start in the same moment get in each
            // other's way, and each finds what the last one wrote when it looks again.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            locked => locked?,
        }
        io::Result::Ok(file)
    };
    locked().with_context(|| format!("{} cannot be locked", path.display()))
}

/// Writes the file so that others find the old text or the new one, also after a loss of power. The lock must be held.
fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let write = || {
        let new = path.with_extension("new");
        // Left behind by a process that ended while it wrote.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        #[cfg(unix)]
        if let Some(dir) = path.parent() {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// PEM (RFC 7468): base64 in lines of 64 characters between two marks.
pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    // base64 is ASCII, so nothing is lost in going from bytes to text again.
    lines.extend(
        body.as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned()),
    );
    lines.push(format!("-----END {label}-----\n"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn names() -> Vec<ServerName<'static>> {
        fixed_names("hub.local:8448", "https://chat.example:8448")
    }

    fn server_pair(dir: &Path) -> Pair {
        Pair::read(&dir.join(SERVER_PAIR)).unwrap().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn files(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    }

    /// A pair as somebody would give it: the certificate and the key's PKCS#8.
    fn foreign(algorithm: &'static rcgen::SignatureAlgorithm) -> (CertificateDer<'static>, Vec<u8>) {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(vec!["hub.local".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.der().clone(), key.serialize_der())
    }

    /// What stands in the last octet string of PKCS#8: SEC1 or PKCS#1. Reads DER as far as that needs.
    fn inner_key(pkcs8: &[u8]) -> &[u8] {
        fn element(der: &[u8]) -> (&[u8], &[u8]) {
            let (length, start) = match der[1] {
                short @ 0..=0x7f => (usize::from(short), 2),
                long => {
                    let bytes = usize::from(long & 0x7f);
                    let length = der[2..2 + bytes].iter();
                    (
                        length.fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
                        2 + bytes,
                    )
                }
            };
            der[start..].split_at(length)
        }
        let (sequence, _) = element(pkcs8);
        let (_version, rest) = element(sequence);
        let (_algorithm, rest) = element(rest);
        element(rest).0
    }

    #[test]
    fn r73_names_of_the_certificate() {
        let listed = |server_name: &str, url: &str| listed(&fixed_names(server_name, url));
        assert_eq!(
            listed("Hub.local:8448", "https://chat.example:8448/x"),
            "hub.local, chat.example, localhost, 127.0.0.1, ::1"
        );
        assert_eq!(
            listed("10.1.2.3:8448", "https://[fd00::7]:8448"),
            "10.1.2.3, fd00::7, localhost, 127.0.0.1, ::1"
        );
        assert_eq!(
            listed("[fd00::8]", "http://my_hub."),
            "fd00::8, my_hub, localhost, 127.0.0.1, ::1"
        );
        // no name of DNS, which is no reason not to start
        assert_eq!(
            listed(&"a".repeat(100), "https://hub.local"),
            "hub.local, localhost, 127.0.0.1, ::1"
        );
    }

    #[test]
    fn r73_addresses_of_the_machine() {
        for (address, counts) in [
            ("10.1.2.3", true),
            ("2001:db8::1", true),
            ("fd00::1", true),
            ("169.254.1.1", false),
            ("fe80::1", false),
            ("127.0.0.2", false),
            ("::", false),
        ] {
            assert_eq!(is_of_machine(address.parse().unwrap()), counts, "{address}");
        }
        let fixed = names();
        let all = with_addresses(&fixed);
        assert_eq!(all[..fixed.len()], fixed);
        for interface in if_addrs::get_if_addrs().unwrap() {
            let wanted = is_of_machine(interface.ip()) || interface.ip().is_loopback();
            let named = all.contains(&interface.ip().into());
            assert_eq!(named, wanted, "{}", interface.ip());
        }
    }

    #[test]
    fn a006_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("data");
        let first = own(&dir, "hub.local", &names(), NOW).unwrap();
        assert_eq!(files(&dir), [CA_PAIR, CA_COPY, SERVER_PAIR, LOCK]);
        assert_eq!(mode(&dir.join(CA_PAIR)), 0o600);
        assert_eq!(mode(&dir.join(SERVER_PAIR)), 0o600);
        let handed_out = fs::read_to_string(dir.join(CA_COPY)).unwrap();
        assert_eq!(first.ca_pem.as_deref(), Some(handed_out.as_bytes()));
        assert!(!handed_out.contains("PRIVATE"));

        // Nothing is written when nothing has to be.
        fs::remove_file(dir.join(LOCK)).unwrap();
        let second = own(&dir, "hub.local", &names(), NOW.plus(300 * DAY_MS)).unwrap();
        assert_eq!(second.key.cert, first.key.cert);
        assert_eq!(second.ca_pem, first.ca_pem);
        assert_eq!(files(&dir), [CA_PAIR, CA_COPY, SERVER_PAIR]);
    }

    #[test]
    fn a006_lives_as_long_as_phones_accept() {
        let dir = tempfile::tempdir().unwrap();
        own(dir.path(), "hub.local", &names(), NOW).unwrap();
        let server = server_pair(dir.path());
        let ca = read_ca(dir.path(), NOW).unwrap().unwrap();
        let valid = |time| verify(&server.certificate, &ca.certificate, &names(), time).is_ok();
        let (begin, end) = (NOW.plus(-BEGINS_MS), ends(&server.certificate).unwrap());
        assert!(valid(begin) && !valid(begin.plus(-1000)));
        assert!(valid(end) && !valid(end.plus(1000)));
        assert!(end.0 - begin.0 < 398 * DAY_MS);
        assert_eq!(ends(&ca.certificate), Some(NOW.plus(CA_LIFE_MS)));
    }

    #[test]
    fn a006_made_anew_30_days_before_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let first = own(dir.path(), "hub.local", &names(), NOW).unwrap();
        let due = ends(&first.key.cert[0]).unwrap().plus(-RENEW_MS);
        let before = own(dir.path(), "hub.local", &names(), due).unwrap();
        assert_eq!(before.key.cert, first.key.cert);
        let after = own(dir.path(), "hub.local", &names(), due.plus(1000)).unwrap();
        assert_ne!(after.key.cert, first.key.cert);
        assert_eq!(after.ca_pem, first.ca_pem);
        assert_eq!(ends(&after.key.cert[0]), Some(due.plus(1000 + SERVER_LIFE_MS)));
    }

    #[test]
    fn r73_made_anew_for_another_name() {
        let dir = tempfile::tempdir().unwrap();
        let first = own(dir.path(), "hub.local", &names(), NOW).unwrap();
        let mut more = names();
        more.push(IpAddr::from([10, 1, 2, 3]).into());
        let second = own(dir.path(), "hub.local", &more, NOW).unwrap();
        assert_ne!(second.key.cert, first.key.cert);
        assert_eq!(second.ca_pem, first.ca_pem);
        // One that is wanted no longer is no reason.
        let third = own(dir.path(), "hub.local", &names(), NOW).unwrap();
        assert_eq!(third.key.cert, second.key.cert);
        // Nor is it a reason to lose the authority that the server has another name.
        let renamed = own(
            dir.path(),
            "new.local",
            &fixed_names("new.local", "https://new.local"),
            NOW,
        );
        assert_eq!(renamed.unwrap().ca_pem, first.ca_pem);
    }

    #[test]
    fn a006_the_authority_goes_on_until_it_ends_itself() {
        let dir = tempfile::tempdir().unwrap();
        let first = own(dir.path(), "hub.local", &names(), NOW).unwrap();
        let end = NOW.plus(CA_LIFE_MS);
        // The server's certificate never ends after the authority.
        let late = own(dir.path(), "hub.local", &names(), end.plus(-100 * DAY_MS)).unwrap();
        assert_eq!(late.ca_pem, first.ca_pem);
        assert_eq!(ends(&late.key.cert[0]), Some(end));
        let next = own(dir.path(), "hub.local", &names(), end.plus(-RENEW_MS)).unwrap();
        assert_ne!(next.ca_pem, first.ca_pem);
        // A clock that stands at 1970 after a loss of power costs nobody their trust.
        for time in [Timestamp(0), end] {
            let made = own(dir.path(), "hub.local", &names(), time).unwrap();
            assert_eq!(made.ca_pem, next.ca_pem);
        }
    }

    #[test]
    fn a006_a_broken_authority_is_told_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        own(dir.path(), "hub.local", &names(), NOW).unwrap();
        let path = dir.path().join(CA_PAIR);
        let (certificate, _) = foreign(&PKCS_ECDSA_P256_SHA256);
        let (_, other_key) = foreign(&PKCS_ECDSA_P256_SHA256);
        let unfit = [pem("PRIVATE KEY", &other_key), pem("CERTIFICATE", &certificate)].concat();
        for broken in ["", &unfit] {
            fs::write(&path, broken).unwrap();
            let error = format!("{:#}", own(dir.path(), "hub.local", &names(), NOW).unwrap_err());
            assert!(
                error.contains(&format!("{} is broken", path.display())),
                "{error}"
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        }
    }

    #[test]
    fn a006_what_can_be_made_again_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = own(dir.path(), "hub.local", &names(), NOW).unwrap();
        fs::write(
            dir.path().join(SERVER_PAIR),
            "-----BEGIN PRIVATE KEY-----\nMIGHAgEA",
        )
        .unwrap();
        fs::write(dir.path().join("gateway-key.new"), "of a process that ended here").unwrap();
        fs::remove_file(dir.path().join(CA_COPY)).unwrap();
        let second = own(dir.path(), "hub.local", &names(), NOW).unwrap();
        assert_ne!(second.key.cert, first.key.cert);
        assert_eq!(second.ca_pem, first.ca_pem);
        assert_eq!(files(dir.path()), [CA_PAIR, CA_COPY, SERVER_PAIR, LOCK]);
        assert_eq!(mode(&dir.path().join(SERVER_PAIR)), 0o600);
    }

    #[test]
    fn a006_replicas_that_start_at_once_agree() {
        let dir = tempfile::tempdir().unwrap();
        let made: Vec<Identity> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| own(dir.path(), "hub.local", &names(), NOW).unwrap()))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        for identity in &made {
            assert_eq!(identity.ca_pem, made[0].ca_pem);
            assert_eq!(identity.key.cert, made[0].key.cert);
        }
    }

    #[test]
    fn a006_given_keys_of_every_form() {
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        for (algorithm, label) in [
            (&PKCS_ECDSA_P256_SHA256, "EC PRIVATE KEY"),
            (&PKCS_RSA_SHA256, "RSA PRIVATE KEY"),
        ] {
            let (certificate, pkcs8) = foreign(algorithm);
            let (issuer, _) = foreign(&PKCS_ECDSA_P256_SHA256);
            let chain = format!(
                "some words\n{}{}",
                pem("CERTIFICATE", &certificate),
                pem("CERTIFICATE", &issuer)
            );
            fs::write(&cert, chain).unwrap();
            for text in [pem("PRIVATE KEY", &pkcs8), pem(label, inner_key(&pkcs8))] {
                fs::write(&key, text).unwrap();
                let identity = given(&cert, &key).unwrap();
                assert_eq!(identity.key.cert, [certificate.clone(), issuer.clone()]);
                assert!(identity.ca_pem.is_none());
            }
        }
    }

    #[test]
    fn a006_given_files_that_are_wrong_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let (certificate, key) = foreign(&PKCS_ECDSA_P256_SHA256);
        let (_, other_key) = foreign(&PKCS_RSA_SHA256);
        let text = pem("CERTIFICATE", &certificate);
        for (name, text) in [
            ("cert", &*text),
            ("key", &pem("PRIVATE KEY", &key)),
            ("other-key", &pem("PRIVATE KEY", &other_key)),
            ("no-cert", &pem("CERTIFICATE", b"no certificate")),
            ("no-key", &pem("PRIVATE KEY", b"no key")),
            ("locked", &pem("ENCRYPTED PRIVATE KEY", b"?")),
            ("half", &text[..text.len() / 2]),
            ("empty", ""),
        ] {
            fs::write(path(name), text).unwrap();
        }
        fs::create_dir(path("dir")).unwrap();
        for (cert, key, variable, file, what) in [
            (
                "none",
                "key",
                "GATEWAY_TLS_CERT",
                "none",
                "cannot be read: No such file",
            ),
            (
                "dir",
                "key",
                "GATEWAY_TLS_CERT",
                "dir",
                "cannot be read: Is a directory",
            ),
            ("empty", "key", "GATEWAY_TLS_CERT", "empty", "has no certificate"),
            ("key", "key", "GATEWAY_TLS_CERT", "key", "has no certificate"),
            ("half", "key", "GATEWAY_TLS_CERT", "half", "is no PEM"),
            ("no-cert", "key", "GATEWAY_TLS_CERT", "no-cert", "cannot be used"),
            (
                "cert",
                "none",
                "GATEWAY_TLS_KEY",
                "none",
                "cannot be read: No such file",
            ),
            ("cert", "cert", "GATEWAY_TLS_KEY", "cert", "has no private key"),
            ("cert", "locked", "GATEWAY_TLS_KEY", "locked", "is encrypted"),
            ("cert", "no-key", "GATEWAY_TLS_KEY", "no-key", "cannot be used"),
            (
                "cert",
                "other-key",
                "GATEWAY_TLS_KEY",
                "other-key",
                "does not fit",
            ),
        ] {
            let error = format!("{:#}", given(&path(cert), &path(key)).unwrap_err());
            assert!(error.starts_with(&format!("{variable}: ")), "{error}");
            assert!(error.contains(&*path(file).to_string_lossy()), "{error}");
            assert!(error.contains(what), "{error}");
        }
        given(&path("cert"), &path("key")).unwrap();
    }
}
