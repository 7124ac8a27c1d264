//! Writes the results of a probe as text.

use std::fmt::{Arguments, Write};

use super::findings::{Finding, Outcome, Verdict};
use super::sample::{NameReport, SampleReport};

/// Why a failed write to a `String` is not handled.
const NEVER_FAILS: &str = "writing to a string cannot fail";

/// Prints a line of progress on standard error.
pub(crate) fn progress(text: Arguments<'_>) {
    eprintln!("probe: {text}");
}

/// The outcome as text.
pub(crate) fn text(outcome: &Outcome) -> String {
    let Outcome { brand, calls, seconds, .. } = outcome;
    let mut out = String::new();
    writeln!(out, "brand {brand}: {calls} calls in {seconds} s\n").expect(NEVER_FAILS);
    for finding in &outcome.findings {
        write_finding(finding, &mut out);
    }
    if let Some(sample) = &outcome.sample {
        write_sample(sample, &mut out);
    }
    if outcome.suggestions.is_empty() {
        writeln!(out, "\nno change to brands/{brand}.toml is suggested").expect(NEVER_FAILS);
    } else {
        writeln!(
            out,
            "\nto change brands/{brand}.toml: put the lines before the first section at the top of \
             the file, put each other line into its section, and delete older lines with the same \
             key\n\n{}",
            outcome.toml.trim_end()
        )
        .expect(NEVER_FAILS);
    }
    out
}

fn write_finding(finding: &Finding, out: &mut String) {
    let Finding { name, verdict, found, remedy } = finding;
    let mark = match verdict {
        Verdict::Fits => '✓',
        Verdict::Refuted | Verdict::Failed => '✗',
        Verdict::Open => '?',
    };
    writeln!(out, "{mark} {name:<20} {found}").expect(NEVER_FAILS);
    if let Some(remedy) = remedy {
        writeln!(out, "  {:<20} {remedy}", "").expect(NEVER_FAILS);
    }
}

fn write_sample(sample: &SampleReport, out: &mut String) {
    let SampleReport { customers, looked_up, .. } = sample;
    let which = if sample.is_whole { "all" } else { "the first" };
    writeln!(out, "\n{which} {customers} customers, {looked_up} of them looked up by id")
        .expect(NEVER_FAILS);
    for share in &sample.shares {
        let percent = share.customers * 100 / share.of.max(1);
        let (key, count, of) = (share.key, share.customers, share.of);
        writeln!(out, "  {key:<18} {percent:>3} %   {count} of {of}").expect(NEVER_FAILS);
    }
    if sample.excluded > 0 {
        writeln!(out, "  {:<18} {}", "excluded", sample.excluded).expect(NEVER_FAILS);
    }
    write_names("attributes", &sample.attributes, out);
    write_names("references", &sample.references, out);
    if sample.hidden_names > 0 {
        let hidden = sample.hidden_names;
        writeln!(out, "{hidden} names are not shown: they are rare, or may have personal data")
            .expect(NEVER_FAILS);
    }
    for shared in &sample.shared_addresses {
        let (channel, address, customers) = (shared.channel, &shared.address, shared.customers);
        writeln!(out, "{channel} of {customers} customers: {address}").expect(NEVER_FAILS);
    }
}

fn write_names(list: &str, names: &[NameReport], out: &mut String) {
    for name in names {
        let values: Vec<_> = name
            .values
            .iter()
            .map(|value| format!("{} {} %", value.shown, value.percent))
            .collect();
        let several = if name.has_several { ", several at once" } else { "" };
        writeln!(
            out,
            "{list}: {:?} of {} customers{several}: {}",
            name.name,
            name.customers,
            values.join(", ")
        )
        .expect(NEVER_FAILS);
    }
}
