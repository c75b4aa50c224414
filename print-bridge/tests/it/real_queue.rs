//! A real CUPS and a real IPP printer (`ippeveprinter`), each private to its test: own folder, own port, own bus.

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use tokio::{io::AsyncReadExt as _, net::TcpListener};

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub, zpl},
    sink::nobody,
    until,
};

/// Programs of CUPS: the machine's own, or those that `cargo hub setup` unpacks beside what is built.
struct Tools {
    root: PathBuf,
}

impl Tools {
    fn find() -> Option<Self> {
        let built = Path::new(env!("CARGO_BIN_EXE_print-bridge")).parent()?.parent()?.join("cups");
        let whole = |root: &Path| {
            let there = |name: &str| root.join("usr").join(name).exists();
            there("sbin/cupsd") && there("sbin/lpadmin") && (there("sbin/ippeveprinter") || there("bin/ippeveprinter"))
        };
        [PathBuf::from("/"), built].into_iter().find(|root| whole(root)).map(|root| Self { root })
    }

    /// Or says, past the harness that keeps back what tests print, that nothing was tested.
    fn or_not_run(what: &str) -> Option<Self> {
        let found = Self::find().filter(|tools| tools.program("dbus-daemon").is_some());
        if found.is_none() {
            let line = format!("\nNOT RUN: print-bridge with {what} (cargo hub setup gets it on Debian)\n");
            std::io::stdout().write_all(line.as_bytes()).unwrap();
        }
        found
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        let roots = [self.root.clone(), PathBuf::from("/")];
        let places = roots.iter().flat_map(|root| ["usr/sbin", "usr/bin"].map(|bin| root.join(bin).join(name)));
        places.into_iter().find(|path| path.exists())
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.program(name).unwrap());
        if self.root != Path::new("/") {
            let folders = fs::read_dir(self.root.join("usr/lib")).unwrap().flatten().map(|entry| entry.path());
            let libraries = folders.filter(|path| path.to_string_lossy().ends_with("-linux-gnu"));
            command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A program that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Takes what comes on port 9100, connection after connection.
async fn sink() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, got) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let mine = Arc::clone(&got);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut piece).await {
                mine.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        }
    });
    (address, got)
}

/// Labels with every byte there is in them, so that nothing that touches them goes unseen.
fn labels() -> Vec<Vec<u8>> {
    let mut binary = b"^XA^FO0,0^GFB,256,256,16,".to_vec();
    binary.extend(0..=255_u8);
    binary.extend_from_slice(b"^FS^FX\r\n%!PS\n%PDF-1.4\n^FS^XZ");
    vec![zpl("job-a-1", 90_000), binary, zpl("job-a-3", 10)]
}

