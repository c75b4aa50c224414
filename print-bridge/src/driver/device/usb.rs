//! Finds a USB printer by its numbers: the kernel's printer class driver (`usblp`) gives each a device file, whose
//! number changes with the order of plugging in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A printer's numbers, as `lsusb` shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbId {
    /// Vendor.
    pub vendor: u16,
    /// Product.
    pub product: u16,
    /// Serial number; needed where two of one kind are plugged in.
    pub serial: Option<String>,
}

impl UsbId {
    /// Reads `04f9:2042` or `04f9:2042/SERIAL`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (ids, serial) = match text.split_once('/') {
            Some((ids, serial)) => (ids, Some(serial).filter(|serial| !serial.is_empty())),
            None => (text, None),
        };
        let (vendor, product) = ids.split_once(':')?;
        let number = |hex: &str| {
            let digits = (1..=4).contains(&hex.len()) && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
            u16::from_str_radix(hex, 16).ok().filter(|_| digits)
        };
        Some(Self { vendor: number(vendor)?, product: number(product)?, serial: serial.map(str::to_owned) })
    }
}

/// The device file of a printer. Two that fit are an error: the wrong one must not print.
pub(super) fn find(id: &UsbId, class: &Path, dev: &Path) -> io::Result<PathBuf> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(class) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(io::ErrorKind::NotFound.into()),
        Err(error) => return Err(error),
    };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("lp")) {
        // `device` is the interface; the numbers are those of the device above it.
        let Ok(interface) = fs::canonicalize(entry.path().join("device")) else { continue };
        let Some(device) = interface.parent() else { continue };
        if fits(id, device) {
            found.push(node(&entry.path(), dev));
        }
    }
    found.sort();
    match (found.pop(), found.pop()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(io::ErrorKind::NotFound.into()),
        (Some(_), Some(_)) => {
            Err(io::Error::other("two printers of this kind: add /SERIAL to the target, as lsusb -v shows it"))
        }
    }
}

fn fits(id: &UsbId, device: &Path) -> bool {
    let text = |name| fs::read_to_string(device.join(name)).unwrap_or_default();
    let number = |name| u16::from_str_radix(text(name).trim(), 16).ok();
    number("idVendor") == Some(id.vendor)
        && number("idProduct") == Some(id.product)
        && id.serial.as_ref().is_none_or(|serial| text("serial").trim() == serial)
}

/// `DEVNAME=usb/lp0` where the kernel says it, otherwise the name it always was.
fn node(entry: &Path, dev: &Path) -> PathBuf {
    let said = fs::read_to_string(entry.join("uevent")).unwrap_or_default();
    let said = said.lines().find_map(|line| line.strip_prefix("DEVNAME=")).map(str::to_owned);
    let name = entry.file_name().unwrap_or_default().to_string_lossy();
    dev.join(said.unwrap_or_else(|| format!("usb/{name}")))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A part of `/sys` as the kernel lays it out: a class entry that leads to an interface below its device.
    fn plug(root: &Path, port: &str, node: &str, ids: (&str, &str, &str)) {
        let device = root.join("devices/usb1").join(port);
        let interface = device.join(format!("{port}:1.0"));
        let entry = interface.join("usbmisc").join(node);
        fs::create_dir_all(&entry).unwrap();
        for (name, value) in [("idVendor", ids.0), ("idProduct", ids.1), ("serial", ids.2)] {
            fs::write(device.join(name), format!("{value}\n")).unwrap();
        }
        symlink(&interface, entry.join("device")).unwrap();
        fs::write(entry.join("uevent"), format!("MAJOR=180\nMINOR=0\nDEVNAME=usb/{node}\n")).unwrap();
        let class = root.join("class/usbmisc");
        fs::create_dir_all(&class).unwrap();
        symlink(&entry, class.join(node)).unwrap();
    }

    fn found(root: &Path, id: &str) -> io::Result<PathBuf> {
        find(&UsbId::parse(id).unwrap(), &root.join("class/usbmisc"), Path::new("/dev"))
    }

    #[test]
    fn numbers_are_hexadecimal_and_a_serial_may_follow() {
        let id = UsbId::parse("0a5f:00a1/XXZ 1").unwrap();
        assert_eq!((id.vendor, id.product, id.serial.as_deref()), (0x0a5f, 0x00a1, Some("XXZ 1")));
        for wrong in ["", "0a5f", "0a5f:", "0a5f:zz", "12345:1", "0a5f:+1", ":1"] {
            assert_eq!(UsbId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_printer_is_found_wherever_it_is_plugged_in() {
        let root = tempfile::tempdir().unwrap();
        plug(root.path(), "1-1", "lp1", ("0a5f", "00a1", "AAA"));
        plug(root.path(), "1-2", "lp0", ("1203", "0160", "BBB"));
        plug(root.path(), "1-3", "hiddev0", ("1203", "0999", "CCC"));
        assert_eq!(found(root.path(), "0a5f:00a1").unwrap(), Path::new("/dev/usb/lp1"));
        assert_eq!(found(root.path(), "1203:160/BBB").unwrap(), Path::new("/dev/usb/lp0"));
        for away in ["1203:0160/AAA", "04f9:2042", "1203:0999"] {
            assert_eq!(found(root.path(), away).unwrap_err().kind(), io::ErrorKind::NotFound, "{away}");
        }
    }

    #[test]
    fn of_two_that_fit_neither_prints_until_the_serial_says_which() {
        let root = tempfile::tempdir().unwrap();
        plug(root.path(), "1-1", "lp0", ("1203", "0160", "AAA"));
        plug(root.path(), "1-2", "lp1", ("1203", "0160", "BBB"));
        assert!(found(root.path(), "1203:0160").unwrap_err().to_string().contains("SERIAL"));
        assert_eq!(found(root.path(), "1203:0160/BBB").unwrap(), Path::new("/dev/usb/lp1"));
    }

    #[test]
    fn a_machine_without_usb_printers_has_none() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(found(root.path(), "1203:0160").unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
