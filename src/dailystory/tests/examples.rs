//! Makes the records of the examples in `docs/RECORD.md`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::support::melbourne;
use crate::dotapparel::{DetailCustomer, Render, SearchCustomer, Sources};
use crate::telemetry::Metrics;

const DOCUMENT: &str = include_str!("../../../docs/RECORD.md");

/// A customer, and a part of its record.
#[derive(Deserialize)]
struct Example {
    received: Value,
    served: Map<String, Value>,
}

/// The examples of each block. The customers of one block are customers of one brand.
fn blocks() -> Vec<Vec<Example>> {
    let blocks = DOCUMENT.split("```json\n").skip(1);
    let texts = blocks.map(|block| block.split("```").next().unwrap());
    texts.map(|text| serde_json::from_str(text).unwrap()).collect()
}

#[test]
fn each_example_is_served_as_the_document_shows_it() {
    let blocks = blocks();
    assert_eq!(blocks.len(), 2, "docs/RECORD.md has two blocks of examples");
    for examples in blocks {
        let mapper = melbourne(&Metrics::new());
        let stored: Vec<[Vec<u8>; 2]> = examples
            .iter()
            .map(|example| {
                let (mut listed, mut looked_up) = (Vec::new(), Vec::new());
                let text = example.received.to_string();
                let customer = SearchCustomer::parse(&text).unwrap();
                mapper.record(&Sources::searched(&customer), &mut listed);
                let body = json!({ "data": example.received }).to_string();
                let customer = DetailCustomer::parse_one(body.as_bytes()).unwrap();
                mapper.record(&Sources::looked_up(&customer), &mut looked_up);
                [listed, looked_up]
            })
            .collect();
        for (example, records) in examples.iter().zip(&stored) {
            for record in records {
                let mut served = Vec::new();
                mapper.serve(record, &mut served);
                let served: Value = serde_json::from_slice(&served).unwrap();
                for (key, value) in &example.served {
                    assert_eq!(&served[key], value, "{key} of {}", example.received);
                }
            }
        }
    }
}
