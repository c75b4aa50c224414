//! GraphQL as far as a server without a written-out schema can hold to it: the document is parsed by a kept parser,
//! variables are put in, and the answer is cut to what was asked. A field that the object does not have is an error,
//! as it is at Shopify.

use async_graphql_parser::types::{
    Directive, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql_parser::{Positioned, parse_query};
use async_graphql_value::Name;
use serde_json::{Map, Value, json};

/// A field with its arguments resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    pub(crate) name: String,
    key: String,
    pub(crate) args: Map<String, Value>,
    pub(crate) directives: Vec<(String, Map<String, Value>)>,
    on: Option<String>,
    fields: Vec<Field>,
}

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) mutation: bool,
    pub(crate) fields: Vec<Field>,
}

impl Field {
    /// Whether of each row nothing is asked for but these.
    pub(crate) fn asks_only(&self, names: &[&str]) -> bool {
        self.fields.iter().all(|field| match field.name.as_str() {
            "pageInfo" | "cursor" => true,
            "nodes" | "edges" | "node" => field.asks_only(names),
            name => field.fields.is_empty() && names.contains(&name),
        })
    }

    /// A text argument.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.args.get(name).and_then(Value::as_str)
    }

    fn first(&self) -> Option<i64> {
        self.args.get("first").or_else(|| self.args.get("last")).and_then(Value::as_i64)
    }

    /// A cost in points. Shopify's exact weights are its own affair; objects cost 1, a mutation 10, a connection grows
    /// with the square root of what it may return.
    pub(crate) fn cost(&self) -> i64 {
        let inner: i64 = self.fields.iter().map(Field::cost).sum();
        match self.first() {
            Some(first) => 2 + inner.max(1).saturating_mul(first.max(1).isqrt()),
            None if self.fields.is_empty() => 0,
            None => 1 + inner,
        }
    }
}

/// The names of the root fields, for counters and faults; empty when it does not parse.
pub(crate) fn root_names(query: &str) -> Vec<String> {
    let Ok(document) = parse_query(query) else { return Vec::new() };
    let mut names = Vec::new();
    for (_, operation) in document.operations.iter() {
        for item in &operation.node.selection_set.node.items {
            if let Selection::Field(field) = &item.node {
                names.push(field.node.name.node.to_string());
            }
        }
    }
    names
}

struct Reader<'a> {
    document: &'a ExecutableDocument,
    variables: Map<String, Value>,
    errors: Vec<String>,
}

/// Parses a document and resolves everything in it. The errors are messages.
pub(crate) fn read(query: &str, variables: &Value, name: Option<&str>) -> Result<Operation, Vec<String>> {
    let document = parse_query(query).map_err(|e| vec![format!("syntax error: {e}")])?;
    let operation = choose(&document, name).ok_or_else(|| vec!["An operation name is required".to_owned()])?;
    let mut reader = Reader { document: &document, variables: Map::new(), errors: Vec::new() };
    reader.bind(operation, variables);
    let fields = reader.fields(&operation.selection_set, None);
    if reader.errors.is_empty() {
        Ok(Operation { mutation: operation.ty == OperationType::Mutation, fields })
    } else {
        Err(reader.errors)
    }
}

fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|o| &o.node),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next().map(|o| &o.node),
        (DocumentOperations::Multiple(_), None) => None,
    }
}

impl Reader<'_> {
    fn bind(&mut self, operation: &OperationDefinition, given: &Value) {
        for definition in &operation.variable_definitions {
            let definition = &definition.node;
            let name = definition.name.node.to_string();
            if let Some(value) = given.get(&name) {
                self.variables.insert(name, value.clone());
            } else if let Some(value) = &definition.default_value {
                self.variables.insert(name, value.node.clone().into_json().unwrap_or(Value::Null));
            } else if !definition.var_type.node.nullable {
                let kind = &definition.var_type.node;
                self.errors.push(format!("Variable ${name} of type {kind} was provided invalid value"));
            }
        }
    }

    fn args(&mut self, arguments: &[(Positioned<Name>, Positioned<async_graphql_value::Value>)]) -> Map<String, Value> {
        let mut resolved = Map::new();
        for (name, value) in arguments {
            // A variable that was not given leaves its argument (or input field) out.
            let value = self.resolve(&value.node);
            if let Some(value) = value {
                resolved.insert(name.node.to_string(), value);
            }
        }
        resolved
    }

    fn resolve(&mut self, value: &async_graphql_value::Value) -> Option<Value> {
        use async_graphql_value::Value as Written;
        match value {
            Written::Variable(name) => self.variables.get(name.as_str()).cloned(),
            Written::List(items) => Some(items.iter().filter_map(|i| self.resolve(i)).collect()),
            Written::Object(fields) => {
                let pairs = fields.iter().filter_map(|(k, v)| Some((k.to_string(), self.resolve(v)?)));
                Some(Value::Object(pairs.collect()))
            }
            other => other.clone().into_json().ok(),
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Vec<(String, Map<String, Value>)> {
        let mut resolved = Vec::new();
        for directive in directives {
            let args = self.args(&directive.node.arguments);
            resolved.push((directive.node.name.node.to_string(), args));
        }
        resolved
    }

    fn fields(&mut self, set: &Positioned<SelectionSet>, on: Option<&str>) -> Vec<Field> {
        let mut fields = Vec::new();
        for item in &set.node.items {
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.to_string();
                    let key = field.alias.as_ref().map_or_else(|| name.clone(), |a| a.node.to_string());
                    let directives = self.directives(&field.directives);
                    if skipped(&directives) {
                        continue;
                    }
                    let args = self.args(&field.arguments);
                    let inner = self.fields(&field.selection_set, None);
                    fields.push(Field { name, key, args, directives, on: on.map(str::to_owned), fields: inner });
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref().map(|c| c.node.on.node.to_string());
                    fields.extend(self.fields(&inline.node.selection_set, condition.as_deref().or(on)));
                }
                Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.node.fragment_name.node)
                {
                    Some(fragment) => {
                        let condition = fragment.node.type_condition.node.on.node.to_string();
                        fields.extend(self.fields(&fragment.node.selection_set, Some(&condition)));
                    }
                    None => self.errors.push(format!("Fragment {} was not found", spread.node.fragment_name.node)),
                },
            }
        }
        fields
    }
}

