//! What `cargo hub fuzz` and `cargo hub day` start, and what they make of how it ends. The programs themselves are
//! played by shell scripts here.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by it")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

/// A folder that looks like a workspace with two channels, the second of which does not hold.
fn stage() -> tempfile::TempDir {
    let stage = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = stage.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    write("Cargo.toml", "[workspace]\n");
    for channel in ["good", "ill"] {
        write(&format!("functions/channel/{channel}/Cargo.toml"), "");
    }
    let result = "test result: ok. $passed passed; 0 failed; 0 ignored; 0 measured; 9 filtered out";
    write(
        "cargo",
        &format!(
            "#!/bin/sh\necho \"$HUIDAN_FUZZ_SECONDS cargo $*\" >> log\npassed=1\n\
             case \"$*\" in *channel-ill*) passed=0;; esac\necho \"{result}\"\n"
        ),
    );
    write("target/native/huidan-day", "#!/bin/sh\necho \"day $*\" >> log\nexit 3\n");
    stage
}

fn hub(stage: &tempfile::TempDir, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.args(arguments).current_dir(stage.path()).env_remove("HUIDAN_FUZZ_SECONDS");
    command.env("CARGO_MANIFEST_DIR", stage.path()).env("CARGO_TARGET_DIR", stage.path().join("target"));
    let output = command.env("CARGO", stage.path().join("cargo")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), said, fs::read_to_string(stage.path().join("log")).unwrap())
}

#[test]
fn each_channel_is_fuzzed_as_long_as_was_said_and_one_without_the_test_counts_as_fallen() {
    let (code, said, log) = hub(&stage(), &["fuzz", "--seconds", "7"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("FAILED: channel-ill\n"), "{said}");
    assert!(said.ends_with("7 s for each channel: 1 held, 1 failed\n"), "{said}");
    let test = "--test contract -p channel-good -- it_keeps_the_contract_of_a_channel --exact";
    assert!(log.contains(&format!("7 cargo test --quiet --profile native {test}")), "{log}");

    let (code, said, log) = hub(&stage(), &["fuzz", "good"]);
    assert_eq!(code, 0, "{said}");
    assert!(log.contains("60 cargo test") && !log.contains("channel-ill"), "{log}");
}

#[test]
fn the_day_is_lived_as_large_as_was_said_and_its_exit_code_is_ours() {
    let (code, said, log) = hub(&stage(), &["day", "--seeds", "2"]);
    assert_eq!(code, 3, "{said}");
    assert!(log.contains("cargo build --profile native -p huidan-day\n"), "{log}");
    assert!(log.ends_with("day --seeds 2 --orders 10000\n"), "{log}");
}
