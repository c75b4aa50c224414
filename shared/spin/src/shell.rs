use crate::Spin;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use huidan_carrier::Carrier;
use huidan_channel::{Channel, Import};
use huidan_flow::Step;
use huidan_notice::Notice;
use huidan_wire::step::{Draft, Proposal};
use huidan_world::{Incoming, Outgoing, adapter, serve as front};
use spin_sdk::http::{FullBody, Request};

/// What a shell answers.
pub type Answer = http::Response<FullBody<Bytes>>;

/// Longest body read at all. What is longer arrives one byte over this limit, and is refused by whoever has a smaller
/// limit of its own.
const BODY_LIMIT: usize = 32 << 20;

/// Serves a channel.
pub async fn channel<C: Channel>(request: Request, channel: &C) -> Answer {
    serve(request, async |world, request| adapter::channel(world, request, channel).await).await
}

/// Serves a channel that reads spreadsheets too.
pub async fn channel_with_import<C: Channel + Import>(request: Request, channel: &C) -> Answer {
    serve(request, async |world, request| match request.uri().path() {
        "/call/import" | "/call/import/look" => adapter::import(world, &request, channel).await,
        _ => adapter::channel(world, request, channel).await,
    })
    .await
}

/// Serves a channel whose platform insists on its own waybills: a carrier in the same component.
pub async fn channel_with_waybills(request: Request, channel: &impl Channel, waybills: &impl Carrier) -> Answer {
    serve(request, async |world, request| match request.uri().path().starts_with("/waybill/") {
        true => adapter::carrier(world, request, waybills, &adapter::Lender(channel)).await,
        false => adapter::channel(world, request, channel).await,
    })
    .await
}

/// Serves a carrier.
pub async fn carrier<C: Carrier>(request: Request, carrier: &C) -> Answer {
    serve(request, async |world, request| adapter::carrier(world, request, carrier, &()).await).await
}

/// Serves a way to tell.
pub async fn notice(request: Request, notice: &impl Notice) -> Answer {
    serve(request, async |world, request| adapter::notice(world, request, notice).await).await
}

/// Serves a normalize step.
pub async fn normalize(request: Request, step: &impl Step<Draft>) -> Answer {
    whole(front::step(&read(request).await, step))
}

/// Serves a route step.
pub async fn route(request: Request, step: &impl Step<Proposal>) -> Answer {
    whole(front::step(&read(request).await, step))
}

/// Serves anything written over a world.
pub async fn serve(request: Request, work: impl AsyncFnOnce(&Spin, Incoming) -> Outgoing) -> Answer {
    let request = read(request).await;
    whole(work(&Spin::waiting(), request).await)
}

/// Serves flow-clock, which alone may meet a database of another version: it brings it up to date.
pub async fn serve_migrating(request: Request, work: impl AsyncFnOnce(&Spin, Incoming) -> Outgoing) -> Answer {
    let request = read(request).await;
    whole(work(&Spin::migrating(), request).await)
}

async fn read(request: Request) -> Incoming {
    let (parts, mut body) = request.into_parts();
    let mut bytes = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            let room = (BODY_LIMIT + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
        }
        if bytes.len() > BODY_LIMIT {
            break;
        }
    }
    Incoming::from_parts(parts, bytes.freeze())
}

fn whole(answer: Outgoing) -> Answer {
    answer.map(FullBody::new)
}
