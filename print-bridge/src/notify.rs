//! What a service manager is told: that we are ready, alive, stopping. Over the datagram socket it names in
//! `NOTIFY_SOCKET`; without one, nothing.

use std::time::Duration;

use tokio::time::sleep;

/// Printing can begin.
pub fn ready() {
    tell("READY=1");
}

/// The stop has begun; the label under way is still finished.
pub fn stopping() {
    tell("STOPPING=1");
}

/// Says twice per watchdog interval that we are alive, for as long as our one thread comes round.
pub async fn alive() {
    let interval = std::env::var("WATCHDOG_USEC").ok().and_then(|text| interval(&text));
    let Some(interval) = interval else { return };
    loop {
        tell("WATCHDOG=1");
        sleep(interval / 2).await;
    }
}

fn interval(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|micros| *micros > 0).map(Duration::from_micros)
}

fn tell(word: &str) {
    #[cfg(unix)]
    if let Some(socket) = std::env::var_os("NOTIFY_SOCKET")
        && let Err(error) = send(&socket, word)
    {
        tracing::debug!(%error, "the service manager cannot be told");
    }
    #[cfg(not(unix))]
    let _ = word;
}

#[cfg(unix)]
fn send(socket: &std::ffi::OsStr, word: &str) -> std::io::Result<()> {
    use std::os::unix::{ffi::OsStrExt as _, net::UnixDatagram};
    let ours = UnixDatagram::unbound()?;
    match socket.as_bytes().strip_prefix(b"@") {
        #[cfg(target_os = "linux")]
        Some(name) => {
            use std::os::{linux::net::SocketAddrExt as _, unix::net::SocketAddr};
            ours.send_to_addr(word.as_bytes(), &SocketAddr::from_abstract_name(name)?)?;
        }
        _ => drop(ours.send_to(word.as_bytes(), socket)?),
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::*;

    #[test]
    fn a_service_manager_hears_the_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        send(path.as_os_str(), "READY=1").unwrap();
        let mut heard = [0; 32];
        let length = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..length], b"READY=1");
    }

    #[test]
    fn the_interval_is_microseconds() {
        assert_eq!(interval("30000000"), Some(Duration::from_secs(30)));
        assert_eq!((interval("0"), interval("soon")), (None, None));
    }
}
