//! The rules of the house, kept by reading folders, manifests and sources.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

use huidan_it::workspace;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

const PROVIDERS: &[&str] = &[
    "taobao",
    "tmall",
    "pinduoduo",
    "douyin",
    "kuaishou",
    "xiaohongshu",
    "wechat",
    "shopify",
    "woocommerce",
    "amazon",
    "cainiao",
    "shunfeng",
    "yunda",
    "kdniao",
    "kuaidi100",
    "jtexpress",
];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folders(under: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(under).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

fn functions() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for role in folders(&workspace().join("functions")) {
        for function in folders(&role) {
            let id = format!("{}-{}", name(&role), name(&function));
            found.push((id, function));
        }
    }
    assert!(found.len() > 15, "{found:?}");
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn sources(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && name(&path) != "target" {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

fn manifest(folder: &Path) -> Table {
    read(&folder.join("Cargo.toml")).parse().unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

fn spin() -> Table {
    read(&workspace().join("spin.toml")).parse().unwrap()
}

fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut tables = vec![manifest.get("dependencies")];
    for target in manifest.get("target").and_then(|t| t.as_table()).into_iter().flat_map(|t| t.values()) {
        tables.push(target.get("dependencies"));
    }
    for table in tables.into_iter().flatten().filter_map(|table| table.as_table()) {
        names.extend(table.keys().cloned());
    }
    names
}

#[test]
fn one_name_leads_from_the_folder_to_the_component() {
    let spin = spin();
    let components: BTreeSet<String> = spin["component"].as_table().unwrap().keys().cloned().collect();
    let ids: BTreeSet<String> = functions().into_iter().map(|(id, _)| id).collect();
    assert_eq!(components, ids, "folders under functions/ and components in spin.toml differ");
    for (id, folder) in functions() {
        assert_eq!(manifest(&folder)["package"]["name"].as_str(), Some(id.as_str()));
        let source = spin["component"][&id]["source"].as_str().unwrap();
        assert_eq!(source, format!("target/components/{id}.wasm"));
        let routed = spin["trigger"]["http"].as_array().unwrap().iter();
        assert!(routed.into_iter().any(|route| route["component"].as_str() == Some(&id)), "{id} has no route");
    }
}

#[test]
fn the_core_does_no_io_and_reads_no_clock_and_no_chance() {
    for krate in ["domain", "flow"] {
        let folder = workspace().join("shared").join(krate);
        let allowed = ["huidan-domain", "huidan-wire", "rust_decimal", "serde_json", "unicode-normalization"];
        for dependency in dependencies(&manifest(&folder)) {
            assert!(allowed.contains(&dependency.as_str()), "{krate} depends on {dependency}");
        }
        for source in sources(&folder.join("src")) {
            let text = read(&source);
            for word in ["std::fs", "std::net", "std::env", "SystemTime", "Instant::now", "println!", "getrandom"] {
                assert!(!text.contains(word), "{} uses {word}", source.display());
            }
        }
    }
    let domain = manifest(&workspace().join("shared/domain"));
    assert!(!dependencies(&domain).contains("serde"), "domain data is written by huidan-wire alone");
}

#[test]
fn no_shared_crate_names_a_provider() {
    for krate in folders(&workspace().join("shared")) {
        for source in sources(&krate.join("src")) {
            for (number, line) in read(&source).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default().to_lowercase();
                for provider in PROVIDERS {
                    assert!(!code.contains(provider), "{}:{} names {provider}", source.display(), number + 1);
                }
            }
        }
    }
}

#[test]
fn only_the_shells_and_one_crate_import_spin() {
    let root = workspace();
    let all = ["functions", "shared", "print-bridge"].iter().flat_map(|top| sources(&root.join(top)));
    for source in all {
        let shell = source.ends_with("src/shell.rs") || source.starts_with(root.join("shared/spin"));
        assert!(shell || !read(&source).contains("spin_sdk"), "{} imports spin_sdk", source.display());
    }
}

#[test]
fn a_shell_decides_nothing() {
    for (id, folder) in functions() {
        let shell = read(&folder.join("src/shell.rs"));
        assert!(shell.lines().count() <= 12, "{id}: the shell has {} lines", shell.lines().count());
        for word in ["if ", "match ", "for ", "while "] {
            assert!(!shell.contains(word), "{id}: the shell holds {word:?}");
        }
    }
}

#[test]
fn functions_never_depend_on_each_other() {
    let ids: BTreeSet<String> = functions().into_iter().map(|(id, _)| id).collect();
    for (id, folder) in functions() {
        let others: Vec<_> = dependencies(&manifest(&folder)).into_iter().filter(|name| ids.contains(name)).collect();
        assert!(others.is_empty(), "{id} depends on {others:?}");
    }
}

#[test]
fn adapters_and_steps_do_no_io() {
    for (id, folder) in functions() {
        if !["channel-", "carrier-", "normalize-", "route-"].iter().any(|role| id.starts_with(role)) {
            continue;
        }
        for source in sources(&folder.join("src")) {
            let text = read(&source);
            for word in ["std::fs", "std::net", "SystemTime", "Instant::now", "getrandom", "reqwest", "hyper::"] {
                assert!(!text.contains(word), "{} uses {word}", source.display());
            }
        }
    }
}

#[test]
fn steps_are_granted_nothing_and_channels_no_more_than_their_own() {
    let spin = spin();
    for (id, component) in spin["component"].as_table().unwrap() {
        let list = |key: &str| -> Vec<String> {
            let values = component.get(key).and_then(|value| value.as_array());
            values.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        };
        let variables = component.get("variables").and_then(|v| v.as_table()).cloned().unwrap_or_default();
        let keys: Vec<&String> = variables.keys().filter(|name| name.ends_with("_key")).collect();
        let role = id.split('-').next().unwrap_or_default();
        match role {
            "normalize" | "route" => {
                assert!(component.as_table().unwrap().len() == 1, "{id} is granted something");
            }
            "channel" | "carrier" => {
                assert_eq!(list("sqlite_databases"), ["edge"], "{id}");
                assert_eq!(keys, ["credential_key"], "{id}");
                assert!(!list("allowed_outbound_hosts").iter().any(|host| host.contains("*.spin.internal")), "{id}");
            }
            "flow" => assert!(!keys.iter().any(|key| *key == "credential_key"), "{id} holds the credential key"),
            _ => {}
        }
        let receiver = ["flow-intake", "flow-book", "flow-track", "console-api"];
        assert!(!variables.contains_key("receiver_key") || receiver.contains(&id.as_str()), "{id}");
    }
}

#[test]
fn nothing_unfinished_is_left() {
    let root = workspace();
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat(), ["dbg", "!("].concat()];
    for top in ["functions", "shared", "print-bridge", "tests"] {
        for source in sources(&root.join(top)) {
            let text = read(&source);
            for mark in &marks {
                assert!(!text.contains(mark.as_str()), "{} holds {mark}", source.display());
            }
        }
    }
}
