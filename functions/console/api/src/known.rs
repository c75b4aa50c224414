//! Which channels and carriers this house has, and what they say of themselves.

use crate::cx::Cx;
use crate::problem::Problem;
use huidan_wire::call::{CarrierManifest, ChannelManifest, CredentialField, WAYBILL, carrier_component};
use huidan_wire::notice::{NoticeManifest, notice_component};
use huidan_world::World;
use std::collections::BTreeMap;

/// The house's own list of functions, as it was when this was built: no adapter is named anywhere else.
const HOUSE: &str = include_str!("../../../../spin.toml");
/// Limit of asking for a manifest, in milliseconds.
const LIMIT_MS: u64 = 5_000;

/// The ids of a role's adapters. A channel may have a waybill service of its own, which is a carrier too: whether it
/// has, its component says.
pub(crate) fn adapters(role: &str) -> Vec<String> {
    let mut ids: Vec<String> = components(role).map(str::to_owned).collect();
    if role == "carrier" {
        ids.extend(components("channel").map(|channel| format!("{channel}{WAYBILL}")));
    }
    ids
}

fn components(role: &str) -> impl Iterator<Item = &'static str> {
    HOUSE
        .lines()
        .filter_map(|line| line.trim().strip_prefix("[component.")?.strip_suffix(']'))
        .filter_map(move |component| component.strip_prefix(role)?.strip_prefix('-'))
        .filter(|name| !name.contains('.'))
}

fn must_be_known(role: &str, field: &str, id: &str) -> Result<(), Problem> {
    let known = adapters(role);
    if known.iter().any(|known| known == id) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(Problem::field("unknown_value", field, format!("{field} 只能是 {known} / {field} can only be one of {known}")))
}

/// What a channel says of itself.
pub(crate) async fn channel<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<ChannelManifest, Problem> {
    must_be_known("channel", "channel", id)?;
    Ok(cx.world.call(&format!("channel-{id}"), "/call/manifest", &(), LIMIT_MS).await?)
}

/// What a carrier says of itself.
pub(crate) async fn carrier<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<CarrierManifest, Problem> {
    must_be_known("carrier", "carrier", id)?;
    Ok(cx.world.call(&carrier_component(id), "/waybill/manifest", &(), LIMIT_MS).await?)
}

/// What a provider of notices says of itself.
pub(crate) async fn provider<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<NoticeManifest, Problem> {
    must_be_known("notify", "provider", id)?;
    Ok(cx.world.call(&notice_component(id), "/notice/manifest", &(), LIMIT_MS).await?)
}

/// Holds credentials to what the adapter says it needs.
pub(crate) fn credentials(fields: &[CredentialField], given: &BTreeMap<String, String>) -> Result<(), Problem> {
    for name in given.keys() {
        if !fields.iter().any(|field| field.name == *name) {
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let known = known.join(", ");
            let detail = format!("没有凭据 {name}，可用：{known} / there is no credential {name}; there are: {known}");
            return Err(Problem::field("unknown_field", format!("credentials.{name}"), detail));
        }
    }
    let filled = |name: &str| given.get(name).is_some_and(|value| !value.trim().is_empty());
    for field in fields.iter().filter(|field| field.needed) {
        if !filled(&field.name) {
            let CredentialField { name, zh, en, .. } = field;
            let detail = format!("缺少凭据 {name}：{zh} / the credential {name} is missing: {en}");
            return Err(Problem::field("missing_credential", format!("credentials.{name}"), detail));
        }
    }
    Ok(())
}
