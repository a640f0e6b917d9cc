//! TCP ports of 127.0.0.1.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Fails when somebody else listens on the port, and says which option takes another one.
///
/// What a previous run left may take a moment to end, so this looks for three seconds before it gives up.
pub fn require_free(port: u16, whose: &str, option: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(3);
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(100));
            }
            Err(error) => bail!(
                "port {port} is not free for {whose} ({error}): end what listens there (`ss -ltnp 'sport = :{port}'` \
                 shows it), or choose another one with {option}"
            ),
        }
    }
}

/// As many different ports as asked for, on which nobody listens now.
pub fn free<const N: usize>() -> Result<[u16; N]> {
    let mut ports = [0; N];
    // all are held until the last one is known, or the same one could come twice
    let mut held = Vec::with_capacity(N);
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    #[test]
    fn a_port_in_use_is_named_with_the_option_to_change_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = super::require_free(port, "the service", "--port")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("--port"),
            "{error}"
        );
        drop(listener);
        super::require_free(port, "the service", "--port").unwrap();
    }

    #[test]
    fn free_ports_differ() {
        let [a, b, c] = super::free().unwrap();
        assert!(a != b && b != c && a != c);
    }
}
