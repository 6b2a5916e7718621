//! The client of one table.

use super::account::Service;
use super::client::{Request, Storage};
use super::error::StorageError;
use http::Method;
use serde_json::{Map, Number, Value, json};

/// An entity, as a function sees it.
pub type Entity = Map<String, Value>;

/// With this metadata the service names the types that JSON does not have.
const WITH_TYPES: &str = "application/json;odata=minimalmetadata";
const INT64: &str = "Edm.Int64";
const DOUBLE: &str = "Edm.Double";
const TYPE_SUFFIX: &str = "@odata.type";

/// A table. It need not exist.
pub struct Table {
    storage: Storage,
    name: String,
}

impl Table {
    /// Makes the client of a table.
    ///
    /// # Errors
    /// Returns an error if the service does not accept the name.
    pub fn new(storage: &Storage, name: &str) -> Result<Self, StorageError> {
        let is_name = (3..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && name.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_name {
            return Err(StorageError::Settings(format!(
                "{name:?} is not the name of a table: use a letter, then letters and digits, 3 to 63 in total"
            )));
        }
        Ok(Self { storage: storage.clone(), name: name.to_owned() })
    }

    /// Reads an entity. Returns `None` if the entity or the table does not exist.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn get(&self, partition_key: &str, row_key: &str) -> Result<Option<Entity>, StorageError> {
        let request = self.request(Method::GET, &address(partition_key, row_key), "read");
        match self.storage.send(request).await {
            Err(error) if error.is_missing() => Ok(None),
            outcome => {
                let text = outcome?.text().await?;
                self.parse(&text).map(|entity: Entity| Some(read_entity(entity)))
            }
        }
    }

    /// Reads the entities that a filter matches, `take` at most. Returns an empty list if the table does not exist.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request, for example because of the filter.
    pub async fn query(&self, filter: &str, take: Option<usize>) -> Result<Vec<Entity>, StorageError> {
        let mut entities = Vec::new();
        let mut start: Option<[String; 2]> = None;
        loop {
            let mut request = self.request(Method::GET, "()", "query");
            if !filter.is_empty() {
                request = request.query("$filter", filter);
            }
            if let Some(take) = take {
                request = request.query("$top", (take - entities.len()).min(1000));
            }
            if let Some([partition_key, row_key]) = &start {
                request = request.query("NextPartitionKey", partition_key);
                // The service leaves the row key out when a partition begins.
                if !row_key.is_empty() {
                    request = request.query("NextRowKey", row_key);
                }
            }
            let answer = match self.storage.send(request).await {
                Err(error) if error.is_missing() => return Ok(entities),
                outcome => outcome?,
            };
            let next = ["x-ms-continuation-nextpartitionkey", "x-ms-continuation-nextrowkey"];
            let next = next.map(|name| answer.header(name).to_owned());
            let Page { value } = self.parse(&answer.text().await?)?;
            entities.extend(value.into_iter().map(read_entity));
            if next[0].is_empty() || take.is_some_and(|take| entities.len() >= take) {
                return Ok(entities);
            }
            start = Some(next);
        }
    }

    /// Writes an entity. Creates the table if it does not exist. A member `etag` decides what happens to an entity with
    /// the same keys: without it the operation fails, `*` replaces it, and any other value replaces this version only
    /// (azure-sdk-for-net, `TableEntityWriter`). A key that the entity lacks comes from the binding.
    ///
    /// # Errors
    /// Returns an error if a key is missing, or if the service cannot be reached or refuses the entity.
    pub async fn write(&self, entity: Entity, keys: [Option<&str>; 2]) -> Result<(), StorageError> {
        let write = Write::new(entity, keys)
            .map_err(|reason| StorageError::Invalid(format!("cannot write to table {}: {reason}", self.name)))?;
        let body = Value::Object(write.body).to_string();
        let request = match &write.etag {
            None => self.request(Method::POST, "", "insert into").header("prefer", "return-no-content"),
            Some(etag) => {
                let request = self.request(Method::PUT, &address(&write.partition_key, &write.row_key), "write to");
                if etag == "*" { request } else { request.header("if-match", etag) }
            }
        };
        let request = request.body("application/json", body);
        match self.storage.send(request.clone()).await {
            Err(error) if error.has_code("TableNotFound") => {
                self.create().await?;
                self.storage.send(request).await.map(drop)
            }
            outcome => outcome.map(drop),
        }
    }

