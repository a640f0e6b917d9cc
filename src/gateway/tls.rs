//! TLS of the gateway (contract A006): which certificate is shown, and when another one is.
//!
//! The certificate is looked up with each handshake, so a new one counts from the next connection on; connections that
//! are open stay open.
//!
//! An open connection that is silent costs about 10 KiB, 4 of them rustls' buffer for what comes in; what waits to go
//! out is at most 64 KiB. Nothing is kept about connections that have ended: clients that come back show an encrypted
//! ticket (RFC 5077, RFC 8446 section 4.6.1) instead, whose keys live in memory for some hours.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::pki_types::ServerName;
use rustls::server::{
    ClientHello, NoServerSessionStorage, ParsedCertificate, ResolvesServerCert, ServerConfig,
};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::certificate::{self, Identity};
use crate::config::Config;
use crate::types::{Clock, Timestamp};

/// How often the given files are looked at.
const LOOK_AT_FILES: Duration = Duration::from_secs(5);
/// How often a certificate of our own is checked: the machine may have got another address, and another replica may
/// have made another certificate.
const LOOK_AT_OWN: Duration = Duration::from_mins(1);

/// The gateway's side of TLS. One for the process; shared.
#[derive(Debug)]
pub struct Tls {
    source: Source,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

/// Where the certificate comes from.
#[derive(Debug)]
enum Source {
    Given {
        certificate: PathBuf,
        key: PathBuf,
        /// The files as they were when they were last read.
        seen: Mutex<[Stamp; 2]>,
        /// What external clients are told to connect to.
        public_host: Option<ServerName<'static>>,
    },
    Own {
        dir: PathBuf,
        server_name: String,
        fixed_names: Vec<ServerName<'static>>,
    },
}

/// Tells one state of a file from another; `None` is one that cannot be looked at.
type Stamp = Option<(SystemTime, u64)>;

impl Tls {
    /// Reads the certificate of `GATEWAY_TLS_CERT` and `GATEWAY_TLS_KEY`; without them the one in `DATA_DIR`, which is
    /// made where it is missing. Reads and writes files, so it is for the start of the process.
    ///
    /// Errors name the variable and the file and say what is wrong with it.
    pub fn open(config: &Config, now: Timestamp) -> anyhow::Result<Arc<Self>> {
        let source = match (&config.gateway_tls_cert, &config.gateway_tls_key) {
            (Some(certificate), Some(key)) => Source::Given {
                seen: Mutex::new([stamp(certificate), stamp(key)]),
                certificate: certificate.clone(),
                key: key.clone(),
                public_host: certificate::host(&config.gateway_public_url),
            },
            _ => Source::Own {
                dir: config.data_dir.clone(),
                server_name: config.matrix_server_name.clone(),
                fixed_names: certificate::fixed_names(&config.matrix_server_name, &config.gateway_public_url),
            },
        };
        let current = Arc::new(Current(RwLock::new(source.load(now)?)));

        let mut config = ServerConfig::builder_with_provider(certificate::provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        // The gateway's HTTP server speaks nothing else.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new()?;
        Ok(Arc::new(Self {
            source,
            current,
            config: Arc::new(config),
        }))
    }

    /// What makes a TLS connection of a TCP connection: HTTP/1.1 over TLS 1.2 or 1.3. It waits for the client without
    /// end; whoever calls it sets a time limit.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }

    /// The certificate of our own authority as PEM, which devices have to trust; `None` with a given certificate.
    pub fn ca_pem(&self) -> Option<Bytes> {
        self.current.0.read().ca_pem.clone()
    }

    /// Follows the files and the calendar until `shutdown`: reads given files again when they have changed, and makes
    /// our own certificate anew when it is due. Whatever goes wrong is logged once, and the certificate stays.
    pub async fn run(self: Arc<Self>, clock: Clock, shutdown: CancellationToken) {
        let pause = match self.source {
            Source::Given { .. } => LOOK_AT_FILES,
            Source::Own { .. } => LOOK_AT_OWN,
        };
        self.look_every(pause, clock, shutdown).await;
    }

    async fn look_every(self: Arc<Self>, pause: Duration, clock: Clock, shutdown: CancellationToken) {
        let mut told = String::new();
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.cancelled() => return,
            }
            let tls = self.clone();
            let now = clock.now();
            let looked = tokio::task::spawn_blocking(move || tls.look(now)).await;
            let problem = match looked {
                Ok(Ok(changed)) => {
                    if changed {
                        tracing::info!("the gateway shows another certificate from now on");
                    }
                    String::new()
                }
                Ok(Err(error)) => format!("{error:#}"),
                // It was stopped with the process, or panicked.
                Err(error) => error.to_string(),
            };
            if !problem.is_empty() && problem != told {
                tracing::warn!("the gateway keeps its certificate: {problem}");
            }
            told = problem;
        }
    }

