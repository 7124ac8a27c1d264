//! Readings by a paused clock, from a script.

use std::collections::VecDeque;
use std::sync::Mutex;

use reqwest::StatusCode;

use super::*;
use crate::dotapparel::tests::Log;

/// What each reading answers in turn, and how long it takes; when they are used up, readings hang.
type Script = VecDeque<(u64, Result<Vec<Store>, Error>)>;

struct Subject {
    names: StoreNames,
    tasks: Tasks,
    metrics: Metrics,
    script: Arc<Mutex<Script>>,
}

impl Subject {
    fn new(script: impl Into<Script>) -> Self {
        let metrics = Metrics::new();
        Self {
            names: StoreNames::new(&metrics),
            tasks: Tasks::new(),
            metrics,
            script: Arc::new(Mutex::new(script.into())),
        }
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
        self.names.ready_by(read, &self.tasks, &Span::none()).await;
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
        self.names.name(Some(5011), None)
    }
}

fn store(id: i64, code: &str, name: &str) -> Store {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Store { id: Some(id), code: text(code), name: text(name) }
}

fn bondi(name: &str) -> Vec<Store> {
    vec![store(5011, "Bondi", name)]
}

fn refused() -> Result<Vec<Store>, Error> {
    Err(Error::Refused { status: StatusCode::FORBIDDEN })
}

/// A little past each of the times at which readings are made.
async fn pass(duration: Duration) {
    sleep(duration + Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_before_the_first_need_and_whoever_needs_it_waits_for_it_once() {
    let subject = Subject::new([(2, Ok(bondi("Bondi Junction")))]);
    pass(REFRESH).await;
    assert_eq!((subject.left(), subject.names.were_read()), (1, false));

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
async fn a_first_reading_that_takes_long_is_waited_for_five_seconds_by_all_together() {
    let subject = Subject::new([(60, Ok(bondi("Bondi")))]);
    let begun = Instant::now();
    subject.ready().await;
    assert_eq!(begun.elapsed().as_secs(), 5);
    subject.ready().await;
    assert_eq!(begun.elapsed().as_secs(), 5, "who comes later does not wait at all");
    assert!(!subject.names.were_read() && !subject.names.are_failing());

    pass(Duration::from_mins(1)).await;
    assert!(subject.names.were_read(), "it goes on behind their backs");
}

#[tokio::test(start_paused = true)]
async fn names_are_read_anew_each_hour() {
    let subject = Subject::new([(0, Ok(bondi("Bondi"))), (0, Ok(bondi("Bondi Junction")))]);
    subject.ready().await;
    sleep(REFRESH.mul_f64(0.999)).await;
    assert_eq!(subject.bondi().as_deref(), Some("Bondi"));
    pass(REFRESH.mul_f64(0.001)).await;
    assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_leaves_the_names_and_is_said_once_each_time_it_begins_or_ends() {
    let (log, _listening) = Log::listen();
    let subject = Subject::new([
        (0, Ok(bondi("Bondi"))),
        (0, refused()),
        (0, refused()),
        (0, Ok(bondi("Bondi Junction"))),
        (0, Ok(bondi("Bondi Junction"))),
    ]);
    let said = || -> Vec<_> {
        let lines = log.lines();
        lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    };
    subject.ready().await;
    assert_eq!(said(), ["stores read"]);
    pass(REFRESH).await;
    assert!(subject.names.are_failing());
    subject.assert_metric("dotstory_stores_failing 1");
    pass(RETRY).await;
    assert_eq!(
        (subject.left(), said()),
        (2, vec!["stores read".into(), "stores cannot be read".into()])
    );
    assert_eq!(subject.bondi().as_deref(), Some("Bondi"));

    pass(RETRY).await;
    pass(REFRESH).await;
    assert_eq!(said(), ["stores read", "stores cannot be read", "stores read"]);
    assert!(!subject.names.are_failing());
    subject.assert_metric("dotstory_stores_failing 0");
    assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
}

#[tokio::test(start_paused = true)]
async fn stores_that_were_never_read_are_not_known_to_have_no_name() {
    let subject = Subject::new([(0, refused())]);
    subject.ready().await;
    assert!(subject.names.are_failing() && !subject.names.were_read());
    assert_eq!(subject.bondi(), None);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_tells_nothing_and_takes_nothing_away() {
    let subject = Subject::new([(0, Ok(vec![])), (0, Ok(bondi("Bondi"))), (0, Ok(vec![]))]);
    subject.ready().await;
    assert!(!subject.names.were_read() && !subject.names.are_failing());
    pass(REFRESH).await;
    pass(REFRESH).await;
    assert_eq!((subject.left(), subject.bondi().as_deref()), (0, Some("Bondi")));
}

#[tokio::test(start_paused = true)]
async fn stores_of_which_none_has_a_usable_name_take_nothing_away_and_are_a_failure() {
    let (log, _listening) = Log::listen();
    let codeless = Store { id: None, code: None, name: Some("Bondi".to_owned()) };
    let two_of_an_id = vec![store(1, "", "One"), store(1, "", "Other")];
    for useless in [vec![store(5011, "Bondi", "")], vec![codeless], two_of_an_id] {
        let script = [(0, Ok(bondi("Bondi"))), (0, Ok(useless)), (0, Ok(bondi("Bondi Junction")))];
        let subject = Subject::new(script);
        subject.ready().await;
        pass(REFRESH).await;
        assert!(subject.names.are_failing());
        assert_eq!(subject.bondi().as_deref(), Some("Bondi"));
        let warning = log.lines().pop().unwrap();
        assert_eq!(warning["message"], "stores cannot be read");
        assert_eq!(warning["error"], "none of the stores has a usable name");

        pass(RETRY).await;
        assert!(!subject.names.are_failing());
        assert_eq!(subject.bondi().as_deref(), Some("Bondi Junction"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_readings_stop_with_the_process() {
    let subject = Subject::new([(0, Ok(bondi("Bondi")))]);
    subject.ready().await;
    assert_eq!(subject.tasks.running(), 1);
    subject.tasks.drain(Duration::from_secs(1)).await.unwrap();
}

#[test]
fn a_store_is_matched_by_id_then_by_code_and_never_by_what_two_share() {
    let stores = [
        store(1, "One", "First"),
        store(2, "Two", "Second"),
        store(3, "Two", "Third"),
        store(4, "Four", ""),
        store(5, "Five", "Fifth"),
        store(5, "Five", "Fifth"),
        store(6, "", "Sixth"),
    ];
    let names = Names::of_stores(stores.iter());
    for (id, code, name) in [
        (Some(1), None, Some("First")),
        (None, Some("One"), Some("First")),
        (Some(1), Some("Five"), Some("First")),
        (Some(99), Some("One"), Some("First")),
        (Some(2), Some("Two"), Some("Second")),
        (None, Some("Two"), None),
        (Some(4), Some("Four"), None),
        (Some(4), Some("One"), Some("First")),
        (Some(5), None, Some("Fifth")),
        (None, Some("Five"), Some("Fifth")),
        (None, Some("one"), None),
        (None, None, None),
    ] {
        assert_eq!(names.of(id, code).as_deref(), name, "{id:?} {code:?}");
    }
}