fn skipped(directives: &[(String, Map<String, Value>)]) -> bool {
    directives.iter().any(|(name, args)| match (name.as_str(), args.get("if").and_then(Value::as_bool)) {
        ("skip", Some(yes)) => yes,
        ("include", Some(yes)) => !yes,
        _ => false,
    })
}

/// Marks a list that is shown as a connection.
const ITEMS: &str = "$items";

/// A connection over these nodes.
pub(crate) fn connection(nodes: Vec<Value>) -> Value {
    json!({ ITEMS: nodes })
}

/// A page of a connection that was already cut; `more` tells whether there is another.
pub(crate) fn page(nodes: Vec<Value>, more: bool) -> Value {
    json!({ ITEMS: nodes, "$more": more })
}

/// Cuts whole objects to what was asked.
#[derive(Default)]
pub(crate) struct Cutter {
    pub(crate) errors: Vec<Value>,
    /// Objects returned: what the query really cost.
    pub(crate) objects: i64,
}

impl Cutter {
    /// The value of one field.
    pub(crate) fn cut(&mut self, value: &Value, field: &Field) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.cut(item, field)).collect(),
            Value::Object(object) if object.contains_key(ITEMS) => self.connection(object, field),
            Value::Object(_) if field.fields.is_empty() => {
                self.error(format!("Field must have selections (field '{}')", field.name), "selectionMismatch");
                Value::Null
            }
            Value::Object(object) => self.object(object, &field.fields),
            other => other.clone(),
        }
    }

    fn error(&mut self, message: String, code: &str) {
        self.errors.push(json!({"message": message, "extensions": {"code": code}}));
    }

    fn object(&mut self, object: &Map<String, Value>, fields: &[Field]) -> Value {
        self.objects += 1;
        let kind = object.get("__typename").and_then(Value::as_str).unwrap_or("Object").to_owned();
        let mut cut = Map::new();
        for field in fields.iter().filter(|f| f.on.as_ref().is_none_or(|on| on == &kind || on == "Node")) {
            match object.get(&field.name) {
                Some(value) => {
                    let value = self.cut(value, field);
                    cut.insert(field.key.clone(), value);
                }
                None => self.error(format!("Field '{}' doesn't exist on type '{kind}'", field.name), "undefinedField"),
            }
        }
        Value::Object(cut)
    }

    fn connection(&mut self, object: &Map<String, Value>, field: &Field) -> Value {
        let empty = Vec::new();
        let all = object.get(ITEMS).and_then(Value::as_array).unwrap_or(&empty);
        let cut_before = object.get("$more").and_then(Value::as_bool);
        let (nodes, more): (Vec<&Value>, bool) = match (cut_before, field.first()) {
            (Some(more), _) => (all.iter().collect(), more),
            (None, None) => {
                self.error(format!("you must provide one of first or last (field '{}')", field.name), "BAD_REQUEST");
                return Value::Null;
            }
            (None, Some(first)) => {
                let start = field.text("after").and_then(|c| c.parse::<usize>().ok()).map_or(0, |c| c + 1);
                let first = usize::try_from(first).unwrap_or_default();
                (all.iter().skip(start).take(first).collect(), all.len() > start + first)
            }
        };
        let cursor = |node: &Value| -> Value {
            let own = node.get("$cursor").cloned();
            own.unwrap_or_else(|| all.iter().position(|n| n == node).unwrap_or_default().to_string().into())
        };
        let info = json!({
            "__typename": "PageInfo",
            "hasNextPage": more,
            "hasPreviousPage": field.args.contains_key("after"),
            "startCursor": nodes.first().map(|n| cursor(n)),
            "endCursor": nodes.last().map(|n| cursor(n)),
        });
        let edges: Vec<Value> =
            nodes.iter().map(|n| json!({"__typename": "Edge", "cursor": cursor(n), "node": n})).collect();
        let mut shown = Map::new();
        shown.insert("__typename".to_owned(), format!("{}Connection", field.name).into());
        shown.insert("nodes".to_owned(), nodes.into_iter().cloned().collect());
        shown.insert("edges".to_owned(), Value::Array(edges));
        shown.insert("pageInfo".to_owned(), info);
        self.object(&shown, &field.fields)
    }

    /// The key a field's value goes under.
    pub(crate) fn key(field: &Field) -> String {
        field.key.clone()
    }
}
