//! Tests of the reader with readings from a script, and with paused time.

use std::collections::VecDeque;

use reqwest::StatusCode;

use super::*;
use crate::clock::ManualClock;
use crate::dotapparel::tests::{self, Log, NOW};
use crate::telemetry::Metrics;

/// The seconds that each reading takes, and its result. Readings after the last entry never end.
type Script = VecDeque<(u64, Result<Vec<Store>, Error>)>;

struct ScriptedReader {
    reader: StoreReader,
    metrics: Metrics,
    health: Health,
    script: Arc<Mutex<Script>>,
}

impl ScriptedReader {
    fn new(script: impl Into<Script>) -> Self {
        let metrics = Metrics::new();
        let client = tests::Subject::new("http://127.0.0.1:1").client;
        let health = Health::default();
        let clock = Arc::new(ManualClock::new(NOW));
        let runtime = Runtime { health: health.clone(), ..Runtime::new(clock, metrics.clone()) };
        let reader = StoreReader::new(client, &runtime);
        Self { reader, metrics, health, script: Arc::new(Mutex::new(script.into())) }
    }

    async fn ready(&self) {
        let script = Arc::clone(&self.script);
        let read = move || {
            let next = script.lock().unwrap().pop_front();
            async move {
                let Some((seconds, answer)) = next else { return std::future::pending().await };
                sleep(Duration::from_secs(seconds)).await;
                answer
            }
        };
        self.reader.ready_by(read).await;
    }

    fn left(&self) -> usize {
        self.script.lock().unwrap().len()
    }

    #[track_caller]
    fn assert_metric(&self, line: &str) {
        let text = self.metrics.render();
        assert!(text.lines().any(|found| found == line), "{text}");
    }

    fn bondi(&self) -> Option<Arc<str>> {
        self.reader.names().name(Some(5011), None)
    }
}

fn store(id: i64, code: &str, name: &str) -> Store {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Store { id: Some(id), code: text(code), name: text(name) }
}

fn bondi_store(name: &str) -> Vec<Store> {
    vec![store(5011, "Bondi", name)]
}

fn refused() -> Result<Vec<Store>, Error> {
    Err(Error::Refused { status: StatusCode::FORBIDDEN })
}

/// Waits one second longer than `duration`, so that a reading that is due after `duration` is made.
async fn wait_past(duration: Duration) {
    sleep(duration + Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn stores_are_read_at_the_first_walk_and_all_walks_wait_for_one_reading() {
    let stores = [bondi_store("Bondi Junction"), vec![store(5012, "Online", "")]].concat();
    let subject = ScriptedReader::new([(2, Ok(stores))]);
    wait_past(REFRESH).await;
    assert_eq!((subject.left(), subject.reader.names().were_read()), (1, false));

    let begun = Instant::now();
    tokio::join!(subject.ready(), subject.ready());
    assert_eq!(begun.elapsed().as_secs(), 2);
    assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
    subject.assert_metric("dotstory_stores_named 1");

    let begun = Instant::now();
    subject.ready().await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_slow_first_reading_ends_five_seconds_after_its_start() {
    let subject = ScriptedReader::new([(60, Ok(bondi_store("Bondi")))]);
    let begun = Instant::now();
    subject.ready().await;
    assert_eq!(begun.elapsed().as_secs(), 5);
    subject.ready().await;
    assert_eq!(begun.elapsed().as_secs(), 5, "a later walk does not wait");
    assert!(!subject.reader.names().were_read() && !subject.health.has(Reason::Stores));

    wait_past(Duration::from_mins(1)).await;
    assert!(subject.reader.names().were_read(), "the reading continues in the background");
}

#[tokio::test(start_paused = true)]
async fn names_are_read_again_each_hour() {
    let subject = ScriptedReader::new([
        (0, Ok(bondi_store("Bondi"))),
        (0, Ok(bondi_store("Bondi Junction"))),
    ]);
    subject.ready().await;
    sleep(REFRESH.mul_f64(0.999)).await;
    assert_eq!(subject.bondi().as_deref(), Some("Bondi"));
    wait_past(REFRESH.mul_f64(0.001)).await;
    assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_the_names_and_is_logged_at_its_start_and_its_end() {
    let (log, _listening) = Log::listen();
    let subject = ScriptedReader::new([
        (0, Ok(bondi_store("Bondi"))),
        (0, refused()),
        (0, refused()),
        (0, Ok(bondi_store("Bondi Junction"))),
        (0, Ok(bondi_store("Bondi Junction"))),
    ]);
    let messages = || -> Vec<_> {
        let lines = log.lines();
        lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    };
    subject.ready().await;
    assert_eq!(messages(), ["stores read"]);
    wait_past(REFRESH).await;
    assert!(subject.health.has(Reason::Stores));
    subject.assert_metric("dotstory_stores_failing 1");
    wait_past(RETRY).await;
    assert_eq!(
        (subject.left(), messages()),
        (2, vec!["stores read".into(), "brand not healthy".into()])
    );
    assert_eq!(subject.bondi().as_deref(), Some("Bondi"));

    wait_past(RETRY).await;
    wait_past(REFRESH).await;
    assert_eq!(messages(), ["stores read", "brand not healthy", "reason ended", "stores read"]);
    assert!(!subject.health.has(Reason::Stores));
    subject.assert_metric("dotstory_stores_failing 0");
    assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_first_reading_there_are_no_names_and_the_stores_are_unread() {
    let subject = ScriptedReader::new([(0, refused())]);
    subject.ready().await;
    assert!(subject.health.has(Reason::Stores) && !subject.reader.names().were_read());
    assert_eq!(subject.bondi(), None);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_no_failure_and_keeps_the_names() {
    let subject =
        ScriptedReader::new([(0, Ok(vec![])), (0, Ok(bondi_store("Bondi"))), (0, Ok(vec![]))]);
    subject.ready().await;
    assert!(!subject.reader.names().were_read() && !subject.health.has(Reason::Stores));
    wait_past(REFRESH).await;
    wait_past(REFRESH).await;
    assert_eq!((subject.left(), subject.bondi().as_deref()), (0, Some("Bondi")));
}

#[tokio::test(start_paused = true)]
async fn stores_without_a_usable_name_are_a_failure_and_keep_the_names() {
    let (log, _listening) = Log::listen();
    let codeless = Store { id: None, code: None, name: Some("Bondi".to_owned()) };
    let two_of_an_id = vec![store(1, "", "One"), store(1, "", "Other")];
    for useless in [vec![store(5011, "Bondi", "")], vec![codeless], two_of_an_id] {
        let script = [
            (0, Ok(bondi_store("Bondi"))),
            (0, Ok(useless)),
            (0, Ok(bondi_store("Bondi Junction"))),
        ];
        let subject = ScriptedReader::new(script);
        subject.ready().await;
        wait_past(REFRESH).await;
        assert!(subject.health.has(Reason::Stores));
        assert_eq!(subject.bondi().as_deref(), Some("Bondi"));
        let warning = log.lines().pop().unwrap();
        let sentence = "stores cannot be read, so the store names read earlier stay in use (none of the stores has a usable name): check that the brand's user may read the stores";
        assert_eq!(warning["sentence"], sentence);

        wait_past(RETRY).await;
        assert!(!subject.health.has(Reason::Stores));
        assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_readings_stop_with_the_process() {
    let subject = ScriptedReader::new([(0, Ok(bondi_store("Bondi")))]);
    subject.ready().await;
    assert_eq!(subject.reader.tasks.running(), 1);
    subject.reader.tasks.drain(Duration::from_secs(1)).await.unwrap();
}
