//! The `OpenAPI` documents against real answers, and their viewer.

use std::collections::BTreeSet;

use dotstory::sandbox::Fault;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::{Caller, Response, TestApp, spawn};

const LIST: &str = "/api/v1/customers";
const CUSTOMER: &str = "/api/v1/customer/{id}";
const DOCUMENT: &str = "/openapi.json";

/// A document, and the paths and statuses of the answers that were compared with it.
struct Contract {
    document: Value,
    compared: BTreeSet<(String, u16)>,
}

// === impl Contract ===

impl Contract {
    fn new(document: &Response) -> Self {
        let document = document.assert_status(200).json();
        assert_eq!(document["openapi"], "3.1.0");
        Self { document, compared: BTreeSet::new() }
    }

    /// Asserts that the document describes this answer of the path: its status, its media type, its
    /// body and its headers.
    fn compare(&mut self, path: &str, answer: &Response) {
        let status = answer.status;
        let described = &self.document["paths"][path]["get"]["responses"][status.to_string()];
        assert!(described.is_object(), "{path} has no {status}: {answer:?}");
        let content = described["content"].as_object().unwrap();
        let media_type = answer.header("content-type").unwrap();
        let schema = &content[media_type]["schema"];
        let body = if media_type == "application/json" {
            answer.json()
        } else {
            Value::from(str::from_utf8(&answer.body).unwrap())
        };
        self.assert_valid(schema, &body);
        for (name, header) in described["headers"].as_object().into_iter().flatten() {
            let values = answer.headers.get_all(name);
            let is_required = header["required"] == true;
            assert!(!is_required || values.iter().next().is_some(), "{path} {status} {name}");
            for value in values.iter().map(|value| value.to_str().unwrap()) {
                let is_number = header["schema"]["type"] == "integer";
                let value = if is_number { value.parse().unwrap() } else { Value::from(value) };
                self.assert_valid(&header["schema"], &value);
            }
        }
        self.compared.insert((path.to_owned(), status));
    }

    /// Asserts that the value fits a schema of the document.
    fn assert_valid(&self, schema: &Value, value: &Value) {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?} in {value}");
    }

    /// Asserts that every described status of every path was compared, except the statuses in
    /// `unprovoked`.
    fn assert_complete(&self, unprovoked: &[u16]) {
        let mut described = BTreeSet::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            let statuses = item["get"]["responses"].as_object().unwrap().keys();
            let statuses = statuses.map(|status| status.parse().unwrap());
            let provoked = statuses.filter(|status| !unprovoked.contains(status));
            described.extend(provoked.map(|status| (path.clone(), status)));
        }
        assert_eq!(self.compared, described);
    }

    /// The document without the version, which changes with every release.
    fn snapshot(mut self) -> Value {
        self.document["info"]["version"] = json!("[version]");
        self.document
    }
}

async fn contract_of_callers(app: &TestApp) -> Contract {
    Contract::new(&app.get(DOCUMENT).await)
}

#[tokio::test]
async fn the_document_describes_every_answer_to_a_caller() {
    let fields = "[mapping.fields]\nnumber = { attribute = \"foo\", type = \"number\" }\n\
                  list = { references = \"foo\", type = \"list\" }\n";
    let impatient = "breaker_cool_down = \"1ms\"\n";
    let app = TestApp::builder().customers(120).mapping(fields).dotapparel(impatient).spawn().await;
    let mut contract = contract_of_callers(&app).await;
    let id = app.tenant.ids()[0];
    let customer = format!("/api/v1/customer/{id}");

    // The faults come before the first list, because a kept list is served without a call.
    for (fault, status) in [(Fault::Status(500), 503), (Fault::Unauthorized, 502)] {
        app.tenant.fault(fault, None);
        for (path, answer) in [(LIST, app.get(LIST).await), (CUSTOMER, app.get(&customer).await)] {
            contract.compare(path, answer.assert_status(status));
        }
        app.tenant.clear_faults();
    }
    // One call tries the refused credentials again. dotstory refuses other calls meanwhile.
    while app.get(&customer).await.status != 200 {}
    contract.compare(LIST, app.list(25, 25).await.assert_status(410));

    let token = format!("Bearer {}", app.token);
    let no_encoding =
        [("authorization", token.as_str()), ("accept-encoding", "identity;q=0, *;q=0")];
    for (path, called) in [(LIST, LIST), (CUSTOMER, customer.as_str()), (DOCUMENT, DOCUMENT)] {
        contract.compare(path, app.get(called).await.assert_status(200));
        contract.compare(path, app.request("GET", called, &[]).await.assert_status(401));
        contract.compare(path, app.request("GET", called, &no_encoding).await.assert_status(406));
    }
    contract.compare(LIST, app.get(&format!("{LIST}?limit=501")).await.assert_status(400));
    contract.compare(LIST, app.list(100, 500).await.assert_status(200));
    contract.compare(LIST, app.changes_since("2022-07-03T12:33:45Z").await.assert_status(200));
    let email = app.list(0, 1).await.json()["records"][0]["email"].clone();
    let by_email = format!("{LIST}?email={}", email.as_str().unwrap());
    contract.compare(LIST, app.get(&by_email).await.assert_status(200));
    contract.compare(CUSTOMER, app.get("/api/v1/customer/x").await.assert_status(400));
    contract.compare(CUSTOMER, app.customer(-1).await.assert_status(404));

    let impatient = "attempt_timeout = \"50ms\"\nconnect_timeout = \"50ms\"\ndeadline = \"80ms\"\n";
    let slow = TestApp::builder().customers(3).dotapparel(impatient).spawn().await;
    slow.tenant.fault(Fault::Hang, None);
    contract.compare(LIST, slow.get(LIST).await.assert_status(504));
    contract.compare(CUSTOMER, slow.customer(1).await.assert_status(504));
    slow.tenant.clear_faults();

    let guessed = TestApp::builder().customers(1).spawn().await;
    for _ in 0..10 {
        guessed.request("GET", LIST, &[]).await.assert_status(401);
    }
    for (path, called) in [(LIST, LIST), (CUSTOMER, customer.as_str()), (DOCUMENT, DOCUMENT)] {
        contract.compare(path, guessed.request("GET", called, &[]).await.assert_status(429));
    }

    let full = TestApp::builder().customers(3).main("server.max_requests = 1\n").spawn().await;
    full.tenant.hold();
    let (caller, held): (Caller, _) = ((*full).clone(), full.tenant.ids()[0]);
    let held = spawn(async move { caller.customer(held).await });
    full.tenant.held(1).await;
    for (path, called) in [(LIST, LIST), (CUSTOMER, customer.as_str()), (DOCUMENT, DOCUMENT)] {
        contract.compare(path, full.get(called).await.assert_status(503));
    }
    full.tenant.release();
    held.await.unwrap().assert_status(200);
    // No request of this test gets a 500. The cause of a 500 is a mistake in dotstory, or a stored
    // record that cannot be read from disk.
    contract.assert_complete(&[500]);
}

