//! Spin's SQLite, oddities included, seen from inside a component.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

mod common;

use common::{Host, eventually};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_statement_of_a_string_runs() {
    let host = Host::start().await;
    let told =
        host.sql("CREATE TABLE t (x); INSERT INTO t VALUES (1)\nSELECT count(*) FROM t\nSELECT 1; nonsense").await;
    assert_eq!(told, "\n0\n1\nchanges 0 rowid 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_are_on_and_errors_are_sqlites_own() {
    let host = Host::start().await;
    let told = host
        .sql("CREATE TABLE a (id INTEGER PRIMARY KEY)\nCREATE TABLE b (a REFERENCES a (id))\nINSERT INTO b VALUES (7)\nSELEC 1\nSELECT ?")
        .await;
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[2].contains("FOREIGN KEY constraint failed"), "{told}");
    assert!(lines[3].contains("syntax error"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_cannot_be_attached_nor_copied_out() {
    let host = Host::start().await;
    let told = host.sql("ATTACH 'x.db' AS x\nCREATE TABLE t (x)\nVACUUM INTO 'y.db'\nATTACH ':memory:' AS m").await;
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].contains("not authorized"), "{told}");
    assert!(lines[2].contains("authorization denied"), "{told}");
    assert_eq!(lines[3], "", "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_is_not_granted_is_denied() {
    let host = Host::start().await;
    assert_eq!(host.post("/probe/sql?db=other", "").await.body, "open Error::AccessDenied");
    assert_eq!(host.post("/bare/sql?db=default", "").await.body, "open Error::AccessDenied");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_files_of_their_own() {
    let host = Host::start().await;
    host.sql("CREATE TABLE t (x)").await;
    let told = host.post("/probe/sql?db=edge", "SELECT count(*) FROM sqlite_schema").await.body;
    assert!(told.starts_with("0\n"), "{told}");
    assert!(host.folder.path().join("state/edge.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_may_have_256_connections() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/many?n=256").await.body, "256 open");
    assert!(host.get("/probe/many?n=257").await.body.starts_with("256 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_statement_waits_for_the_rows_of_the_first_and_four_are_in_flight() {
    let host = Host::with(|o| o.limits.outside = Duration::from_millis(700)).await;
    assert_eq!(host.get("/probe/undrained?rows=4").await.body, "second Ok(1)");
    assert_eq!(host.get("/probe/undrained?rows=6&take=2").await.body, "second Ok(1)");
    assert_eq!(host.get("/probe/undrained?rows=5").await.status, 504);
    assert_eq!(host.get("/probe/undrained?rows=9000&take=10").await.status, 504);
    // The next request has a connection of its own.
    assert_eq!(host.get("/probe/undrained?rows=4").await.body, "second Ok(1)");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nobody_takes_are_an_error_of_their_statement() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/undrained?rows=4&drop=yes").await.body, "dropped Ok(())");
    assert!(host.get("/probe/undrained?rows=40&drop=yes").await.body.contains("row send error"));
    assert!(host.get("/probe/undrained?rows=9000&drop=yes").await.body.contains("row send error"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_result_arrives_whole() {
    let host = Host::start().await;
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n";
    for _ in 0..3 {
        let told = host.sql(count).await;
        let rows: Vec<_> = told.lines().next().expect("rows").split('|').collect();
        assert_eq!((rows.len(), rows[0], rows[19_999]), (20_000, "1", "20000"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_comes_back_as_it_went_in() {
    let host = Host::start().await;
    let told = host.sql("SELECT 9223372036854775807, 1.5, '汇单', x'00ff', NULL").await;
    assert!(told.starts_with("9223372036854775807,1.5,汇单,[0, 255],null\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_connection_rolls_back_and_lets_the_next_write() {
    let host = Host::start().await;
    host.sql("PRAGMA journal_mode = wal\nCREATE TABLE t (x)").await;
    host.sql("BEGIN IMMEDIATE\nINSERT INTO t VALUES (1)").await;
    let told = host.sql("SELECT count(*) FROM t\nINSERT INTO t VALUES (2)\nSELECT count(*) FROM t").await;
    assert!(told.starts_with("0\n\n1\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_guest_sets_on_its_connection_the_next_does_not_find() {
    let host = Host::start().await;
    host.sql("PRAGMA journal_mode = wal\nPRAGMA synchronous = off\nPRAGMA busy_timeout = 7\nCREATE TABLE t (x)\nINSERT INTO t VALUES (1)")
        .await;
    let told = host.sql("PRAGMA synchronous\nPRAGMA busy_timeout").await;
    assert!(told.starts_with("2\n5000\n"), "{told}");
    assert!(told.ends_with("changes 0 rowid 0"), "{told}");
    host.sql("PRAGMA foreign_keys = off\nCREATE TEMP TABLE mine (x)").await;
    let told = host.sql("PRAGMA foreign_keys\nSELECT count(*) FROM sqlite_temp_schema").await;
    assert!(told.starts_with("1\n0\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_take_turns_and_none_is_told_that_the_database_is_locked() {
    let host = Host::start().await;
    host.sql("PRAGMA journal_mode = wal\nCREATE TABLE n (i INTEGER)\nINSERT INTO n VALUES (0)").await;
    let add = "BEGIN IMMEDIATE\nUPDATE n SET i = i + 1\nCOMMIT\n".repeat(5);
    let all = (0..64).map(|_| host.sql(&add));
    for told in futures::future::join_all(all).await {
        assert!(!told.contains("Error"), "{told}");
    }
    let told = host.sql("SELECT i FROM n").await;
    assert!(told.starts_with("320\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_waited_too_long_is_told_that_the_database_is_locked() {
    let host = Host::start().await;
    host.sql("PRAGMA journal_mode = wal\nCREATE TABLE t (x)").await;
    let holder = host.sql("BEGIN IMMEDIATE\nINSERT INTO t VALUES (1)\nsleep 1500\nCOMMIT");
    let other = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        let told = host.sql("PRAGMA busy_timeout = 200\nINSERT INTO t VALUES (2)\nSELECT count(*) FROM t").await;
        (told, began.elapsed())
    };
    let (_, (told, took)) = tokio::join!(holder, other);
    assert!(told.contains("database is locked"), "{told}");
    // Reading did not wait, and the waiting was as long as was asked for.
    assert!(told.contains("\n0\n") && took < Duration::from_millis(1000), "{told} {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_may_go_on_writing_after_its_answer() {
    let host = Host::start().await;
    host.sql("CREATE TABLE t (x)").await;
    assert_eq!(host.get("/probe/later?ms=200").await.body, "soon");
    assert!(host.sql("SELECT count(*) FROM t").await.starts_with("0\n"));
    eventually(async || host.sql("SELECT count(*) FROM t WHERE x = 'later'").await.starts_with("1\n")).await;
}