    /// Takes another certificate if there is one, and says whether there was. Reads files.
    fn look(&self, now: Timestamp) -> anyhow::Result<bool> {
        if let Source::Given {
            certificate,
            key,
            seen,
            ..
        } = &self.source
        {
            // Noted before the files are read: what is written meanwhile is seen the next time.
            let stamps = [stamp(certificate), stamp(key)];
            if std::mem::replace(&mut *seen.lock(), stamps) == stamps {
                return Ok(false);
            }
        }
        let identity = self.source.load(now)?;
        let mut current = self.current.0.write();
        let changed = current.key.cert != identity.key.cert || current.ca_pem != identity.ca_pem;
        if changed {
            *current = identity;
        }
        Ok(changed)
    }
}

impl Source {
    fn load(&self, now: Timestamp) -> anyhow::Result<Identity> {
        match self {
            Self::Given {
                certificate,
                key,
                public_host,
                ..
            } => {
                let identity = certificate::given(certificate, key)?;
                for problem in problems(&identity, public_host.as_ref(), now) {
                    tracing::warn!("GATEWAY_TLS_CERT: {} {problem}", certificate.display());
                }
                Ok(identity)
            }
            Self::Own {
                dir,
                server_name,
                fixed_names,
            } => certificate::own(dir, server_name, &certificate::with_addresses(fixed_names), now),
        }
    }
}

/// Why clients will refuse a given certificate. It is shown all the same: there may be a proxy in front that does not
/// mind, and it can be replaced while the service runs.
fn problems(identity: &Identity, host: Option<&ServerName<'_>>, now: Timestamp) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(first) = identity.key.cert.first() else {
        return problems;
    };
    if let Some(end) = certificate::ends(first).filter(|end| *end <= now) {
        problems.push(format!("ended at {}", end.zulu()));
    }
    let names = ParsedCertificate::try_from(first);
    if let (Ok(names), Some(host)) = (names, host)
        && rustls::client::verify_server_name(&names, host).is_err()
    {
        let host = host.to_str();
        problems.push(format!("is not for {host}, the host of GATEWAY_PUBLIC_URL"));
    }
    problems
}

