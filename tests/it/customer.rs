//! `dotstory customer`, against the simulated tenant.

use dotstory::sandbox::Fault;
use serde_json::Value;

use crate::support::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_customer_is_printed_as_dailystory_gets_it() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.surname = Some("Sampleson".into())).unwrap();
    let text = desk.print("customer", &[&id.to_string()]);
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&record["id"], &record["last_name"]), (&id.into(), &"Sampleson".into()));
    assert!(text.starts_with(&format!("{{\n  \"id\": {id},\n")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_gets_no_email_if_another_customer_with_the_same_email_address_refuses() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let ids = tenant.ids();
    for (id, refuses) in [(ids[0], false), (ids[200], true)] {
        tenant
            .edit(id, |person| {
                person.email = Some("family@home.example".into());
                person.privacy = Some(refuses.into());
            })
            .unwrap();
    }
    let record: Value =
        serde_json::from_str(&desk.print("customer", &[&ids[0].to_string()])).unwrap();
    assert_eq!((&record["privacy"], &record["allow_email"]), (&false.into(), &false.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_prints_the_answers_of_the_lookup_and_of_the_search() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.surname = Some("Sampleson".into())).unwrap();
    let text = desk.print("customer", &["--raw", &id.to_string()]);
    let received: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(received["search"]["surname"], "Sampleson");
    assert_eq!(received["lookup"]["data"]["surname"], "Sampleson", "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_a_record_is_reported_with_exit_code_1() {
    let desk = Desk::new("[mapping.exclude]\nunreachable = true\n");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant
        .edit(id, |person| {
            person.surname = Some("Sampleson".into());
            (person.email, person.mobile, person.home) = (None, None, None);
        })
        .unwrap();
    for (arguments, id, reason) in [
        (&[][..], id, "[mapping.exclude] excludes the customer"),
        (&[], 1, "DotApparel finds no customer by this id"),
        (&["--raw"], 1, "DotApparel finds no customer by this id"),
    ] {
        let output = desk.run("customer", &[arguments, &[&*id.to_string()]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let error = String::from_utf8(output.stderr).unwrap();
        let expected = format!("dotstory: no record for customer {id} of brand desk: {reason}\n");
        assert_eq!(error, expected);
    }
    let text = desk.print("customer", &["--raw", &id.to_string()]);
    assert!(text.contains("\"surname\": \"Sampleson\""), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_is_reported_with_its_remedy() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0].to_string();
    tenant.fault(Fault::Unauthorized, None);
    for arguments in [&[id.as_str()][..], &["--raw", &id]] {
        let output = desk.run("customer", arguments);
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            error,
            "dotstory: failed to ask DotApparel: credentials refused: 401 Unauthorized: check \
             username, password, name and shop under [dotapparel], and the user's rights\n"
        );
    }
}
