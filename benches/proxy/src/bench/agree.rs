//! Compares the answers of dotstory and of nginx's script (`lua/bridge.lua`) before anything is
//! measured.

use std::time::Duration;

use serde_json::Value;

use super::servers::{Kind, Servers, Workers};
use crate::Result;
use crate::load::{Connection, lookup_path, window_path};
use crate::upstream::Upstream;

/// One of this many records is compared key by key.
const SAMPLE: usize = 37;

const LOOKUPS: u64 = 100;

/// Fails unless the lists of both servers have `customers` records with the same ids in the same
/// order, and the compared records and lookups are equal.
pub(crate) fn check(servers: &Servers, customers: u64) -> Result<()> {
    let upstream = Upstream { customers, page_latency: Duration::ZERO }.start()?;
    let dotstory = servers.start(Kind::Dotstory, Workers::KeepsLists, upstream)?;
    let lua = servers.start(Kind::Lua, Workers::KeepsLists, upstream)?;
    let (mut ours, mut theirs) = (Connection::open(dotstory.addr)?, Connection::open(lua.addr)?);
    let mut records = 0;
    for start in (0..customers).step_by(100) {
        let path = window_path(start, 100);
        let (our, their) = (window(&mut ours, &path)?, window(&mut theirs, &path)?);
        if our.0 != customers || their.0 != customers || our.1.len() != their.1.len() {
            let (ours, theirs) = (our.1.len(), their.1.len());
            let text =
                format!("{path}: counts {} and {}, records {ours} and {theirs}", our.0, their.0);
            return Err(text.into());
        }
        for (our, their) in our.1.iter().zip(&their.1) {
            if our["id"] != their["id"] {
                return Err(format!("{path}: ids {} and {}", our["id"], their["id"]).into());
            }
            if records % SAMPLE == 0 {
                compare(our, their)?;
            }
            records += 1;
        }
    }
    if records as u64 != customers {
        return Err(format!("lists of {customers} customers have {records} records").into());
    }
    for number in 0..LOOKUPS {
        let path = lookup_path(number);
        compare(
            &serde_json::from_slice(ours.get(&path)?)?,
            &serde_json::from_slice(theirs.get(&path)?)?,
        )?;
    }
    Ok(())
}

/// The count and the records of a window.
fn window(connection: &mut Connection, path: &str) -> Result<(u64, Vec<Value>)> {
    let mut window: Value = serde_json::from_slice(connection.get(path)?)?;
    match (window["count"].as_u64(), window["records"].take()) {
        (Some(count), Value::Array(records)) => Ok((count, records)),
        _ => Err(format!("{path} has no count or no records").into()),
    }
}

fn compare(our: &Value, their: &Value) -> Result<()> {
    if our == their {
        return Ok(());
    }
    let keys = |record: &Value| -> Vec<String> {
        record.as_object().into_iter().flat_map(|record| record.keys().cloned()).collect()
    };
    let all = [keys(our), keys(their)].concat();
    let differing = all.iter().find(|key| our.get(key.as_str()) != their.get(key.as_str()));
    let key = differing.map_or("", String::as_str);
    let (id, ours, theirs) = (&our["id"], our.get(key), their.get(key));
    Err(format!("customer {id}: {key} is {ours:?} at dotstory and {theirs:?} at the script").into())
}
