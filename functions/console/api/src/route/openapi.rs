//! `openapi.json`, made from the route table and the types that serve it.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::{Route, Takes, routes as all};
use huidan_wire::api::{self, Nothing, Role};
use huidan_world::World;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "This description";
    routes.push(Route::get("/api/v1/openapi.json", Role::Viewer, says, describe).open());
}

async fn describe<W: World + 'static>(_: &Cx<'_, W>, _: Nothing) -> Result<Reply<Value>, Problem> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<api::Problem>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in all::<W>() {
        let method = route.method.as_str().to_lowercase();
        let operation = operation(&route, &problem, &mut generator);
        paths.entry(route.path).or_default().insert(method, Value::Object(operation));
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {"title": "Huidan 汇单", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": crate::door::COOKIE},
            },
        },
    })
    .into())
}

fn operation<W>(route: &Route<W>, problem: &Schema, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let asks = (route.asks)(generator).to_value();
    let answers = (route.answers)(generator).to_value();
    let mut parameters = path_parameters(route.path);
    let mut operation = Map::new();
    let mut set = |name: &str, value: Value| operation.insert(name.to_owned(), value);
    set("summary", json!(route.says));
    match route.takes {
        Takes::Query => parameters.extend(query_parameters(&asks, generator)),
        Takes::Json => {
            set("requestBody", json!({"content": {"application/json": {"schema": asks}}}));
        }
        Takes::File => {
            set("requestBody", json!({"content": {"application/octet-stream": {}}}));
            parameters.extend(query_parameters(&asks, generator));
        }
        Takes::Mapped => {
            let mapping = generator.subschema_for::<api::ImportMapping>();
            let file = json!({"type": "string", "contentMediaType": "application/octet-stream"});
            let form =
                json!({"type": "object", "required": ["file"], "properties": {"file": file, "mapping": mapping}});
            let content = json!({"application/octet-stream": {}, "multipart/form-data": {"schema": form}});
            set("requestBody", json!({"content": content}));
            parameters.extend(query_parameters(&asks, generator));
        }
    }
    if route.method == http::Method::POST {
        parameters.push(json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}));
    }
    set("parameters", Value::Array(parameters));
    set(
        "responses",
        json!({
            "2XX": {"description": "Done", "content": {"application/json": {"schema": answers}}},
            "default": {"description": "A problem", "content": {"application/problem+json": {"schema": problem}}},
        }),
    );
    match route.least {
        Some(least) => {
            set("x-least-role", json!(least));
            set("security", json!([{"bearer": []}, {"session": []}]));
        }
        None => {
            set("security", json!([]));
        }
    }
    operation
}

fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect()
}

/// The fields of a query's type, one parameter each.
fn query_parameters(asks: &Value, generator: &SchemaGenerator) -> Vec<Value> {
    let name = asks.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let known = name.and_then(|name| generator.definitions().get(name)).unwrap_or(asks);
    let fields = known.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| json!({"name": name, "in": "query", "schema": schema});
    fields.into_iter().flatten().map(parameter).collect()
}
