//! From `spin.toml` and the settings to what each component is granted.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Options;
use crate::error::Error;
use crate::guest::Grants;
use crate::hosts::AllowedHosts;
use crate::key_value::StoreFile;
use crate::logs::Log;
use crate::manifest::{Component, Manifest, Route};
use crate::route::Router;
use crate::runtime_config::{Location, RuntimeConfig};
use crate::sqlite::Database;
use crate::variables::{Sources, Variables};

/// The application, ready to be compiled and served.
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) router: Router,
    pub(crate) components: Vec<Granted>,
}

/// A component that has an HTTP trigger.
pub(crate) struct Granted {
    pub(crate) source: PathBuf,
    pub(crate) grants: Arc<Grants>,
}

/// The files behind labels; labels and components that mean one file share it.
#[derive(Default)]
struct Files {
    databases: BTreeMap<PathBuf, Arc<Database>>,
    stores: BTreeMap<PathBuf, Arc<StoreFile>>,
}

impl App {
    /// Reads everything that `options` names and makes the state folder.
    ///
    /// # Errors
    /// The first thing that would keep the application from running as written.
    pub(crate) fn read(options: &Options) -> Result<Self, Error> {
        let manifest = Manifest::read(&options.manifest)?;
        let logs = options.state.join("logs");
        std::fs::create_dir_all(&logs).map_err(|source| Error::Write { path: logs.clone(), source })?;
        let config = RuntimeConfig::read(options.runtime_config_file.as_deref(), &options.state)?;
        let sources = Sources::new(options.env_file.as_deref(), &config.providers)?;
        let variables = Variables::resolve(&manifest.variables, &sources)?;
        let router = router(&manifest, &options.manifest)?;
        let base = options.manifest.parent().unwrap_or(Path::new(""));
        let mut files = Files::default();
        let mut components = Vec::new();
        for (id, component) in &manifest.component {
            if manifest.trigger.http.iter().any(|t| t.component == *id) {
                let log = Arc::new(Log::new(id, logs.join(format!("{id}.log")), options.verbose));
                let grants = files.grants(id, component, &variables, &config, log)?;
                components.push(Granted { source: base.join(&component.source), grants: Arc::new(grants) });
            }
        }
        let application = manifest.application;
        Ok(Self { name: application.name, version: application.version, router, components })
    }
}

fn router(manifest: &Manifest, path: &Path) -> Result<Router, Error> {
    let mut router = Router::default();
    for trigger in &manifest.trigger.http {
        if let Route::Path(route) = &trigger.route {
            let added = router.add(route, &trigger.component);
            added.map_err(|problem| Error::Manifest { path: path.into(), problem })?;
        }
    }
    Ok(router)
}

impl Files {
    fn grants(
        &mut self,
        id: &str,
        component: &Component,
        variables: &Variables,
        config: &RuntimeConfig,
        log: Arc<Log>,
    ) -> Result<Grants, Error> {
        let bad = |problem: String| Error::Component { component: id.into(), problem };
        let filled = |(name, template): (&String, &String)| Ok((name.clone(), variables.fill(template)?));
        let own = component.variables.iter().map(filled).collect::<Result<_, String>>().map_err(bad)?;
        let hosts = component.allowed_outbound_hosts.iter().map(|entry| variables.fill(entry));
        let hosts = hosts.collect::<Result<Vec<_>, _>>().and_then(|h| AllowedHosts::parse(&h)).map_err(bad)?;
        let mut databases = HashMap::new();
        for label in &component.sqlite_databases {
            let Some(location) = config.database(label) else {
                return Err(bad(format!("no [sqlite_database.{label}] in the runtime configuration file")));
            };
            databases.insert(label.clone(), Some(self.database(location)?));
        }
        let mut stores = HashMap::new();
        for label in &component.key_value_stores {
            let Some(location) = config.store(label) else {
                return Err(bad(format!("no [key_value_store.{label}] in the runtime configuration file")));
            };
            let Location::File(path) = location else {
                return Err(bad(format!("[key_value_store.{label}] needs a path: this host keeps no store in memory")));
            };
            stores.insert(label.clone(), Some(self.store(path)?));
        }
        Ok(Grants {
            id: id.to_owned(),
            environment: component.environment.clone(),
            variables: own,
            databases,
            stores,
            hosts,
            log,
        })
    }

    fn database(&mut self, location: Location) -> Result<Arc<Database>, Error> {
        let Location::File(path) = &location else { return Ok(Arc::new(Database::new(location))) };
        let path = path.clone();
        if let Some(known) = self.databases.get(&path) {
            return Ok(known.clone());
        }
        let database = Arc::new(Database::new(location));
        database.check().map_err(|problem| Error::Database { path: path.clone(), problem })?;
        self.databases.insert(path, database.clone());
        Ok(database)
    }

    fn store(&mut self, path: PathBuf) -> Result<Arc<StoreFile>, Error> {
        if let Some(known) = self.stores.get(&path) {
            return Ok(known.clone());
        }
        let opened = StoreFile::open(&path);
        let file = Arc::new(opened.map_err(|problem| Error::Database { path: path.clone(), problem })?);
        self.stores.insert(path, file.clone());
        Ok(file)
    }
}
