use huidan_carrier::{CredentialField, Manifest};
use huidan_exchange::Origin;

/// 17TRACK lives on the gateway, the others have origins of their own.
pub(crate) const EASYPOST: &str = "easypost";
pub(crate) const AFTERSHIP: &str = "aftership";
pub(crate) const TRACKINGMORE: &str = "trackingmore";

pub(crate) const MANIFEST: Manifest = Manifest {
    id: "aggregator",
    zh: "国际轨迹服务",
    en: "International tracking service",
    gateway: "https://api.17track.net",
    sandbox: "",
    origins: &[
        origin(EASYPOST, "https://api.easypost.com"),
        origin(AFTERSHIP, "https://api.aftership.com"),
        origin(TRACKINGMORE, "https://api.trackingmore.com"),
    ],
    pushes: true,
    secret_path: true,
    track_batch: 20,
    books: false,
    watches_others: true,
    subscribes: true,
    credentials: &[
        field(
            "provider",
            true,
            "服务商：easypost、aftership、17track 或 trackingmore",
            "easypost, aftership, 17track or trackingmore",
        ),
        field("api_key", true, "服务商的 API key", "API key of the service"),
        field(
            "push_secret",
            false,
            "推送网址的最后一段，随机且不公开；不填则不接收推送",
            "Last segment of the address for pushes, random and not public; no pushes are taken without it",
        ),
        field(
            "webhook_secret",
            false,
            "推送签名的密钥；17TRACK 不用填（用 api_key 签）",
            "Secret that signs the pushes; 17TRACK signs with the API key and needs none",
        ),
    ],
    ..Manifest::PLAIN
};

const fn origin(name: &'static str, live: &'static str) -> Origin {
    Origin { name, live, sandbox: "" }
}

const fn field(name: &'static str, needed: bool, zh: &'static str, en: &'static str) -> CredentialField {
    CredentialField { name, needed, zh, en }
}
