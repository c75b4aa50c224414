//! `openapi.json`, made from the route table and the types that serve it.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::{Route, Takes, routes as all};
use huidan_wire::api::{self, Nothing, Role};
use huidan_world::World;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

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
    let mut paths: Map<String, Value> = Map::new();
    for route in all::<W>() {
        let asks = (route.asks)(&mut generator).to_value();
        let answers = (route.answers)(&mut generator).to_value();
        let mut operation = json!({
            "summary": route.says,
            "responses": {
                "2XX": {"description": "Done", "content": {"application/json": {"schema": answers}}},
                "default": {"description": "A problem", "content": {"application/problem+json": {"schema": problem}}},
            },
            "security": [],
        });
        let mut parameters = path_parameters(route.path);
        match route.takes {
            Takes::Query => parameters.extend(query_parameters(&asks, &generator)),
            Takes::Json => operation["requestBody"] = json!({"content": {"application/json": {"schema": asks}}}),
            Takes::File => {
                operation["requestBody"] = json!({"content": {"application/octet-stream": {}}});
                parameters.extend(query_parameters(&asks, &generator));
            }
        }
        if let Some(least) = route.least {
            operation["x-least-role"] = json!(least);
            operation["security"] = json!([{"bearer": []}, {"session": []}]);
        }
        if route.method == http::Method::POST {
            parameters.push(json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}));
        }
        operation["parameters"] = Value::Array(parameters);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation;
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

fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect()
}

/// The fields of a query's type, one parameter each.
fn query_parameters(asks: &Value, generator: &schemars::SchemaGenerator) -> Vec<Value> {
    let name = asks.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let known = name.and_then(|name| generator.definitions().get(name)).unwrap_or(asks);
    let fields = known.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| json!({"name": name, "in": "query", "schema": schema});
    fields.into_iter().flatten().map(parameter).collect()
}
