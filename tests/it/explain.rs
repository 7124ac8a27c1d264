//! `dotstory explain`, as support uses it, against the simulated tenant.

use dotstory::sandbox;
use serde_json::{Value, json};

use crate::support::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn each_key_is_explained_from_the_current_answers_of_the_tenant() {
    let desk = Desk::new(
        "[mapping.consent]\nallow_sms = { attribute = \"sms_opt_in\", granted = [\"Y\"] }\n",
    );
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.surname = Some("Sampleson".into())).unwrap();
    let text = desk.print("explain", &[&id.to_string()]);
    for line in [
        format!("customer {id} of desk\n"),
        "  /customers/{id}     found\n".to_owned(),
        "  /customers/search   found after 1 page\n".to_owned(),
        "  lists are made of   the search (set by [sync] details)\n".to_owned(),
        "  both     surname                            \"Sampleson\"\n  => \"Sampleson\"\n"
            .to_owned(),
        "allow_sms (boolean): [mapping.consent] true if every answer of the customer is one of \"y\"".to_owned(),
        "  => in a list false\n  => by id (absent)\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} in\n{text}");
    }

    let masked = desk.print("explain", &[&id.to_string(), "--masked"]);
    assert!(!masked.contains("Sampleson") && !masked.contains(&id.to_string()));
    assert!(masked.contains("  both     surname   ") && masked.contains("(boolean)"));
    assert_eq!(masked.lines().count(), text.lines().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_rule_the_values_and_the_results_of_each_key() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.surname = Some("Sampleson".into())).unwrap();
    let text = desk.print("explain", &["--format", "json", &id.to_string()]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["brand"], &json["id"]), (&"desk".into(), &id.into()));
    assert_eq!((&json["in_list"], &json["by_id"]), (&"served".into(), &"served".into()));
    assert_eq!((&json["found_by_id"], &json["found_in_search"]), (&true.into(), &true.into()));
    let keys = json["keys"].as_array().unwrap();
    let key = |name: &str| keys.iter().find(|key| key["key"] == name).unwrap().clone();
    let last_name = key("last_name");
    let found = |source| json!({"source": source, "path": "surname", "value": "Sampleson"});
    assert_eq!(last_name["found"], json!([found("search"), found("detail")]));
    assert_eq!(
        (&last_name["in_list"], &last_name["by_id"]),
        (&"Sampleson".into(), &"Sampleson".into())
    );
    assert!(last_name["rule"].is_string() && last_name["type"] == "text", "{last_name}");

    let masked = desk.print("explain", &["--format", "json", "--masked", &id.to_string()]);
    assert!(!masked.contains("Sampleson") && !masked.contains(&id.to_string()), "{masked}");
    let unknown = desk.run("explain", &["--format", "json", "1"]);
    let json: Value = serde_json::from_slice(&unknown.stdout).unwrap();
    assert_eq!((&json["in_list"], unknown.status.code()), (&"not_found".into(), Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_customer_an_unknown_brand_and_a_failing_tenant_are_reported() {
    let desk = Desk::new("");
    let unknown = desk.run("explain", &["1"]);
    let text = String::from_utf8(unknown.stdout).unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text.contains("not found (404)") && text.contains("not found in 3 pages"), "{text}");

    let misspelt = desk.run("explain", &["--brand", "dsk", "1"]);
    assert_eq!(misspelt.status.code(), Some(64));
    let error = String::from_utf8(misspelt.stderr).unwrap();
    assert_eq!(error, "dotstory: no brand dsk; the brands are desk\n");

    desk.sandbox.control().fault(sandbox::Fault::Status(500), None);
    let down = desk.run("explain", &["1"]);
    assert_eq!(down.status.code(), Some(1));
    let error = String::from_utf8(down.stderr).unwrap();
    assert!(error.starts_with("dotstory: failed to ask DotApparel: unavailable: 500"), "{error}");
    assert!(error.ends_with("if the failure lasts, ask DotApparel\n"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_excluded_customer_is_explained_as_excluded() {
    let desk = Desk::new("[mapping.exclude]\nstaff = true\n");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.retail_rep = Some("Yes".into())).unwrap();
    let text = desk.print("explain", &[&id.to_string()]);
    assert!(
        text.contains("  in a list           not served: excluded by [mapping.exclude]\n"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_another_customer_is_explained_with_its_id() {
    let desk = Desk::new("");
    let tenant = desk.sandbox.control();
    let (id, other) = (tenant.ids()[3], tenant.ids()[5]);
    for (id, privacy) in [(id, false), (other, true)] {
        tenant
            .edit(id, |person| {
                person.email = Some("family@acme.example".into());
                person.privacy = Some(privacy.into());
            })
            .unwrap();
    }
    let text = desk.print("explain", &[&id.to_string()]);
    let explained = |shown: &str| {
        format!(
            "allow_email (boolean): false, because another customer with this e-mail address refuses \
             ([mapping.consent] shared); without that refusal: true if privacy is false in the detail (in the search, \
             if there is no detail), and no source has privacy true or unreadable; else false\n  \
               both     privacy                            false\n  \
               other    id of the customer that refuses    {shown}\n  \
               => false\n"
        )
    };
    assert!(text.contains(&explained(&other.to_string())), "{text}");
    let masked = desk.print("explain", &[&id.to_string(), "--masked"]);
    let part = format!("{}***", &other.to_string()[..2]);
    assert!(masked.contains(&explained(&part)), "{masked}");
    assert!(!masked.contains(&other.to_string()) && !masked.contains("family"));
}
