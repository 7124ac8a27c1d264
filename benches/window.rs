//! What it costs to serve a window of 100 records from a kept sweep, beside what it costs to copy its bytes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use divan::{Bencher, black_box};
use dotstory::clock::SystemClock;
use dotstory::domain::CustomerId;
use dotstory::paging::{
    Config, Cursor, Filter, MemoryBudget, Page, Source, SourceError, Surroundings, Sweeps, Window,
};
use dotstory::shutdown::Tasks;
use dotstory::telemetry::Metrics;
use tokio::runtime::Runtime;

/// Customers of the sweep: a thousand pages of the upstream's.
const CUSTOMERS: u64 = 100_000;

/// A tenant in memory, in pages of 100.
#[derive(Debug)]
struct Tenant;

#[derive(Debug, thiserror::Error)]
#[error("never")]
struct Never;

impl SourceError for Never {
    fn is_cursor_rejected(&self) -> bool {
        false
    }
}

impl Source for Tenant {
    type Error = Never;

    async fn page(&self, _: Option<DateTime<Utc>>, cursor: Option<&Cursor>) -> Result<Page, Never> {
        let start: u64 = cursor.map_or(0, |cursor| cursor.as_str().parse().expect("we wrote it"));
        let mut page = Page::with_capacity(100);
        for id in start..start + 100 {
            page.push(CustomerId::new(id.cast_signed()), None, |out| {
                out.extend(record(id).into_bytes());
            });
        }
        let next = start + 100;
        page.set_next((next < CUSTOMERS).then(|| Cursor::new(&next.to_string())));
        Ok(page)
    }
}

/// A record of usual size, about 1,000 bytes, with what differs between customers differing.
fn record(id: u64) -> String {
    let mixed = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!(
        r#"{{"id":{id},"first_name":"First{a:x}","last_name":"Last{b:x}","mobile_phone":"+614{phone:08}","email":"customer{id}.{a:x}@example.com","allow_sms":true,"allow_email":false,"city":"South Melbourne","state":"VIC","address":"{number} Cecil St","zip":"{zip}","birth_date":null,"store_id":{store},"country":"Australia","address_2":null,"home_phone":"(03) {phone:08}","work_phone":null,"customer_code":"LAST{b:x}","store_code":"Store {store}","loyalty_code":"99","loyalty_name":"Example loyalty","is_staff":false,"is_retail_customer":true,"privacy":false,"shopify_customer_id":"64778{phone:08}","date_created":"2021-03-25T00:00:00+11:00","date_updated":"2023-03-06T10:{minute:02}:{second:02}+11:00","attr_favourite_colour":"blue","attr_shoe_size":"{size}"}}"#,
        a = mixed >> 48,
        b = (mixed >> 24) & 0xFFFF,
        phone = mixed % 100_000_000,
        number = mixed % 300,
        zip = 3000 + mixed % 999,
        store = 100 + mixed % 80,
        minute = mixed % 60,
        second = (mixed >> 8) % 60,
        size = 36 + mixed % 12,
    )
}

fn sweeps(runtime: &Runtime) -> Sweeps<Tenant> {
    let _in_runtime = runtime.enter();
    let metrics = Metrics::new();
    let surroundings = Surroundings {
        clock: Arc::new(SystemClock),
        tasks: Tasks::new(),
        budget: MemoryBudget::new(u64::MAX, &metrics),
        metrics,
        span: tracing::Span::none(),
    };
    let config = Config {
        count_wait: Duration::from_hours(1),
        reuse: Duration::from_hours(1),
        lifetime: Duration::from_hours(1),
        lookback: Duration::ZERO,
    };
    Sweeps::new(Tenant, config, surroundings)
}

fn window(start: u64) -> Window {
    Window::new(start, NonZeroU32::new(100).expect("100 is not 0"))
}

/// A runtime and a sweep that is walked already.
fn walked() -> (Runtime, Sweeps<Tenant>) {
    let runtime = Runtime::new().expect("a runtime starts");
    let sweeps = sweeps(&runtime);
    runtime.block_on(sweeps.window(Filter::Everyone, window(0))).expect("the tenant never fails");
    (runtime, sweeps)
}

fn serve(runtime: &Runtime, sweeps: &Sweeps<Tenant>, start: u64) -> Vec<u8> {
    let answer =
        runtime.block_on(sweeps.window(Filter::Everyone, window(start))).expect("it is kept");
    let mut out = Vec::with_capacity(100 * 1024);
    answer.append_to(&mut out);
    out
}

#[divan::bench]
fn window_of_100_one_after_the_other(bencher: Bencher<'_, '_>) {
    let (runtime, sweeps) = walked();
    let mut start = 0;
    bencher.bench_local(|| {
        start = (start + 100) % CUSTOMERS;
        black_box(serve(&runtime, &sweeps, start))
    });
}

#[divan::bench]
fn window_of_100_anywhere(bencher: Bencher<'_, '_>) {
    let (runtime, sweeps) = walked();
    let mut at: u64 = 1;
    bencher.bench_local(|| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        black_box(serve(&runtime, &sweeps, (at >> 33) % (CUSTOMERS - 100)))
    });
}

#[divan::bench]
fn copying_the_bytes_of_a_window_of_100(bencher: Bencher<'_, '_>) {
    let (runtime, sweeps) = walked();
    let bytes = serve(&runtime, &sweeps, 0);
    bencher.bench_local(|| {
        let mut out = Vec::with_capacity(100 * 1024);
        out.extend_from_slice(black_box(&bytes));
        black_box(out)
    });
}

fn main() {
    divan::main();
}
