//! Tests each type with the forms that the upstream sends.

use proptest::prelude::*;

use super::*;

fn text(json: &str) -> Lenient<String> {
    Ok(Raw(json).text()?.map(|text| text.0.into_owned()))
}

#[test]
fn empty_blank_and_null_are_none_for_every_type() {
    for json in ["null", r#""""#, r#""   ""#, r#""\t\u00a0""#] {
        let raw = Raw(json);
        assert_eq!(raw.text(), Ok(None), "{json}");
        assert_eq!(raw.exact_text(), Ok(None), "{json}");
        assert_eq!(raw.flag(), Ok(None), "{json}");
        assert_eq!(raw.whole(), Ok(None), "{json}");
        assert_eq!(raw.decimal(), Ok(None), "{json}");
        assert_eq!(raw.time(), Ok(None), "{json}");
        assert_eq!(raw.date(), Ok(None), "{json}");
    }
}

#[test]
fn objects_lists_and_half_surrogates_are_misfits_for_every_type() {
    for json in ["{}", "[]", r#"["a"]"#, r#""\ud800""#] {
        let raw = Raw(json);
        assert_eq!(raw.text(), Err(Misfit), "{json}");
        assert_eq!(raw.flag(), Err(Misfit), "{json}");
        assert_eq!(raw.whole(), Err(Misfit), "{json}");
        assert_eq!(raw.decimal(), Err(Misfit), "{json}");
        assert_eq!(raw.time(), Err(Misfit), "{json}");
    }
}

#[test]
fn text_is_trimmed_and_numbers_and_booleans_are_text_as_written() {
    for (json, expected) in [
        (r#""Smith""#, "Smith"),
        (r#""  O'Neil\t ""#, "O'Neil"),
        (r#"" \u00c9va ""#, "Éva"),
        (r#""\ud83d\ude00 x""#, "😀 x"),
        (r#""a""#, "a"),
        (r#"" a""#, "a"),
        ("3205", "3205"),
        ("0.10", "0.10"),
        ("1e999", "1e999"),
        ("6477890125896123456789", "6477890125896123456789"),
        ("true", "true"),
    ] {
        assert_eq!(text(json), Ok(Some(expected.to_owned())), "{json}");
    }
    assert_eq!(
        Raw(r#"" c == ""#).exact_text(),
        Ok(Some(" c == ".into())),
        "a cursor is not trimmed"
    );
}

#[test]
fn booleans_are_read_from_words_and_digits() {
    for json in ["true", r#""Yes""#, r#""YES ""#, r#""y""#, r#""True""#, "1", r#""1""#] {
        assert_eq!(Raw(json).flag(), Ok(Some(true)), "{json}");
    }
    for json in ["false", r#""No""#, r#""n""#, r#""FALSE""#, "0", r#"" 0""#] {
        assert_eq!(Raw(json).flag(), Ok(Some(false)), "{json}");
    }
    for json in ["2", "1.0", r#""maybe""#, r#""yes please""#, r#""ja""#] {
        assert_eq!(Raw(json).flag(), Err(Misfit), "{json}");
    }
}

#[test]
fn whole_numbers_are_read_exactly_from_numbers_and_text() {
    for (json, expected) in [
        ("65432", 65_432),
        (r#"" 65432 ""#, 65_432),
        ("65432.0", 65_432),
        (r#""0065432""#, 65_432),
        ("-5", -5),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("9007199254740993", 9_007_199_254_740_993),
    ] {
        assert_eq!(Raw(json).whole(), Ok(Some(expected)), "{json}");
    }
    for json in ["1.5", "1e3", r#""+5""#, r#""5.""#, "9223372036854775808", r#""D12""#, "true"] {
        assert_eq!(Raw(json).whole(), Err(Misfit), "{json}");
    }
}

#[test]
fn decimals_are_read_exactly_from_numbers_and_text() {
    for (json, expected) in [("100", "100"), ("0.1", "0.1"), (r#""12.50""#, "12.5")] {
        let decimal = Raw(json).decimal().unwrap().unwrap();
        assert_eq!(decimal.to_string(), expected, "{json}");
    }
    assert_eq!(Raw(r#""1,000""#).decimal(), Err(Misfit));
}

#[test]
fn dates_are_read_in_every_known_form_of_the_upstream() {
    for json in [
        r#""2021-03-05""#,
        r#""2021-03-05 00:00:00""#,
        r#""2021-03-05T10:50:16.25Z""#,
        r#""5/03/2021 1:05:09 PM""#,
        r#""5/03/2021""#,
    ] {
        assert_eq!(Raw(json).date(), Ok(NaiveDate::from_ymd_opt(2021, 3, 5)), "{json}");
    }
    for json in [r#""5 March 2021""#, "20210305", r#""2021-02-30""#] {
        assert_eq!(Raw(json).date(), Err(Misfit), "{json}");
    }
}

proptest! {
    #[test]
    fn any_text_survives_escaping(written in "\\PC{0,20}") {
        let json = serde_json::to_string(&written).unwrap();
        let trimmed = Some(written.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        prop_assert_eq!(text(&json), Ok(trimmed));
    }
}