fn bench(target: &str) -> (Hub, Setup, tempfile::TempDir) {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={target}")]);
    assert!(setup.pair(CODE).status.success());
    for (at, label) in labels().into_iter().enumerate() {
        hub.queue_one("p", "a", (u32::try_from(at + 1).unwrap(), 3), "zpl", label);
    }
    (hub, setup, folder)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A CUPS that knows nobody and is known to nobody.
async fn cups(tools: &Tools, work: &Path, printer: SocketAddr) -> (Running, SocketAddr) {
    // Run by root, it prints as `nobody`, who must get here.
    fs::set_permissions(work, fs::Permissions::from_mode(0o755)).unwrap();
    let own = |name: &str| work.join(name).display().to_string();
    let (server, shipped) = (work.join("lib"), tools.root.join("usr/lib/cups"));
    let copied = Command::new("cp").arg("-rL").arg(&shipped).arg(&server).status().unwrap();
    assert!(copied.success());
    let backend = server.join("backend/socket");
    if !backend.exists() {
        fs::copy(shipped.join("backend-available/socket"), &backend).unwrap();
    }
    for folder in ["spool/tmp", "cache", "run"] {
        fs::create_dir_all(work.join(folder)).unwrap();
    }
    let (root, share) = (own("etc"), tools.root.join("usr/share/cups"));
    write(
        &work.join("etc/cups-files.conf"),
        &format!(
            "ServerRoot {root}\nServerBin {}\nDataDir {}\nRequestRoot {}\nTempDir {}\nCacheDir {}\nStateDir {}\n\
             AccessLog {}\nErrorLog {}\nPageLog {}\nUser nobody\nGroup nogroup\nSystemGroup root\n",
            server.display(),
            share.display(),
            own("spool"),
            own("spool/tmp"),
            own("cache"),
            own("run"),
            own("access"),
            own("error"),
            own("page"),
        ),
    );
    let address = nobody();
    write(
        &work.join("etc/cupsd.conf"),
        &format!(
            "LogLevel info\nListen {address}\nBrowsing Off\nDefaultAuthType None\nWebInterface No\n\
             ErrorPolicy abort-job\n<Location />\nOrder allow,deny\nAllow all\n</Location>\n\
             <Policy default>\n<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n"
        ),
    );
    let mut cupsd = tools.command("cupsd");
    cupsd.arg("-f").args(["-c", &own("etc/cupsd.conf"), "-s", &own("etc/cups-files.conf")]);
    let running = Running(cupsd.spawn().unwrap());
    let queue = format!("socket://{printer}");
    let made = || async {
        let mut lpadmin = tools.command("lpadmin");
        lpadmin.args(["-h", &address.to_string(), "-p", "labels", "-E", "-v", &queue, "-m", "raw"]);
        lpadmin.args(["-o", "printer-error-policy=abort-job"]);
        lpadmin.status().unwrap().success().then_some(())
    };
    until("cupsd to make a raw queue", made).await;
    (running, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cups_queue_hands_every_label_to_the_printer_byte_for_byte() {
    let Some(tools) = Tools::or_not_run("a real CUPS queue") else { return };
    let work = tempfile::tempdir().unwrap();
    let (printer, got) = sink().await;
    let (_cups, server) = cups(&tools, work.path(), printer).await;
    let (hub, setup, _folder) = bench(&format!("spool://labels?server={server}&timeout=60"));
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    assert!(*got.lock().unwrap() == labels().concat(), "CUPS changed something");
    assert!(hub.job("job-a-2").detail.contains("completed"), "{}", hub.job("job-a-2").detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cups_queue_that_is_stopped_gets_nothing_until_it_is_enabled() {
    let Some(tools) = Tools::or_not_run("a real CUPS queue") else { return };
    let work = tempfile::tempdir().unwrap();
    let (printer, got) = sink().await;
    let (_cups, server) = cups(&tools, work.path(), printer).await;
    let say = |what: &str| {
        let told = tools.command(what).args(["-h", &server.to_string(), "labels"]).status().unwrap();
        assert!(told.success(), "{what}");
    };
    say("cupsdisable");
    let (hub, setup, _folder) = bench(&format!("spool://labels?server={server}&timeout=60"));
    let _bridge = setup.start();
    until("the hub to see it", || async { (hub.memory().printers[0]["status"] == "offline").then_some(()) }).await;
    assert!(got.lock().unwrap().is_empty());
    say("cupsenable");
    hub.all(&["done"]).await;
    assert!(*got.lock().unwrap() == labels().concat());
}

/// A bus of its own, since the IPP printer will not start without one to announce itself on.
fn bus(tools: &Tools, work: &Path) -> (Running, String) {
    let address = format!("unix:path={}", work.join("bus").display());
    write(
        &work.join("bus.conf"),
        &format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
             <busconfig><type>custom</type><listen>{address}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\"/><allow own=\"*\"/>\
             <allow receive_sender=\"*\"/></policy></busconfig>\n"
        ),
    );
    let mut daemon = tools.command("dbus-daemon");
    daemon.arg(format!("--config-file={}", work.join("bus.conf").display())).args(["--nofork", "--nopidfile"]);
    (Running(daemon.spawn().unwrap()), address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_ipp_printer_takes_every_label_byte_for_byte() {
    let Some(tools) = Tools::or_not_run("a real IPP printer (ippeveprinter)") else { return };
    let work = tempfile::tempdir().unwrap();
    let (_bus, bus) = bus(&tools, work.path());
    until("the bus", || async { work.path().join("bus").exists().then_some(()) }).await;
    let (spool, address) = (work.path().join("spool"), nobody());
    fs::create_dir(&spool).unwrap();
    let mut printer = tools.command("ippeveprinter");
    printer.env("DBUS_SYSTEM_BUS_ADDRESS", bus).args(["-n", "localhost", "-r", "off", "-k"]);
    printer.args(["-p", &address.port().to_string(), "-d"]).arg(&spool);
    printer.args(["-c", "/bin/true", "-f", "application/vnd.zebra-zpl,application/pdf", "Huidan"]);
    let _printer = Running(printer.spawn().unwrap());
    let (hub, setup, _folder) = bench(&format!("ipp://127.0.0.1:{}/ipp/print?timeout=60", address.port()));
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    // `1-huidan-job-a-1-1.dat`: its own number first; `.prn` beside it is what its command, which is none, made of it.
    let mut stored: Vec<_> = fs::read_dir(&spool).unwrap().map(|entry| entry.unwrap().path()).collect();
    stored.retain(|path| path.extension().is_none_or(|extension| extension != "prn"));
    stored.sort();
    let stored: Vec<_> = stored.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(stored == labels(), "stored {:?}", stored.iter().map(Vec::len).collect::<Vec<_>>());
}
