//! The rules of the house, kept by reading folders, manifests and sources.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

use huidan_it::workspace;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

/// Names under which providers are known beside the ids of their folders, found anywhere in a word.
const ALSO_KNOWN_AS: &[&str] =
    &["tmall", "pdd", "doudian", "weixin", "wechat", "shunfeng", "yunda", "kdniao", "kuaidi100", "jtexpress"];

/// Folders whose names are also words for what people have.
const PLAIN_WORDS: &[&str] = &["email"];

/// Every channel, carrier and way to tell there is, by its folder.
fn providers() -> Vec<String> {
    let all = ["channel", "carrier", "notify"].map(|role| folders(&workspace().join("functions").join(role)));
    let names = all.iter().flatten().map(|folder| name(folder));
    let found: Vec<String> = names.filter(|name| !PLAIN_WORDS.contains(&name.as_str())).collect();
    assert!(found.iter().any(|id| id == "jd") && found.iter().any(|id| id == "sf"), "{found:?}");
    found
}

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
    let providers = providers();
    for krate in folders(&workspace().join("shared")) {
        // Samples of a test are no knowledge of a provider.
        for source in sources(&krate.join("src")).into_iter().filter(|source| name(source) != "tests.rs") {
            let text = read(&source);
            let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (number, line) in shipped.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let named = named(code, &providers);
                assert!(named.is_none(), "{}:{} names {}", source.display(), number + 1, named.unwrap_or_default());
            }
        }
    }
}

/// The provider that a line of code names. An id counts as a whole word alone, so that `sf` is not found in `transfer`;
/// `wechat-shop` is found in `WechatShop` and `wechat_shop_url` too.
fn named<'a>(code: &str, providers: &'a [String]) -> Option<&'a str> {
    let small = code.to_lowercase();
    if let Some(known) = ALSO_KNOWN_AS.iter().find(|known| small.contains(**known)) {
        return Some(known);
    }
    let words: Vec<Vec<String>> = code
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .filter(|word| !word.is_empty())
        .map(parts)
        .collect();
    providers.iter().map(String::as_str).find(|id| {
        let id: Vec<&str> = id.split('-').collect();
        words.iter().any(|word| word.windows(id.len()).any(|window| window == id.as_slice()))
    })
}

/// A word's parts in small letters: `WechatShop`, `wechat_shop` and `wechat-shop` are `wechat`, `shop`.
fn parts(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut parts = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let begins = letter.is_uppercase()
            && (before.is_some_and(|before| !before.is_uppercase())
                || letters.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if begins || matches!(letter, '-' | '_') {
            parts.push(String::new());
        }
        if !matches!(letter, '-' | '_') {
            parts.last_mut().unwrap().extend(letter.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[test]
fn a_provider_is_found_by_its_whole_name() {
    let providers: Vec<String> = ["sf", "jd", "own-shop"].map(str::to_owned).into();
    for code in
        ["if id == \"sf\"", "enum Kind { Sf, Other }", "let jd_url", "JDOrder", "OwnShop", "own_shop", "PddGoods"]
    {
        assert!(named(code, &providers).is_some(), "{code}");
    }
    for code in ["transfer(adjd)", "the shop's own shop", "own.shop", "usf", "let shop = own;", "offset"] {
        assert!(named(code, &providers).is_none(), "{code}");
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
        if !["channel-", "carrier-", "notify-", "normalize-", "route-"].iter().any(|role| id.starts_with(role)) {
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
            "channel" | "carrier" | "notify" => {
                assert_eq!(list("sqlite_databases"), ["edge"], "{id}");
                assert_eq!(keys, ["credential_key"], "{id}");
                assert!(!list("allowed_outbound_hosts").iter().any(|host| host.contains("*.spin.internal")), "{id}");
            }
            "flow" => assert!(!keys.iter().any(|key| *key == "credential_key"), "{id} holds the credential key"),
            _ => {}
        }
        let receiver = ["flow-intake", "flow-book", "flow-track", "flow-notify", "console-api"];
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

/// Every member of the workspace.
fn members() -> Vec<PathBuf> {
    let root = workspace();
    let roles = folders(&root.join("functions")).into_iter().chain([root.join("shared"), root.join("tests")]);
    let mut found: Vec<PathBuf> = roles.flat_map(|role| folders(&role)).collect();
    found.push(root.join("print-bridge"));
    found.retain(|folder| folder.join("Cargo.toml").is_file());
    assert!(found.len() > 60, "{found:?}");
    found
}

/// `test = false` spares building a program without tests; it must not hide any.
#[test]
fn what_says_that_it_has_no_tests_has_none() {
    let says_so = |target: &toml::Value| target.get("test").and_then(toml::Value::as_bool) == Some(false);
    for folder in members() {
        let manifest = manifest(&folder);
        let mut silent = Vec::new();
        if manifest.get("lib").is_some_and(says_so) {
            silent = sources(&folder.join("src"));
        }
        for program in manifest.get("bin").and_then(|bins| bins.as_array()).into_iter().flatten() {
            if says_so(program) {
                let file = folder.join(program["path"].as_str().unwrap());
                assert!(!read(&file).lines().any(|line| line.starts_with("mod ")), "{}: has modules", file.display());
                silent.push(file);
            }
        }
        for file in silent {
            let text = read(&file);
            let tests = ["#[test]", "::test]", "::test(", "proptest!"].iter().any(|word| text.contains(word));
            assert!(!tests, "{} has tests that `test = false` in its Cargo.toml leaves out", file.display());
        }
    }
}

/// `cargo hub test` runs no tests in documentation, each of which would be linked by itself.
#[test]
fn no_example_in_the_documentation_is_a_test() {
    for file in members().iter().flat_map(|folder| sources(&folder.join("src"))) {
        let text = read(&file);
        let docs = text.lines().filter_map(|line| {
            let line = line.trim_start();
            line.strip_prefix("//!").or_else(|| line.strip_prefix("///"))
        });
        let fences: Vec<&str> = docs.filter_map(|line| line.trim_start().strip_prefix("```")).collect();
        for opened in fences.iter().step_by(2) {
            assert!(["text", "ignore"].contains(opened), "{}: a fence of {opened:?}", file.display());
        }
    }
}
