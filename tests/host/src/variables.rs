//! Spin variables: where their values come from, and templates such as `https://{{ taobao_url }}`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::error::Error;
use crate::manifest::Variable;
use crate::runtime_config::Provider;

/// The application's variables with their values. Values may be secrets and are never printed.
#[derive(Default)]
pub(crate) struct Variables(HashMap<String, String>);

/// Finds a variable's value by its name.
type Lookup = Box<dyn Fn(&str) -> Option<String>>;

/// The places a value may come from, first to last. The manifest's default is the last of all.
pub(crate) struct Sources {
    lookups: Vec<Lookup>,
}

impl Sources {
    /// `SPIN_VARIABLE_<NAME>` in the environment, the same in `env_file`, then the configured providers.
    pub(crate) fn new(env_file: Option<&Path>, providers: &[Provider]) -> Result<Self, Error> {
        let mut lookups: Vec<Lookup> = vec![environment("SPIN_VARIABLE")];
        if let Some(path) = env_file {
            lookups.push(file("SPIN_VARIABLE", path)?);
        }
        for provider in providers {
            match provider {
                Provider::Static(values) => {
                    let values = values.clone();
                    lookups.push(Box::new(move |name| values.get(name).cloned()));
                }
                Provider::Env { prefix, dotenv } => {
                    lookups.push(environment(prefix));
                    if let Some(path) = dotenv {
                        lookups.push(file(prefix, path)?);
                    }
                }
            }
        }
        Ok(Self { lookups })
    }

    fn get(&self, name: &str) -> Option<String> {
        self.lookups.iter().find_map(|lookup| lookup(name))
    }
}

fn env_name(prefix: &str, name: &str) -> String {
    format!("{prefix}_{}", name.to_ascii_uppercase())
}

fn environment(prefix: &str) -> Lookup {
    let prefix = prefix.to_owned();
    Box::new(move |name| std::env::var(env_name(&prefix, name)).ok())
}

fn file(prefix: &str, path: &Path) -> Result<Lookup, Error> {
    let bad =
        |source: dotenvy::Error| Error::Read { path: path.into(), source: std::io::Error::other(no_secret(&source)) };
    let values: HashMap<String, String> =
        dotenvy::from_path_iter(path).map_err(bad)?.collect::<Result<_, _>>().map_err(bad)?;
    let prefix = prefix.to_owned();
    Ok(Box::new(move |name| values.get(&env_name(&prefix, name)).cloned()))
}

/// A parse error of the file would quote the line, and the line may hold a key.
fn no_secret(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(_, at) => format!("a line is not NAME=VALUE (column {at} of that line)"),
        other => other.to_string(),
    }
}

impl Variables {
    /// A value for each of `declared`.
    ///
    /// # Errors
    /// Names every required variable that has none, at once.
    pub(crate) fn resolve(declared: &BTreeMap<String, Variable>, sources: &Sources) -> Result<Self, Error> {
        let mut values = HashMap::new();
        let mut missing = Vec::new();
        for (name, variable) in declared {
            match sources.get(name).or_else(|| variable.default.clone()) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None if variable.required => missing.push(name.as_str()),
                None => {}
            }
        }
        if missing.is_empty() {
            return Ok(Self(values));
        }
        let env: Vec<_> = missing.iter().map(|name| env_name("SPIN_VARIABLE", name)).collect();
        Err(Error::MissingVariables { names: missing.join(", "), env: env.join(", ") })
    }

    /// `template` with every `{{ name }}` replaced.
    ///
    /// # Errors
    /// A sentence, if braces do not match or a name has no value.
    pub(crate) fn fill(&self, template: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let (name, after) =
                after.split_once("}}").ok_or_else(|| format!("{template:?} has an unmatched \"{{{{\""))?;
            let name = name.trim();
            let value = self.0.get(name).ok_or_else(|| format!("{template:?}: variable {name:?} has no value"))?;
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(required: bool, default: Option<&str>) -> BTreeMap<String, Variable> {
        let text = match default {
            Some(value) => format!("shop_key = {{ default = {value:?}, required = {required} }}"),
            None => format!("shop_key = {{ required = {required} }}"),
        };
        toml::from_str(&text).expect("variables")
    }

    fn fixed(values: &[(&str, &str)]) -> Sources {
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Sources::new(None, &[Provider::Static(values)]).expect("sources")
    }

    #[test]
    fn a_required_variable_without_a_value_is_named_with_the_setting_that_gives_it() {
        let Err(told) = Variables::resolve(&declared(true, None), &fixed(&[])) else { panic!("resolved") };
        assert!(told.to_string().contains("SPIN_VARIABLE_SHOP_KEY"), "{told}");
    }

    #[test]
    fn a_provider_wins_over_the_default() {
        let variables =
            Variables::resolve(&declared(false, Some("d")), &fixed(&[("shop_key", "p")])).expect("resolved");
        assert_eq!(variables.fill("<{{ shop_key }}>{{shop_key}}").expect("filled"), "<p>p");
    }

    #[test]
    fn a_template_with_an_unknown_name_or_open_braces_is_an_error() {
        let variables = Variables::default();
        assert!(variables.fill("{{ nobody }}").is_err());
        assert!(variables.fill("a {{ b").is_err());
        assert_eq!(variables.fill("plain } text").expect("plain"), "plain } text");
    }

    #[test]
    fn an_env_file_is_read_and_its_mistakes_are_not_quoted() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("env");
        std::fs::write(&path, "SPIN_VARIABLE_SHOP_KEY=from-file\n").expect("written");
        let sources = Sources::new(Some(&path), &[]).expect("sources");
        let variables = Variables::resolve(&declared(true, None), &sources).expect("resolved");
        assert_eq!(variables.fill("{{ shop_key }}").expect("filled"), "from-file");

        std::fs::write(&path, "SPIN_VARIABLE_SHOP_KEY hunter2\n").expect("written");
        let Err(told) = Sources::new(Some(&path), &[]) else { panic!("read") };
        assert!(!told.to_string().contains("hunter2"), "{told}");
    }
}
