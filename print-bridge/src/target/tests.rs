use std::time::Duration;

use super::*;
use crate::driver::{Flow, UsbId};

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

#[test]
fn defaults_are_those_of_the_transport() {
    let tcp = target("tcp://10.0.0.7");
    assert_eq!((tcp.lang, tcp.dpi, tcp.media.to_string()), (Format::Zpl, 203, "100x150".to_owned()));
    assert!(matches!(tcp.route, Route::Tcp { port: 9100, confirm: Confirm::Close, probe: true, .. }));
    assert_eq!(target("dir:///labels").lang, Format::Png);
    assert_eq!(target("cnprint://127.0.0.1").lang, Format::PlatformTask);
    assert_eq!(target("discard:").lang, Format::Zpl);
}

#[test]
fn the_query_carries_what_the_printer_can_do() {
    let tcp = target("tcp://[::1]:9101?lang=tspl&dpi=300&media=76x130&timeout=3&confirm=sent&status=off");
    assert_eq!((tcp.lang, tcp.dpi, tcp.media.to_string()), (Format::Tspl, 300, "76x130".to_owned()));
    assert_eq!(tcp.patience, Duration::from_secs(3));
    let route = Route::Tcp { host: "::1".into(), port: 9101, confirm: Confirm::Sent, probe: false };
    assert_eq!(tcp.route, route);
}

#[test]
fn a_folder_may_have_spaces_and_chinese_in_its_name() {
    assert_eq!(target("dir:///面单 1").route, Route::Dir { path: "/面单 1".into() });
}

#[test]
fn a_name_may_be_chinese() {
    let printer: Printer = "打包台一=discard:?lang=png".parse().unwrap();
    assert_eq!(printer.name, "打包台一");
}

#[test]
fn what_is_wrong_is_refused_with_the_remedy() {
    let refused = |text: &str, remedy: &str| {
        let error = text.parse::<Printer>().unwrap_err().to_string();
        assert!(error.contains(remedy) && !error.is_ascii(), "{text}: {error}");
    };
    refused("tcp://10.0.0.7:9100", "NAME=TARGET");
    refused("=tcp://10.0.0.7:9100", "NAME=TARGET");
    refused("a=10.0.0.7:9100", "use tcp://host:9100");
    refused("a=dir://labels/here", "dir:///folder");
    refused("a=tcp://:9100", "use tcp://host:9100");
    refused("a=usb://04f9", "usb://0a5f:00a1");
    refused("a=usb://04f9:20zz", "usb://0a5f:00a1");
    refused("a=serial:///", "serial:///dev/ttyUSB0");
    refused("a=serial:///dev/ttyS0?baud=9", "1200");
    refused("a=ipp://host", "ipp://host/ipp/print");
    refused("a=ipp://host/p?confirm=sent", "it takes lang, dpi, media, timeout, format");
    refused("a=spool://", "spool://queue");
    refused("a=spool://a/../b", "spool://queue");
    refused("a=spool://q?server=http://h", "host:631");
    refused("a=jdprint://127.0.0.1:9113", "not known for certain");
    refused("a=xhsprint://127.0.0.1", "小红书");
    refused("a=tcp://h?dpi=600", "203 | 300");
    refused("a=tcp://h?lang=png", "zpl | tspl");
    refused("a=tcp://h?media=100", "100x150");
    refused("a=tcp://h?speed=4", "it takes lang, dpi, media");
    refused("a=discard:?timeout=4", "it takes lang, dpi, media");
}

#[test]
fn two_printers_of_one_name_are_refused() {
    let printers: Vec<Printer> = ["a=discard:", "b=discard:", "a=dir:///x"].map(|t| t.parse().unwrap()).into();
    assert_eq!(distinct(&printers), Err(TargetError::Twice("a".into())));
}

#[test]
fn devices_are_named_by_path_numbers_or_line() {
    let device = |text: &str| match target(text).route {
        Route::Device { place, probe } => (place, probe),
        other => panic!("{other:?}"),
    };
    assert_eq!(device("file:///dev/usb/lp0"), (Place::File("/dev/usb/lp0".into()), true));
    let serial = Place::Serial { path: "/dev/ttyUSB0".into(), baud: 115_200, flow: Flow::Hardware };
    assert_eq!(device("serial:///dev/ttyUSB0?baud=115200&flow=hardware&status=off"), (serial, false));
    let id = UsbId { vendor: 0x0a5f, product: 0x00a1, serial: Some("XX 1".into()) };
    assert_eq!(device("usb://0a5f:00a1/XX%201?lang=tspl").0, Place::Usb(id));
    assert_eq!(target("usb://0a5f:00a1?lang=tspl").lang, Format::Tspl);
}

#[test]
fn queues_are_found_at_a_printer_or_at_the_machines_own_cups() {
    let queue = |text: &str| match target(text).route {
        Route::Ipp { queue, format } => (queue.authority, queue.path, format),
        other => panic!("{other:?}"),
    };
    let printer = ("10.0.0.7:631".to_owned(), "/ipp/print".to_owned(), None);
    assert_eq!(queue("ipp://10.0.0.7/ipp/print"), printer);
    let named = queue("ipp://h:8631/ipp/print?format=application/vnd.zebra-zpl");
    assert_eq!(named, ("h:8631".into(), "/ipp/print".into(), Some("application/vnd.zebra-zpl".into())));
    assert_eq!(queue("spool://Zebra_1-a"), ("localhost:631".into(), "/printers/Zebra_1-a".into(), None));
    assert_eq!(queue("spool://面单?server=cups.lan").0, "cups.lan:631");
    assert_eq!(queue("spool://面单").1, "/printers/%E9%9D%A2%E5%8D%95");
}

#[test]
fn each_platforms_component_has_its_scheme() {
    let url = |text: &str| match target(text).route {
        Route::Component { url, .. } => url,
        other => panic!("{other:?}"),
    };
    assert_eq!(url("cnprint://127.0.0.1:13528"), "ws://127.0.0.1:13528/");
    assert_eq!(url("pddprint://127.0.0.1"), "ws://127.0.0.1:5000/");
    assert_eq!(url("ksprint://localhost?timeout=30"), "ws://localhost:16888/ks/printer");
    assert_eq!(target("wxprint://127.0.0.1").patience, Duration::from_secs(60));
}
