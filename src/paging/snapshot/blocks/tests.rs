//! Records are read back unchanged, from memory and from a file.

use std::mem;

use proptest::prelude::*;

use super::*;
use crate::paging::snapshot::{Budget, BudgetConfig};
use crate::paging::tests::support::{in_memory, on_disk_only};
use crate::telemetry::Metrics;

fn store(bodies: &[String], budget: &Budget) -> (Blocks, Storage) {
    let (mut storage, mut writer) = (Storage::new(budget), BlocksWriter::default());
    for (number, body) in (0..).zip(bodies) {
        assert_eq!(writer.push(body.as_bytes(), &mut storage).unwrap(), RecordRef(number));
    }
    (writer.finish(&mut storage).unwrap(), storage)
}

proptest! {
    #[test]
    fn records_are_read_back_in_any_order(
        bodies in prop::collection::vec("\\{[a-z]{0,40}\\}", 0..120),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        sequential in any::<bool>(),
        on_disk in any::<bool>(),
    ) {
        let metrics = Metrics::new();
        let budget = if on_disk { on_disk_only(u64::MAX, &metrics) } else { in_memory(u64::MAX, &metrics) };
        let (blocks, storage) = store(&bodies, &budget);
        prop_assert_eq!(storage.overflows(), on_disk && !bodies.is_empty());

        let picked: Vec<usize> = match (bodies.is_empty(), sequential) {
            (true, _) => vec![],
            (false, true) => (0..bodies.len()).collect(),
            (false, false) => picks.iter().map(|pick| pick.index(bodies.len())).collect(),
        };
        let mut reader = blocks.reader(&storage);
        for number in picked {
            let record = RecordRef(u32::try_from(number).unwrap());
            prop_assert_eq!(reader.body(record).unwrap(), bodies[number].as_bytes());
        }
    }
}

#[test]
fn blocks_take_less_than_half_the_bytes_of_their_records() {
    let body = r#"{"id":1,"first_name":"Amanda","last_name":"Grover","city":"Seattle"}"#.to_owned();
    let metrics = Metrics::new();
    let bodies = vec![body; 60];
    let (blocks, _storage) = store(&bodies, &in_memory(2048, &metrics));
    assert_eq!(blocks.segments.len(), 3);
    let bytes: usize = blocks
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Memory(bytes) => bytes.len() + mem::size_of::<Segment>(),
            Segment::File { .. } => 0,
        })
        .sum();
    assert!(metrics.render().contains(&format!("dotstory_cache_bytes {bytes}\n")));
    assert!(bytes < 60 * bodies[0].len() / 2, "{bytes} bytes in memory");
}

#[test]
fn a_snapshot_that_outgrows_memory_moves_to_disk_as_a_whole() {
    let metrics = Metrics::new();
    let config =
        BudgetConfig { memory: 4096, disk: 1 << 20, paused: 0, directory: std::env::temp_dir() };
    let budget = Budget::new(&config, &metrics);
    let bodies: Vec<String> = (0..1000).map(|n| format!("{{\"id\":{}}}", n * 7919)).collect();
    let (blocks, storage) = store(&bodies, &budget);
    assert!(blocks.segments.iter().all(|segment| matches!(segment, Segment::File { .. })));
    let mut reader = blocks.reader(&storage);
    for (number, body) in (0..).zip(&bodies) {
        assert_eq!(reader.body(RecordRef(number)).unwrap(), body.as_bytes());
    }
}
