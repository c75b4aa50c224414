//! `print-bridge printers`: what there is to print on, as words ready to be given to `run --printer`.
//!
//! Each place is looked at by itself and within a time limit; one that is not there is an empty list.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent};
use tokio::{process::Command, time::timeout};

/// How long printers of the network have to answer.
pub const LISTEN: Duration = Duration::from_secs(3);
/// How long a command of the system may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What printers call the services we print by.
const SERVICES: [&str; 2] = ["_pdl-datastream._tcp.local.", "_ipp._tcp.local."];

/// Something to print on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `NAME=TARGET`.
    pub word: String,
    /// What it says of itself.
    pub about: String,
}

/// Every place there is; the network is listened to for `listen`.
pub async fn everything(listen: Duration) -> Vec<(&'static str, Vec<Found>)> {
    let network = tokio::task::spawn_blocking(move || network(listen, &SERVICES, false));
    let queues = queues().await;
    vec![
        ("USB", usb(Path::new("/dev/usb"), Path::new("/sys/class/usbmisc"))),
        ("系统队列 / queues of the system", queues),
        ("网络 / network", network.await.unwrap_or_default()),
        ("串口 / serial ports", serial()),
    ]
}

/// USB printers as Linux's own driver shows them.
fn usb(devices: &Path, classes: &Path) -> Vec<Found> {
    let Ok(entries) = fs::read_dir(devices) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with("lp"));
    names.sort();
    let found = |name: &String| {
        let id = fs::read_to_string(classes.join(name).join("device/ieee1284_id")).unwrap_or_default();
        let said = |key: &str| id.split(';').find_map(|part| part.trim().strip_prefix(key)).map(str::trim);
        let model = said("MDL:").or_else(|| said("MODEL:")).unwrap_or_default();
        let lang = said("CMD:").or_else(|| said("COMMAND SET:")).and_then(lang_of).unwrap_or_default();
        let path = devices.join(name);
        Found { word: format!("{}=file://{}{lang}", tidy(model, name), path.display()), about: model.to_owned() }
    };
    names.iter().map(found).collect()
}

/// The language a printer says it takes, as a parameter; nothing where it says none of ours.
fn lang_of(commands: &str) -> Option<&'static str> {
    let commands = commands.to_ascii_uppercase();
    [("ZPL", "?lang=zpl"), ("TSPL", "?lang=tspl")]
        .into_iter()
        .find_map(|(word, parameter)| commands.contains(word).then_some(parameter))
}

/// Queues of the printing system: CUPS, or the Windows spooler.
async fn queues() -> Vec<Found> {
    if cfg!(windows) {
        let script = "Get-Printer | Select-Object -ExpandProperty Name";
        return spooler(&output("powershell", &["-NoProfile", "-Command", script]).await);
    }
    cups(&output("lpstat", &["-v"]).await)
}

async fn output(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    // The answer of `lpstat` is read by its English words.
    command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(Err(_)) | Err(_) => String::new(),
    }
}

/// `device for NAME: URI`, a line per queue.
fn cups(text: &str) -> Vec<Found> {
    let queue = |line: &str| {
        let (name, device) = line.strip_prefix("device for ")?.split_once(": ")?;
        let word = format!("{}=ipp://localhost:631/printers/{name}", tidy(name, "queue"));
        Some(Found { word, about: device.trim().to_owned() })
    };
    text.lines().filter_map(queue).collect()
}

fn spooler(text: &str) -> Vec<Found> {
    let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let queue = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
            Found { word: format!("{}=spool://{queue}", tidy(name, "queue")), about: name.to_owned() }
        })
        .collect()
}

fn serial() -> Vec<Found> {
    let ports = serialport::available_ports().unwrap_or_default();
    let found = |port: serialport::SerialPortInfo| {
        let about = match &port.port_type {
            serialport::SerialPortType::UsbPort(usb) => usb.product.clone().unwrap_or_else(|| "USB".to_owned()),
            serialport::SerialPortType::BluetoothPort => "Bluetooth".to_owned(),
            serialport::SerialPortType::PciPort | serialport::SerialPortType::Unknown => String::new(),
        };
        let short = port.port_name.rsplit('/').next().unwrap_or("serial").to_owned();
        let slash = if port.port_name.starts_with('/') { "//" } else { "///" };
        Found { word: format!("{}=serial:{slash}{}?baud=9600", tidy(&short, "serial"), port.port_name), about }
    };
    ports.into_iter().map(found).collect()
}

