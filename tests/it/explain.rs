//! `dotstory explain`, as support uses it, against the simulated tenant.

use std::fs;
use std::process::{Command, Output};
use std::sync::Arc;

use dotstory::clock::SystemClock;
use dotstory::sandbox::{self, Sandbox};
use tempfile::TempDir;

/// A tenant, and the configuration of its brand.
struct Desk {
    sandbox: Sandbox,
    directory: TempDir,
}

impl Desk {
    fn new(mapping: &str) -> Self {
        let tenant = sandbox::Config { customers: 250, ..sandbox::Config::default() };
        let sandbox = Sandbox::start(tenant.clone(), Arc::new(SystemClock)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("brands")).unwrap();
        fs::write(directory.path().join("dotstory.toml"), "").unwrap();
        let sandbox::Config { timezone, name, shop, username, .. } = tenant;
        let brand = format!(
            "timezone = \"{timezone}\"\ncountry = \"AU\"\n[dotapparel]\nbase_url = \"{}\"\nname = \"{name}\"\n\
             shop = \"{shop}\"\nusername = \"{username}\"\npassword = {{ env = \"DESK_PASSWORD\" }}\n\
             [dailystory]\ntokens = [{{ env = \"DESK_TOKEN\" }}]\n{mapping}",
            sandbox.base_url()
        );
        fs::write(directory.path().join("brands/desk.toml"), brand).unwrap();
        Self { sandbox, directory }
    }

    fn explain(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_dotstory"))
            .args(["explain", "--config"])
            .arg(self.directory.path().join("dotstory.toml"))
            .args(arguments)
            .env("DESK_PASSWORD", sandbox::Config::default().password)
            .env("DESK_TOKEN", "a-token-for-tests-alone")
            .output()
            .unwrap()
    }

    /// The printed explanation of this customer.
    fn explanation(&self, id: i64, more: &[&str]) -> String {
        let id = id.to_string();
        let output = self.explain(&[&["--brand", "desk", id.as_str()], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_is_explained_from_the_current_answers_of_the_tenant() {
    let desk = Desk::new(
        "[mapping.consent]\nallow_sms = { attribute = \"sms_opt_in\", granted = [\"Y\"] }\n",
    );
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.surname = Some("Sampleson".into())).unwrap();
    let text = desk.explanation(id, &[]);
    for line in [
        format!("customer {id} of desk\n"),
        "  /customers/{id}     found\n".to_owned(),
        "  /customers/search   found after 1 page\n".to_owned(),
        "  lists are made of   the search (set by [sync] details)\n".to_owned(),
        "  both     surname                            \"Sampleson\"\n  => \"Sampleson\"\n"
            .to_owned(),
        "allow_sms (boolean): [mapping.consent] true if every answer is one of \"y\"".to_owned(),
        "  => in a list false\n  => by id (absent)\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} in\n{text}");
    }

    let masked = desk.explanation(id, &["--masked"]);
    assert!(!masked.contains("Sampleson") && !masked.contains(&id.to_string()));
    assert!(masked.contains("  both     surname   ") && masked.contains("(boolean)"));
    assert_eq!(masked.lines().count(), text.lines().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_customer_an_unknown_brand_and_a_failing_tenant_are_reported() {
    let desk = Desk::new("");
    let unknown = desk.explain(&["--brand", "desk", "1"]);
    let text = String::from_utf8(unknown.stdout).unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text.contains("not found (404)") && text.contains("not found in 3 pages"), "{text}");

    let misspelt = desk.explain(&["--brand", "dsk", "1"]);
    assert_eq!(misspelt.status.code(), Some(64));
    let error = String::from_utf8(misspelt.stderr).unwrap();
    assert_eq!(error, "dotstory: no brand dsk; the brands are desk\n");

    desk.sandbox.control().fault(sandbox::Fault::Status(500), None);
    let down = desk.explain(&["--brand", "desk", "1"]);
    assert_eq!(down.status.code(), Some(1));
    let error = String::from_utf8(down.stderr).unwrap();
    assert!(error.starts_with("dotstory: failed to ask DotApparel: unavailable: 500"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_excluded_customer_is_explained_as_excluded() {
    let desk = Desk::new("[mapping.exclude]\nstaff = true\n");
    let tenant = desk.sandbox.control();
    let id = tenant.ids()[0];
    tenant.edit(id, |person| person.retail_rep = Some("Yes".into())).unwrap();
    let text = desk.explanation(id, &[]);
    assert!(text.contains("  in a list           not served: [mapping.exclude]\n"), "{text}");
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
    let text = desk.explanation(id, &[]);
    let explained = |shown: &str| {
        format!(
            "allow_email (boolean): false, because another customer with this e-mail address refuses \
             ([mapping.consent] shared); by itself: true if a source has privacy false, and no source \
             has it true or unreadable\n  \
               both     privacy                            false\n  \
               other    id of the customer that refuses    {shown}\n  \
               => false\n"
        )
    };
    assert!(text.contains(&explained(&other.to_string())), "{text}");
    let masked = desk.explanation(id, &["--masked"]);
    let part = format!("{}***", &other.to_string()[..2]);
    assert!(masked.contains(&explained(&part)), "{masked}");
    assert!(!masked.contains(&other.to_string()) && !masked.contains("family"));
}
