//! Compares lz4 and zstd on blocks of records, for docs/adr/0003-compression.md:
//! `cargo run --release --manifest-path benches/compression/Cargo.toml`.

use std::hint::black_box;
use std::time::Instant;

#[path = "../../support/record.rs"]
mod record;

const RECORDS: u64 = 20_000;

/// Runs of each measurement. The fastest run counts.
const RUNS: u32 = 5;

struct Codec {
    name: &'static str,
    pack: Box<dyn FnMut(&[u8]) -> Vec<u8>>,
    unpack: Box<dyn FnMut(&[u8], &mut [u8])>,
}

fn main() {
    let records: Vec<String> = (0..RECORDS).map(record::record).collect();
    let bytes: usize = records.iter().map(String::len).sum();
    println!("{RECORDS} records of {} bytes on average\n", bytes as u64 / RECORDS);
    println!(
        "| codec | records a block | bytes a record | ratio | pack, µs a block | pack, MB/s | unpack, µs a block | unpack, MB/s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for per_block in [25, 50, 100] {
        let blocks: Vec<Vec<u8>> =
            records.chunks(per_block).map(|block| block.join(",").into_bytes()).collect();
        for mut codec in codecs() {
            measure(&mut codec, &blocks, per_block);
        }
    }
}

fn codecs() -> Vec<Codec> {
    let mut table = lz4_flex::block::CompressTable::default();
    let lz4 = Codec {
        name: "lz4",
        pack: Box::new(move |raw| {
            let max = lz4_flex::block::get_maximum_output_size(raw.len());
            let mut out = vec![0; max];
            let length =
                lz4_flex::block::compress_into_with_table(raw, &mut out, &mut table).unwrap();
            out.truncate(length);
            out
        }),
        unpack: Box::new(|packed, out| {
            lz4_flex::block::decompress_into(packed, out).unwrap();
        }),
    };
    let zstd = |level, name| {
        let mut pack = zstd::bulk::Compressor::new(level).unwrap();
        let mut unpack = zstd::bulk::Decompressor::new().unwrap();
        Codec {
            name,
            pack: Box::new(move |raw| pack.compress(raw).unwrap()),
            unpack: Box::new(move |packed, out| {
                unpack.decompress_to_buffer(packed, out).unwrap();
            }),
        }
    };
    vec![lz4, zstd(-1, "zstd -1"), zstd(1, "zstd 1"), zstd(3, "zstd 3")]
}

fn measure(codec: &mut Codec, blocks: &[Vec<u8>], per_block: usize) {
    let raw: usize = blocks.iter().map(Vec::len).sum();
    let packed: Vec<Vec<u8>> = blocks.iter().map(|block| (codec.pack)(block)).collect();
    let size: usize = packed.iter().map(Vec::len).sum();
    let pack = fastest(|| {
        for block in blocks {
            black_box((codec.pack)(black_box(block)));
        }
    });
    let mut out = vec![0; blocks.iter().map(Vec::len).max().unwrap()];
    let unpack = fastest(|| {
        for (packed, block) in packed.iter().zip(blocks) {
            (codec.unpack)(black_box(packed), &mut out[..block.len()]);
            black_box(&out);
        }
    });
    for (packed, block) in packed.iter().zip(blocks) {
        (codec.unpack)(packed, &mut out[..block.len()]);
        assert!(out[..block.len()] == **block);
    }
    let micros = |seconds: f64| seconds * 1e6 / blocks.len() as f64;
    println!(
        "| {} | {per_block} | {} | {:.2} | {:.0} | {:.0} | {:.1} | {:.0} |",
        codec.name,
        size as u64 / RECORDS,
        raw as f64 / size as f64,
        micros(pack),
        raw as f64 / pack / 1e6,
        micros(unpack),
        raw as f64 / unpack / 1e6,
    );
}

fn fastest(mut run: impl FnMut()) -> f64 {
    let mut seconds = |_| {
        let begin = Instant::now();
        run();
        begin.elapsed().as_secs_f64()
    };
    (0..RUNS).map(&mut seconds).fold(f64::INFINITY, f64::min)
}
