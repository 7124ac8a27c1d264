use super::*;

fn text_value(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn message(mistake: &Mistake) -> String {
    format!("{mistake:?}")
}

#[test]
fn a_duration_has_a_unit_and_is_in_its_range() {
    let parse = |text: &str| duration(SECOND..=HOUR)(&text_value(text)).ok();
    for (text, seconds) in [
        ("1s", Some(1)),
        ("20s", Some(20)),
        ("1h", Some(3600)),
        ("1m 30s", Some(90)),
        ("999ms", None),
        ("3601s", None),
        ("20", None),
        ("0", None),
        ("-5s", None),
        ("s", None),
        ("", None),
        ("99999999999999999999s", None),
    ] {
        assert_eq!(parse(text), seconds.map(Duration::from_secs), "{text:?}");
    }
    assert!(duration(SECOND..=HOUR)(&Value::Integer(Some(20))).is_err());
}

#[test]
fn a_size_is_binary_or_decimal_and_is_in_its_range() {
    let parse = |text: &str| size(ByteSize::kib(1)..=ByteSize::gib(1))(&text_value(text)).ok();
    for (text, bytes) in [
        ("1KiB", Some(1024)),
        ("16MiB", Some(16 << 20)),
        ("16 MB", Some(16_000_000)),
        ("1.5MiB", Some(3 << 19)),
        ("4096", Some(4096)),
        ("1GiB", Some(1 << 30)),
        ("1023", None),
        ("1025MiB", None),
        ("99999999999999999999EiB", None),
        ("-1MiB", None),
        ("lots", None),
        ("", None),
    ] {
        assert_eq!(parse(text).map(NonZeroU64::get), bytes, "{text:?}");
    }
}

#[test]
fn a_number_is_whole_and_in_its_range() {
    for (value, expected) in [
        (Value::Integer(Some(1)), Some(1)),
        (Value::Integer(Some(500)), Some(500)),
        (Value::Integer(Some(501)), None),
        (Value::Integer(Some(0)), None),
        (Value::Integer(Some(-1)), None),
        (Value::Integer(Some(1 << 40)), None),
        (Value::Integer(None), None),
        (Value::Other("2.0".to_owned()), None),
        (text_value("5"), None),
    ] {
        let parsed = number(1..=500)(&value).ok();
        assert_eq!(parsed.map(NonZeroU32::get), expected, "{value}");
    }
}

#[test]
fn a_header_is_visible_ascii() {
    for (text, good) in [
        ("acme", true),
        ("acme.myshopify.com", true),
        ("", false),
        ("acme shop", false),
        ("acme\r\nX-Other: 1", false),
        ("äcme", false),
    ] {
        assert_eq!(header(&text_value(text)).is_ok(), good, "{text:?}");
    }
}

#[test]
fn a_user_name_has_no_colon_or_control_character_and_is_not_shown() {
    for (text, good) in [
        ("dailystory@acme.example", true),
        ("Zoë Example", true),
        ("", false),
        ("  ", false),
        ("daily:story", false),
        ("daily\nstory", false),
    ] {
        let result = username(&text_value(text));
        assert_eq!(result.is_ok(), good, "{text:?}");
    }
    let error = username(&text_value("user:hunter2")).unwrap_err();
    assert!(!message(&error).contains("hunter2"));
}

#[test]
fn a_variable_name_is_upper_case_and_other_text_is_not_shown() {
    for (text, good) in [
        ("A", true),
        ("_A1", true),
        ("ACME_TOKEN_2", true),
        ("", false),
        ("2A", false),
        ("acme_token", false),
        ("A-B", false),
        ("$A", false),
        ("A=B", false),
    ] {
        assert_eq!(variable_name(&text_value(text)).is_ok(), good, "{text:?}");
    }
    let error = variable_name(&text_value("hunter2")).unwrap_err();
    assert!(!message(&error).contains("hunter2"));
}

#[test]
fn a_country_is_an_existing_code_of_two_upper_case_letters() {
    assert_eq!(country(&text_value("AU")), Ok("AU".parse().unwrap()));
    for bad in ["au", "AUS", "Australia", "ZZ", "", "61"] {
        assert!(country(&text_value(bad)).is_err(), "{bad:?}");
    }
    let error = country(&text_value(" nz")).unwrap_err();
    assert!(message(&error).contains(r#"did you mean \"NZ\"?"#));
}

#[test]
fn a_network_has_a_prefix_or_is_one_address() {
    let parse = |text: &str| network(&text_value(text)).ok().map(|network| network.to_string());
    for (text, parsed) in [
        ("10.0.0.0/8", Some("10.0.0.0/8")),
        ("127.0.0.1", Some("127.0.0.1/32")),
        ("fd00::/8", Some("fd00::/8")),
        ("::1", Some("::1/128")),
        ("0.0.0.0/0", None),
        ("::/0", None),
        ("10.0.0.0/33", None),
        ("10.0.0", None),
        ("proxy.example", None),
        ("10.0.0.0:80", None),
        ("", None),
    ] {
        assert_eq!(parse(text).as_deref(), parsed, "{text:?}");
    }
}

#[test]
fn an_address_is_an_ip_and_a_port() {
    for good in ["127.0.0.1:8080", "[::1]:0", "0.0.0.0:80"] {
        assert!(address(&text_value(good)).is_ok(), "{good:?}");
    }
    for bad in ["localhost:8080", ":8080", "127.0.0.1", "127.0.0.1:65536", "::1:80", ""] {
        assert!(address(&text_value(bad)).is_err(), "{bad:?}");
    }
}
