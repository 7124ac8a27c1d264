//! The records of a snapshot, as they are stored.

use std::sync::LazyLock;

use crate::paging::{
    Blocks, BlocksWriter, Budget, BudgetConfig, Packed, RecordRef, Storage, StorageError,
};
use crate::telemetry::Metrics;

/// Number of records in a block.
const BLOCK: usize = 25;

/// LZ4 packs at most this number of bytes into one.
const RATIO: usize = 255;

/// A budget for records in memory, and a budget for records in a file.
static BUDGETS: LazyLock<[Budget; 2]> = LazyLock::new(|| {
    let directory = std::env::temp_dir();
    let config = BudgetConfig { memory: 1 << 30, disk: 1 << 30, paused: 0, directory };
    let budget = Budget::new(&config, &Metrics::new());
    [budget.clone(), budget.with_record_limit(0)]
});

/// Stores each line as a record. The first byte decides whether the records are in a file.
///
/// # Panics
/// If a record differs from the record that was written. Each record is read in two ways: by its
/// number, beginning with the last record, and then with all records in order.
pub fn stored_records(bytes: &[u8]) {
    let Some((place, text)) = bytes.split_first() else { return };
    let records: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let mut storage = Storage::new(&BUDGETS[usize::from(place % 2)]);
    let blocks = stored(&records, &mut storage).expect("the budget has room");
    assert_eq!(blocks.len(), records.len());
    let mut reader = blocks.reader(&storage);
    for (number, record) in records.iter().enumerate().rev() {
        let read = reader.body(RecordRef::new(number)).expect("a stored record is readable");
        assert_eq!(read, *record, "record {number}");
    }
    let mut visited = Vec::new();
    let visit = |number, record: &[u8]| {
        visited.push((number, record.to_owned()));
        Ok(())
    };
    blocks.consume(&mut storage, visit).expect("stored records are readable");
    let expected = records.into_iter().map(<[u8]>::to_owned).enumerate();
    assert_eq!(visited, expected.collect::<Vec<_>>());
}

/// Reads the bytes as a damaged block behind a block of long records.
///
/// # Panics
/// If the bytes take more memory than they can unpack to, or if the two ways to read a record
/// return different bytes.
pub fn stored_block(bytes: &[u8]) {
    let mut buffer = Vec::new();
    let length = Packed::read(bytes).and_then(|packed| packed.unpack(&mut buffer));
    assert!(buffer.len() <= RATIO * bytes.len(), "{} bytes in memory", buffer.len());
    assert!(length.is_err() || length.is_ok_and(|length| length == buffer.len()));

    let mut storage = Storage::new(&BUDGETS[0]);
    let blocks = behind_long_records(bytes, &mut storage).expect("the budget has room");
    let (mut reader, mut read) = (blocks.reader(&storage), Vec::new());
    for number in BLOCK..2 * BLOCK {
        read.push(reader.body(RecordRef::new(number)).map(<[u8]>::to_owned).ok());
    }
    let mut visited = Vec::new();
    // A damaged block is an error, perhaps after some records.
    let _damaged = blocks.consume(&mut storage, |number, record| {
        visited.push((number, record.to_owned()));
        Ok(())
    });
    let visited = visited.into_iter().skip(BLOCK).take(BLOCK);
    for (number, record) in visited {
        assert_eq!(Some(&record), read[number - BLOCK].as_ref(), "record {number}");
    }
}

fn stored(records: &[&[u8]], storage: &mut Storage) -> Result<Blocks, StorageError> {
    let mut writer = BlocksWriter::default();
    for record in records {
        writer.push(record, storage)?;
    }
    writer.finish(storage)
}

fn behind_long_records(bytes: &[u8], storage: &mut Storage) -> Result<Blocks, StorageError> {
    let long = vec![&[b'x'; 400][..]; BLOCK];
    let first = stored(&long, storage)?;
    first.followed_by(bytes, storage)
}