fn stamp(path: &Path) -> Stamp {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// The certificate that is shown now. All clients get the same, whatever name they ask for.
#[derive(Debug)]
struct Current(RwLock<Identity>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().key.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use rcgen::{CertificateParams, KeyPair};
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, UnixTime};
    use rustls::time_provider::TimeProvider;
    use rustls::{ClientConfig, HandshakeKind, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    #[derive(Debug)]
    struct At(Timestamp);

    impl TimeProvider for At {
        fn current_time(&self) -> Option<UnixTime> {
            Some(UnixTime::since_unix_epoch(Duration::from_millis(self.0.0 as u64)))
        }
    }

    fn config(dir: &Path, more: &[(&str, &str)]) -> Config {
        Config::load(|name| {
            let data_dir = (name == "DATA_DIR").then(|| dir.display().to_string());
            let value = more.iter().find(|(key, _)| *key == name);
            data_dir.or_else(|| value.map(|(_, value)| (*value).to_owned()))
        })
        .unwrap()
    }

    fn client(
        trusted: &[u8],
        now: Timestamp,
        versions: &[&'static SupportedProtocolVersion],
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(trusted) {
            roots.add(certificate.unwrap()).unwrap();
        }
        ClientConfig::builder_with_details(certificate::provider(), Arc::new(At(now)))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// A client that trusts these certificates and knows both versions of TLS.
    fn trusting(trusted: &[u8]) -> Arc<ClientConfig> {
        Arc::new(client(trusted, NOW, rustls::ALL_VERSIONS))
    }

    /// A whole handshake, and a byte each way: tickets come after the handshake.
    async fn connect(
        tls: &Tls,
        client: &Arc<ClientConfig>,
        name: &str,
    ) -> std::io::Result<TlsStream<tokio::io::DuplexStream>> {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let acceptor = tls.acceptor();
        let server = async move {
            let mut stream = acceptor.accept(far).await?;
            let byte = stream.read_u8().await?;
            stream.write_u8(byte).await?;
            stream.flush().await
        };
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let client = async {
            let mut stream = TlsConnector::from(client.clone()).connect(name, near).await?;
            stream.write_u8(7).await?;
            stream.flush().await?;
            assert_eq!(stream.read_u8().await?, 7);
            Ok(stream)
        };
        let (_, stream) = tokio::join!(server, client);
        stream
    }

    fn shown(stream: &TlsStream<tokio::io::DuplexStream>) -> CertificateDer<'static> {
        stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    }

    /// The paths of a given pair, written by [`give`].
    fn given(dir: &Path) -> (PathBuf, PathBuf) {
        (dir.join("cert.pem"), dir.join("key.pem"))
    }

    /// Makes a self-signed pair for a name and returns its certificate and key as PEM.
    fn pair(name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (
            certificate::pem("CERTIFICATE", certificate.der()),
            certificate::pem("PRIVATE KEY", &key.serialize_der()),
        )
    }

    /// Writes a file so that its time differs from the one before, however coarse the file system's clock is.
    fn put(path: &Path, text: &str, second: u64) {
        fs::write(path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(time)
            .unwrap();
    }

    fn open_given(dir: &Path) -> anyhow::Result<Arc<Tls>> {
        let (cert, key) = given(dir);
        let files = [
            ("GATEWAY_TLS_CERT", &*cert.to_string_lossy()),
            ("GATEWAY_TLS_KEY", &*key.to_string_lossy()),
            ("GATEWAY_PUBLIC_URL", "https://one.local"),
        ];
        Tls::open(&config(dir, &files), NOW)
    }

    #[tokio::test]
    async fn a006_r73_clients_that_trust_the_authority_come_in_by_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let settings = [
            ("MATRIX_SERVER_NAME", "hub.local:8448"),
            ("GATEWAY_PUBLIC_URL", "https://10.9.8.7:8448"),
        ];
        let tls = Tls::open(&config(dir.path(), &settings), NOW).unwrap();
        let client = trusting(&tls.ca_pem().unwrap());
        let mut names: Vec<_> = ["hub.local", "10.9.8.7", "localhost", "127.0.0.1", "::1"]
            .map(str::to_owned)
            .into();
        names.extend(
            certificate::with_addresses(&[])
                .iter()
                .map(|name| name.to_str().into_owned()),
        );
        for name in names {
            connect(&tls, &client, &name).await.expect(&name);
        }
        assert!(connect(&tls, &client, "other.local").await.is_err());
        assert!(connect(&tls, &client, "10.9.8.6").await.is_err());
    }

    #[tokio::test]
    async fn a006_clients_that_do_not_trust_the_authority_refuse() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let tls = Tls::open(&config(dir.path(), &[]), NOW).unwrap();
        let other = Tls::open(&config(other.path(), &[]), NOW).unwrap();
        let client = trusting(&other.ca_pem().unwrap());
        let error = connect(&tls, &client, "localhost").await.unwrap_err();
        assert!(error.to_string().contains("invalid peer certificate"), "{error}");
        connect(&other, &client, "localhost").await.unwrap();
    }

    #[tokio::test]
    async fn a006_both_versions_of_tls_and_http_1_only() {
        let dir = tempfile::tempdir().unwrap();
        let tls = Tls::open(&config(dir.path(), &[]), NOW).unwrap();
        for (version, wanted) in [
            (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
            (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
        ] {
            let mut client = client(&tls.ca_pem().unwrap(), NOW, &[version]);
            client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            let client = Arc::new(client);
            let stream = connect(&tls, &client, "localhost").await.unwrap();
            assert_eq!(stream.get_ref().1.protocol_version(), Some(wanted));
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            // The second time a ticket is enough.
            let stream = connect(&tls, &client, "localhost").await.unwrap();
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Resumed));
        }
        let mut h2 = client(&tls.ca_pem().unwrap(), NOW, rustls::ALL_VERSIONS);
        h2.alpn_protocols = vec![b"h2".to_vec()];
        assert!(connect(&tls, &Arc::new(h2), "localhost").await.is_err());
    }

    #[tokio::test]
    async fn a006_our_own_is_replaced_while_it_runs() {
        let dir = tempfile::tempdir().unwrap();
        let tls = Tls::open(&config(dir.path(), &[]), NOW).unwrap();
        let ca = tls.ca_pem().unwrap();
        assert!(!tls.look(NOW).unwrap());
        let later = NOW.plus(367 * DAY_MS);
        assert!(tls.look(later).unwrap());
        assert_eq!(tls.ca_pem().unwrap(), ca);
        // The first one would be refused on that day.
        let client = Arc::new(client(&ca, NOW.plus(700 * DAY_MS), rustls::ALL_VERSIONS));
        connect(&tls, &client, "localhost").await.unwrap();
    }

    #[tokio::test]
    async fn a006_given_files_are_read_again_when_they_change() {
        let dir = tempfile::tempdir().unwrap();
        let (cert_path, key_path) = given(dir.path());
        let (one, one_key) = pair("one.local");
        put(&cert_path, &one, 1);
        put(&key_path, &one_key, 1);
        let tls = open_given(dir.path()).unwrap();
        assert!(tls.ca_pem().is_none());
        let (two, two_key) = pair("two.local");
        let both = trusting(format!("{one}{two}").as_bytes());
        let first = connect(&tls, &both, "one.local").await.unwrap();
        assert!(!tls.look(NOW).unwrap());

        // Half of the new pair is told once, and changes nothing.
        put(&cert_path, &two, 2);
        let error = tls.look(NOW).unwrap_err().to_string();
        assert!(error.starts_with("GATEWAY_TLS_KEY: "), "{error}");
        assert!(!tls.look(NOW).unwrap());
        let still = connect(&tls, &both, "one.local").await.unwrap();
        assert_eq!(shown(&still), shown(&first));

        put(&key_path, &two_key, 2);
        assert!(tls.look(NOW).unwrap());
        let fresh = trusting(two.as_bytes());
        connect(&tls, &fresh, "two.local").await.unwrap();

        fs::remove_file(&key_path).unwrap();
        assert!(tls.look(NOW).is_err());
        assert!(!tls.look(NOW).unwrap());
        connect(&tls, &fresh, "two.local").await.unwrap();
    }

    #[tokio::test]
    async fn a006_the_files_are_followed_until_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let (cert_path, key_path) = given(dir.path());
        let (one, one_key) = pair("one.local");
        put(&cert_path, &one, 1);
        put(&key_path, &one_key, 1);
        let tls = open_given(dir.path()).unwrap();
        let shutdown = CancellationToken::new();
        let following = tokio::spawn(tls.clone().look_every(
            Duration::from_millis(1),
            Clock::of(|| NOW),
            shutdown.clone(),
        ));
        let (two, two_key) = pair("two.local");
        put(&cert_path, &two, 2);
        put(&key_path, &two_key, 2);
        let taken = async {
            while connect(&tls, &trusting(two.as_bytes()), "two.local")
                .await
                .is_err()
            {}
        };
        tokio::time::timeout(Duration::from_secs(30), taken)
            .await
            .unwrap();
        shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(30), following)
            .await
            .unwrap()
            .unwrap();
    }

    #[test]
    fn a006_a_pair_that_is_wrong_stops_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let error = open_given(dir.path()).unwrap_err().to_string();
        assert!(error.starts_with("GATEWAY_TLS_CERT: "), "{error}");
    }

    #[test]
    fn a006_what_clients_would_refuse_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let name = |text| certificate::host(text).unwrap();
        let names = [name("hub.local")];
        let identity = certificate::own(dir.path(), "hub.local", &names, NOW).unwrap();
        assert!(problems(&identity, Some(&names[0]), NOW).is_empty());
        let told = problems(&identity, Some(&name("chat.local")), NOW.plus(396 * DAY_MS));
        assert_eq!(
            told,
            [
                "ended at 2028-02-15T08:00:00.000Z",
                "is not for chat.local, the host of GATEWAY_PUBLIC_URL"
            ]
        );
    }
}
