use crate::web::until;
use huidan_platforms::printer::{Mode, Piece, labels, next_piece};
use huidan_platforms::{Options, Platforms, Running, sign};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ZPL: &[u8] = b"^XA^PW812^FO20,20^BCN,100^FDSF1400000000013^FS^XZ\n";

async fn start() -> (Running, TcpStream) {
    let running = Platforms::start(Options::default()).await.unwrap();
    let stream = TcpStream::connect(&running.addresses().printer).await.unwrap();
    (running, stream)
}

#[tokio::test]
async fn a_job_is_kept_byte_for_byte_and_each_label_counted() {
    let (running, mut stream) = start().await;
    let tspl: &[u8] = b"SIZE 100 mm,150 mm\r\nCLS\r\nBITMAP 0,0,1,3,0,\x0a\x00\xff\r\nPRINT 1,1\r\n";
    for part in [&ZPL[..10], &ZPL[10..], tspl] {
        stream.write_all(part).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream.shutdown().await.unwrap();
    until(|| running.ledger().jobs.first().is_some_and(|j| j.ended == "closed")).await;
    let all = [ZPL, tspl].concat();
    let ledger = running.ledger();
    assert_eq!((ledger.jobs[0].labels, &ledger.jobs[0].sha256), (2, &sign::sha256_hex(&all)));
    assert_eq!(running.job_bytes(0), all);
    let languages: Vec<&str> = ledger.paper.iter().map(|p| p.language).collect();
    assert_eq!(languages, ["zpl", "tspl"]);
    assert_eq!(labels(&all).len(), 2);
}

#[tokio::test]
async fn host_status_is_answered_in_three_lines_unless_media_is_out() {
    let (running, mut stream) = start().await;
    stream.write_all(b"~HS").await.unwrap();
    let mut answer = vec![0; 256];
    let count = stream.read(&mut answer).await.unwrap();
    assert_eq!(answer[..count].iter().filter(|b| **b == 2).count(), 3);
    running.printer(Mode::Silence);
    tokio::time::sleep(Duration::from_millis(250)).await;
    stream.write_all(b"~HS").await.unwrap();
    stream.write_all(ZPL).await.unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(300), stream.read(&mut answer)).await;
    assert!(silent.is_err(), "nothing comes back");
    assert!(running.ledger().paper.is_empty());
}

#[tokio::test]
async fn a_reset_after_n_bytes_leaves_on_paper_what_was_whole() {
    let (running, mut stream) = start().await;
    running.printer(Mode::ResetAfter { bytes: ZPL.len() + 5 });
    tokio::time::sleep(Duration::from_millis(250)).await;
    stream.write_all(&[ZPL, ZPL].concat()).await.unwrap();
    let mut answer = [0; 8];
    let end = stream.read(&mut answer).await;
    assert_eq!(end.map_err(|e| e.kind()), Err(std::io::ErrorKind::ConnectionReset));
    until(|| running.ledger().jobs[0].ended == "reset").await;
    assert_eq!(running.ledger().paper.len(), 1);
}

#[tokio::test]
async fn a_printer_that_stops_reading_keeps_the_connection_and_blocks_the_next() {
    let (running, mut stream) = start().await;
    running.printer(Mode::StopReading { bytes: 10 });
    tokio::time::sleep(Duration::from_millis(250)).await;
    stream.write_all(ZPL).await.unwrap();
    until(|| running.ledger().jobs.first().is_some_and(|j| j.bytes == 10)).await;
    let mut second = TcpStream::connect(&running.addresses().printer).await.unwrap();
    second.write_all(b"~HS").await.unwrap();
    let mut answer = [0; 8];
    assert!(tokio::time::timeout(Duration::from_millis(300), second.read(&mut answer)).await.is_err());
    running.printer(Mode::Normal);
    until(|| running.ledger().paper.len() == 1).await;
    drop(stream);
    assert!(second.read(&mut answer).await.unwrap() > 0, "the next is served once the first has gone");
}

#[test]
fn a_label_is_cut_at_its_end_and_not_inside_a_bitmap() {
    let zpl = b"~SD15^XA^FO10,10^FDone^FS^PQ2^XZ\r\n^XA^FDtwo^FS^XZ~HS";
    let found = labels(zpl);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].1, b"^XA^FO10,10^FDone^FS^PQ2^XZ");
    let binary = b"^XA^GFB,8,8,1,PR^XZ\n\n\n^FS^XZ";
    assert_eq!(labels(binary).len(), 1);
    assert_eq!(labels(binary)[0].1, binary);
    let tspl = b"SIZE 100 mm,150 mm\r\nCLS\r\nBITMAP 0,0,2,4,0,PRINT 1\n\r\nPRINT 1,2\r\nSIZE 76 mm,130 mm\r\nCLS\r\nPRINT 1\r\n";
    assert_eq!(labels(tspl).len(), 2);
}

#[test]
fn half_a_label_is_no_label() {
    assert!(labels(b"^XA^FO10,10^FDone").is_empty());
    assert!(labels(b"SIZE 100 mm,150 mm\r\nBITMAP 0,0,2,400,0,\x00\x00\nPRINT 1\r\n").is_empty());
    assert_eq!(next_piece(b"^X"), None);
}

#[test]
fn copies_are_counted() {
    assert!(matches!(next_piece(b"^XA^PQ3^XZ"), Some((Some(Piece::Label("zpl", _, 3)), 10))));
    assert!(matches!(next_piece(b"CLS\nPRINT 2,3\n"), Some((Some(Piece::Label("tspl", _, 6)), 14))));
}