#[tokio::test]
async fn every_other_method_and_path_gets_the_described_error() {
    let app = TestApp::builder().spawn().await;
    let contract = contract_of_callers(&app).await;
    let error = json!({ "$ref": "#/components/schemas/Error" });
    for path in [LIST, "/api/v1/customer/1", DOCUMENT] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
            let answer = app.request(method, path, &[]).await;
            contract.assert_valid(&error, &answer.assert_status(405).json());
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
        }
    }
    contract.assert_valid(&error, &app.get("/docs").await.assert_status(404).json());
}

#[tokio::test]
async fn every_key_of_a_record_is_described_or_named_after_an_attribute_or_a_reference() {
    let app = TestApp::builder().customers(120).sync("details = \"always\"").spawn().await;
    let document = contract_of_callers(&app).await.document;
    let described = document["components"]["schemas"]["Record"]["properties"].as_object().unwrap();
    for record in app.list(0, 500).await.json()["records"].as_array().unwrap() {
        for key in record.as_object().unwrap().keys() {
            let is_named = key.starts_with("attr_") || key.starts_with("ref_");
            assert!(is_named || described.contains_key(key), "{key}");
        }
    }
}

#[tokio::test]
async fn the_limits_of_the_document_are_those_of_the_configuration() {
    let main = "server.max_limit = 250\nserver.default_limit = 50\n";
    let app = TestApp::builder().main(main).spawn().await;
    let document = contract_of_callers(&app).await.document;
    let parameters = document["paths"][LIST]["get"]["parameters"].as_array().unwrap();
    let limit = parameters.iter().find(|parameter| parameter["name"] == "limit").unwrap();
    assert_eq!(limit["schema"]["maximum"], 250);
    assert_eq!(limit["schema"]["default"], 50);
}

#[tokio::test]
async fn the_document_describes_every_answer_to_the_operator() {
    let app = TestApp::builder().customers(3).spawn().await;
    let mut contract = Contract::new(&app.operator(DOCUMENT).await);
    for path in ["/healthz", "/readyz", "/metrics", DOCUMENT] {
        contract.compare(path, &app.operator(path).await);
    }
    app.tenant.fault(Fault::Unauthorized, None);
    app.list(0, 25).await.assert_status(502);
    assert_eq!(app.health().await.0, "failing");
    contract.compare("/readyz", &app.operator("/readyz").await);
    contract.assert_complete(&[]);
}

#[tokio::test]
async fn the_callers_document_names_no_path_of_the_operator() {
    let app = TestApp::builder().spawn().await;
    let text = String::from_utf8(app.get(DOCUMENT).await.assert_status(200).body.clone()).unwrap();
    for word in ["healthz", "readyz", "/metrics", "/docs"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[tokio::test]
async fn the_viewer_has_both_documents_and_loads_nothing_from_another_host() {
    let app = TestApp::builder().spawn().await;
    let redirect = app.operator("/docs").await;
    assert_eq!(redirect.assert_status(307).header("location"), Some("docs/"));
    let page = app.operator("/docs/").await;
    let policy = page.assert_status(200).header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    // Every browser reads gzip, so the binary has the files in this form only.
    assert_eq!(page.header("content-encoding"), Some("gzip"));
    let page = std::io::read_to_string(GzDecoder::new(page.body.as_slice())).unwrap();
    let files = page.split(['"', '\'']).filter(|text| text.starts_with("./"));
    let files: Vec<_> = files.map(|file| file.trim_start_matches("./")).collect();
    assert!(files.contains(&"swagger-initializer.js") && !page.contains("//"), "{page}");
    for file in files {
        app.operator(&format!("/docs/{file}")).await.assert_status(200);
    }
    let initializer = app.operator("/docs/swagger-initializer.js").await;
    let initializer = String::from_utf8(initializer.body).unwrap();
    assert!(initializer.contains("dailystory.json") && initializer.contains("../openapi.json"));

    let document = app.operator("/docs/dailystory.json").await.assert_status(200).json();
    assert_eq!(document, app.get(DOCUMENT).await.json());
    app.operator("/docs/absent.js").await.assert_status(404);
}

#[tokio::test]
async fn the_documents_are_unchanged() {
    let app = TestApp::builder().spawn().await;
    insta::assert_json_snapshot!("dailystory", contract_of_callers(&app).await.snapshot());
    let operator = Contract::new(&app.operator(DOCUMENT).await);
    insta::assert_json_snapshot!("operator", operator.snapshot());
}
