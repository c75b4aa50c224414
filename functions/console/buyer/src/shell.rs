use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    huidan_spin::serve(request, async |world, request| crate::serve(world, request).await).await
}
