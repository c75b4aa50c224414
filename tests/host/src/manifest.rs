//! `spin.toml` (manifest version 2), as far as this host goes. What it does not know it refuses, by name and line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};

use crate::error::Error;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    #[serde(deserialize_with = "version_two")]
    #[expect(dead_code, reason = "read to be checked")]
    spin_manifest_version: (),
    pub(crate) application: Application,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) trigger: Triggers,
    #[serde(default)]
    pub(crate) component: BTreeMap<String, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default, rename = "authors")]
    _authors: Vec<String>,
    #[serde(default, rename = "tool")]
    _tool: Ignored,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default, rename = "secret")]
    _secret: bool,
    #[serde(default, rename = "description")]
    _description: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Triggers {
    #[serde(default)]
    pub(crate) http: Vec<HttpTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpTrigger {
    #[serde(default, rename = "id")]
    _id: String,
    pub(crate) route: Route,
    pub(crate) component: String,
    #[serde(default, rename = "executor")]
    _executor: Option<Executor>,
}

/// Where a component is reached.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a path such as \"/a/...\", or { private = true }")]
pub(crate) enum Route {
    Path(String),
    Private(Private),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Private {
    pub(crate) private: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Executor {
    Http,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    pub(crate) source: PathBuf,
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default, rename = "files", deserialize_with = "no_files")]
    _files: (),
    #[serde(default)]
    pub(crate) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(crate) key_value_stores: Vec<String>,
    #[serde(default)]
    pub(crate) sqlite_databases: Vec<String>,
    #[serde(default, rename = "build")]
    _build: Option<Build>,
    #[serde(default, rename = "tool")]
    _tool: Ignored,
}

/// How `spin build` would build it; read only so that a mistake is found here too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    #[serde(rename = "command")]
    _command: Commands,
    #[serde(default, rename = "workdir")]
    _workdir: Option<PathBuf>,
    #[serde(default, rename = "watch")]
    _watch: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a command or a list of commands")]
enum Commands {
    One(#[expect(dead_code, reason = "read to be checked")] String),
    Many(#[expect(dead_code, reason = "read to be checked")] Vec<String>),
}

/// A table that belongs to other tools.
#[derive(Debug, Default)]
struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

fn version_two<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match u8::deserialize(deserializer)? {
        2 => Ok(()),
        other => Err(D::Error::custom(format!("spin_manifest_version = {other}: only version 2 is served"))),
    }
}

fn no_files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(deserializer)?;
    Err(D::Error::custom("`files` is not served by the embedded host: compile assets into the component"))
}

impl Manifest {
    /// Reads and checks the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })?;
        Self::parse(&text).map_err(|problem| Error::Manifest { path: path.into(), problem })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        for trigger in &manifest.trigger.http {
            if !manifest.component.contains_key(&trigger.component) {
                return Err(format!(
                    "a [[trigger.http]] names component {:?}, which has no [component.{}]",
                    trigger.component, trigger.component
                ));
            }
            if matches!(&trigger.route, Route::Private(p) if !p.private) {
                return Err(format!(
                    "{}: a route is a path or {{ private = true }}, not {{ private = false }}",
                    trigger.component
                ));
            }
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"a\"\n";

    fn refusal(rest: &str) -> String {
        Manifest::parse(&format!("{HEAD}{rest}")).expect_err("should be refused")
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let told = refusal(
            "[[trigger.http]]\nroute = \"/\"\ncomponent = \"c\"\n[component.c]\nsource = \"c.wasm\"\nai_models = [\"x\"]\n",
        );
        assert!(told.contains("ai_models") && told.contains("line 9"), "{told}");
    }

    #[test]
    fn another_kind_of_trigger_is_refused() {
        let told = refusal("[[trigger.redis]]\nchannel = \"x\"\ncomponent = \"c\"\n");
        assert!(told.contains("redis") && told.contains("line 4"), "{told}");
    }

    #[test]
    fn files_are_refused_with_a_reason() {
        let told = refusal(
            "[[trigger.http]]\nroute = \"/\"\ncomponent = \"c\"\n[component.c]\nsource = \"c.wasm\"\nfiles = [\"x\"]\n",
        );
        assert!(told.contains("compile assets") && told.contains("line 9"), "{told}");
    }

    #[test]
    fn a_trigger_must_name_a_component() {
        assert!(refusal("[[trigger.http]]\nroute = \"/\"\ncomponent = \"c\"\n").contains("[component.c]"));
    }

    #[test]
    fn another_manifest_version_is_refused() {
        let told =
            Manifest::parse("spin_manifest_version = 1\n[application]\nname=\"a\"\n[trigger]\n").expect_err("v1");
        assert!(told.contains("only version 2"), "{told}");
    }

    #[test]
    fn a_full_manifest_is_read() {
        let manifest = Manifest::parse(&format!(
            "{HEAD}version = \"1\"\n[variables]\na = {{ required = true, secret = true }}\nb = {{ default = \"x\" }}\n\
             [[trigger.http]]\nroute = {{ private = true }}\ncomponent = \"c\"\nexecutor = {{ type = \"http\" }}\n\
             [component.c]\nsource = \"c.wasm\"\nallowed_outbound_hosts = [\"https://{{{{ b }}}}\"]\n\
             sqlite_databases = [\"edge\"]\n[component.c.variables]\nk = \"{{{{ a }}}}\"\n[component.c.build]\ncommand = \"x\"\n"
        ))
        .expect("good");
        assert!(manifest.variables["a"].required);
        assert_eq!(manifest.component["c"].sqlite_databases, ["edge"]);
        assert!(matches!(manifest.trigger.http[0].route, Route::Private(Private { private: true })));
    }
}