    async fn create(&self) -> Result<(), StorageError> {
        let what = format!("create table {}", self.name);
        let body = json!({ "TableName": self.name }).to_string();
        let request = Request::new(Service::Table, Method::POST, "/Tables", what)
            .header("accept", WITH_TYPES)
            .header("prefer", "return-no-content")
            .body("application/json", body);
        match self.storage.send(request).await {
            Err(error) if error.has_code("TableAlreadyExists") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    fn request(&self, method: Method, rest: &str, verb: &str) -> Request {
        let what = format!("{verb} table {}", self.name);
        Request::new(Service::Table, method, format!("/{}{rest}", self.name), what)
            .header("accept", WITH_TYPES)
            .header("dataserviceversion", "3.0")
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, StorageError> {
        serde_json::from_str(text).map_err(|error| StorageError::Unreadable {
            what: format!("read table {}", self.name),
            reason: error.to_string(),
        })
    }
}

#[derive(serde::Deserialize)]
struct Page {
    value: Vec<Entity>,
}

/// An entity on its way to the service.
struct Write {
    partition_key: String,
    row_key: String,
    etag: Option<String>,
    body: Entity,
}

impl Write {
    fn new(entity: Entity, keys: [Option<&str>; 2]) -> Result<Self, String> {
        let [mut partition_key, mut row_key] = keys.map(|key| key.map(str::to_owned));
        let (mut etag, mut body) = (None, Entity::new());
        for (name, value) in entity {
            match name.to_lowercase().as_str() {
                "partitionkey" => partition_key = Some(key(&name, value)?),
                "rowkey" => row_key = Some(key(&name, value)?),
                "etag" | "odata.etag" => etag = value.as_str().map(str::to_owned),
                _ => add_column(&mut body, name, value),
            }
        }
        let missing = |name: &str| format!("the entity has no {name}, and the binding has none either");
        let partition_key = partition_key.ok_or_else(|| missing("PartitionKey"))?;
        let row_key = row_key.ok_or_else(|| missing("RowKey"))?;
        body.insert("PartitionKey".to_owned(), partition_key.clone().into());
        body.insert("RowKey".to_owned(), row_key.clone().into());
        Ok(Self { partition_key, row_key, etag: etag.filter(|etag| !etag.is_empty()), body })
    }
}

fn key(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(format!("{name} is {other}: a key is a text")),
    }
}

/// Adds a column with the type that the platform uses for a value of JSON.
fn add_column(body: &mut Entity, name: String, value: Value) {
    let value = match value {
        // A column without a value does not exist.
        Value::Null => return,
        Value::Number(number) if number.is_i64() => {
            body.insert(format!("{name}{TYPE_SUFFIX}"), INT64.into());
            number.to_string().into()
        }
        Value::Number(number) => {
            body.insert(format!("{name}{TYPE_SUFFIX}"), DOUBLE.into());
            number.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        nested @ (Value::Array(_) | Value::Object(_)) => nested.to_string().into(),
        plain => plain,
    };
    body.insert(name, value);
}

/// Returns an entity as a function sees it: without metadata, and with its long numbers as numbers.
fn read_entity(entity: Entity) -> Entity {
    let is_long = |name: &str| entity.get(&format!("{name}{TYPE_SUFFIX}")).and_then(Value::as_str) == Some(INT64);
    let is_column = |name: &str| name != "Timestamp" && !name.contains("odata.");
    let columns = entity.iter().filter(|(name, _)| is_column(name));
    let read = |(name, value): (&String, &Value)| {
        let number = value.as_str().filter(|_| is_long(name)).and_then(|text| text.parse::<i64>().ok());
        (name.clone(), number.map_or_else(|| value.clone(), Value::from))
    };
    columns.map(read).collect()
}

/// Returns the address of an entity in its table.
fn address(partition_key: &str, row_key: &str) -> String {
    format!("(PartitionKey='{}',RowKey='{}')", quote(partition_key), quote(row_key))
}

/// Doubles the quotes of a text that stands between quotes in a filter or an address.
pub fn quote(text: &str) -> String {
    text.replace('\'', "''")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(value: Value) -> Entity {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_entity_is_written_with_types_and_read_without() {
        let written = entity(json!({
            "partitionKey": "p", "ROWKEY": 7, "text": "2026-01-01", "long": 9_007_199_254_740_993_i64, "real": 1.5,
            "yes": true, "nothing": null, "list": [1, 2], "etag": "*",
        }));
        let write = Write::new(written, [Some("other"), None]).unwrap();
        assert_eq!(
            (write.partition_key.as_str(), write.row_key.as_str(), write.etag.as_deref()),
            ("p", "7", Some("*"))
        );
        let expected = json!({
            "PartitionKey": "p", "RowKey": "7", "text": "2026-01-01", "long": "9007199254740993",
            "long@odata.type": "Edm.Int64", "real": 1.5, "real@odata.type": "Edm.Double", "yes": true, "list": "[1,2]",
        });
        assert_eq!(Value::Object(write.body), expected);
        let mut answered = entity(expected);
        answered
            .extend(entity(json!({ "odata.etag": "W/1", "Timestamp": "t", "Timestamp@odata.type": "Edm.DateTime" })));
        let expected = json!({
            "PartitionKey": "p", "RowKey": "7", "text": "2026-01-01", "long": 9_007_199_254_740_993_i64, "real": 1.5,
            "yes": true, "list": "[1,2]",
        });
        assert_eq!(Value::Object(read_entity(answered)), expected);
    }

    #[test]
    fn keys_come_from_the_entity_or_the_binding() {
        let write = Write::new(entity(json!({ "a": 1 })), [Some("p"), Some("r")]).unwrap();
        assert_eq!((write.partition_key.as_str(), write.row_key.as_str(), write.etag), ("p", "r", None));
        let said = Write::new(entity(json!({ "RowKey": "r" })), [None, None]).map(|_| ()).unwrap_err();
        assert_eq!(said, "the entity has no PartitionKey, and the binding has none either");
        assert!(Write::new(entity(json!({ "RowKey": [] })), [Some("p"), None]).is_err());
        assert_eq!(address("it's", "b"), "(PartitionKey='it''s',RowKey='b')");
    }
}