/// Printers that answer on the local network within `listen`. On this machine itself only with `loopback`.
#[must_use]
pub fn network(listen: Duration, services: &[&str], loopback: bool) -> Vec<Found> {
    let Ok(daemon) = ServiceDaemon::new() else { return Vec::new() };
    if loopback {
        let _ = daemon.enable_interface(mdns_sd::IfKind::LoopbackV4);
    }
    let end = Instant::now() + listen;
    let receivers: Vec<_> = services.iter().filter_map(|service| daemon.browse(service).ok()).collect();
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    while Instant::now() < end {
        let mut heard = false;
        for receiver in &receivers {
            while let Ok(event) = receiver.try_recv() {
                heard = true;
                if let ServiceEvent::ServiceResolved(service) = event
                    && let Some(printer) = printer(&service)
                {
                    found.insert(printer.word.clone(), printer);
                }
            }
        }
        if !heard {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let _ = daemon.shutdown();
    found.into_values().collect()
}

fn printer(service: &ResolvedService) -> Option<Found> {
    let address = service.get_addresses_v4().into_iter().next()?;
    let property = |name: &str| service.get_property_val_str(name).unwrap_or_default();
    let full = service.get_fullname();
    let instance = full.split_once("._").map_or(full, |(instance, _)| instance);
    let about = if property("ty").is_empty() { instance } else { property("ty") };
    let name = tidy(instance, "printer");
    let port = service.get_port();
    let word = match full.contains("._ipp._tcp") {
        true => format!("{name}=ipp://{address}:{port}/{}", property("rp").trim_start_matches('/')),
        false => format!("{name}=tcp://{address}:{port}"),
    };
    Some(Found { word, about: about.to_owned() })
}

/// A name that can stand before the `=` and be typed.
fn tidy(text: &str, otherwise: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '-' }).collect();
    let short: Vec<&str> = kept.split('-').filter(|part| !part.is_empty()).collect();
    let name = short.join("-").to_lowercase();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(found: &[Found]) -> Vec<&str> {
        for found in found {
            assert!(found.word.parse::<crate::target::Printer>().is_ok(), "{} cannot be given to run", found.word);
        }
        found.iter().map(|found| found.word.as_str()).collect()
    }

    #[test]
    fn usb_printers_are_named_by_what_they_say_of_themselves() {
        let (devices, classes) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["lp1", "lp0", "hiddev0"] {
            fs::write(devices.path().join(name), "").unwrap();
        }
        let about = classes.path().join("lp0/device");
        fs::create_dir_all(&about).unwrap();
        fs::write(about.join("ieee1284_id"), "MFG:Gprinter;CMD:XPP,TSPL;MDL:GP-1324D;CLS:PRINTER;").unwrap();
        let found = usb(devices.path(), classes.path());
        let at = devices.path().display();
        assert_eq!(words(&found), [format!("gp-1324d=file://{at}/lp0?lang=tspl"), format!("lp1=file://{at}/lp1")]);
        assert_eq!(found[0].about, "GP-1324D");
        assert!(usb(&devices.path().join("none"), classes.path()).is_empty());
    }

    #[test]
    fn queues_of_cups_and_of_the_spooler_are_read() {
        let found = cups("device for zpl_raw: socket://10.0.0.9:9100\nno such line\ndevice for PDF: cups-pdf:/\n");
        assert_eq!(
            words(&found),
            ["zpl-raw=ipp://localhost:631/printers/zpl_raw", "pdf=ipp://localhost:631/printers/PDF"]
        );
        assert_eq!(found[0].about, "socket://10.0.0.9:9100");
        // Such names are the Windows spooler's alone.
        let found: Vec<String> =
            spooler("HP LaserJet\r\n\r\n打印机 1\r\n").into_iter().map(|found| found.word).collect();
        assert_eq!(found, ["hp-laserjet=spool://HP%20LaserJet", "打印机-1=spool://%E6%89%93%E5%8D%B0%E6%9C%BA%201"]);
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_finds_nothing() {
        assert_eq!(output("no-such-command-anywhere", &[]).await, "");
    }

    #[test]
    fn a_printer_of_the_network_is_found_within_its_time() {
        let daemon = ServiceDaemon::new().unwrap();
        daemon.enable_interface(mdns_sd::IfKind::LoopbackV4).unwrap();
        let kind = "_huidan-try._tcp.local.";
        let about = [("ty", "Zebra ZD421")];
        let service =
            mdns_sd::ServiceInfo::new(kind, "Packing 1", "packing-1.local.", "127.0.0.1", 9100, &about[..]).unwrap();
        daemon.register(service).unwrap();
        let started = Instant::now();
        let mut found = Vec::new();
        while found.is_empty() && started.elapsed() < Duration::from_secs(20) {
            found = network(Duration::from_secs(2), &[kind], true);
        }
        daemon.shutdown().unwrap();
        assert_eq!(words(&found), ["packing-1=tcp://127.0.0.1:9100"]);
        assert_eq!(found[0].about, "Zebra ZD421");
    }
}
