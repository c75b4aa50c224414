//! What WeChat's codes (`errcode`) mean for the caller. What is not here is a refusal that no repeat will mend.

/// What to do about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// This credential, or this setting at WeChat, must be mended.
    Credential(&'static str),
    /// Too many calls: again after so many seconds.
    Limited(u32),
    /// WeChat did nothing and asks to try again.
    Later,
    /// WeChat failed inside and does not say how far it came.
    Unclear,
    /// It understood and said no.
    No,
}

/// Pages: 公共错误码 (common), 获取稳定版接口调用凭据 (tokens), and the pages of the calls themselves.
const CODES: &[(i64, Means)] = &[
    (-1, Means::Unclear),
    // The token is no token, or ended.
    (40_001, Means::Credential("access_token")),
    (40_014, Means::Credential("access_token")),
    (41_001, Means::Credential("access_token")),
    (42_001, Means::Credential("access_token")),
    (42_007, Means::Credential("access_token")),
    // The app's own credentials.
    (40_013, Means::Credential("appid")),
    (41_002, Means::Credential("appid")),
    (40_125, Means::Credential("secret")),
    (40_243, Means::Credential("secret")),
    (41_004, Means::Credential("secret")),
    // This machine's address is not on the allow list of the app.
    (40_164, Means::Credential("ip_whitelist")),
    // The app has no right to this call.
    (48_001, Means::Credential("appid")),
    (48_004, Means::Credential("appid")),
    (61_007, Means::Credential("appid")),
    // The day's quota; calls per minute; how often one variant's stock may change.
    (45_009, Means::Limited(600)),
    (45_011, Means::Limited(60)),
    (10_020_112, Means::Limited(60)),
    // The order, or the waybill, is being changed by another call.
    (100_003, Means::Later),
    (10_025_011, Means::Later),
    // The carrier did not answer WeChat in time when a number was to be given back.
    (10_025_030, Means::Unclear),
];

/// The meaning of a code.
pub(crate) fn means(code: i64) -> Means {
    CODES.iter().find(|(known, _)| *known == code).map_or(Means::No, |(_, means)| *means)
}

/// There is no such order.
pub(crate) const NO_ORDER: [i64; 2] = [100_002, 1_000_003];
/// There is no such waybill.
pub(crate) const NO_WAYBILL: i64 = 10_025_010;
/// A waybill of that id was taken before.
pub(crate) const WAYBILL_EXISTS: i64 = 10_025_019;
