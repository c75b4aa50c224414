//! The carrier of those who bought a range of waybill numbers: takes them one after the other and calls nobody.

mod book;
mod range;
#[cfg(target_family = "wasm")]
mod shell;
mod webhook;

use huidan_carrier::{Booked, Cancelled, Carrier, CredentialField, Manifest, Parcel, Scan, UnknownOutcome};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct OwnNumbers;

const MANIFEST: Manifest = Manifest {
    id: "own-numbers",
    zh: "自有单号段",
    en: "Own number range",
    gateway: "",
    sandbox: "",
    unknown_outcome: UnknownOutcome::SafeRepeat,
    needs_serial: true,
    takes_tokens_of: &[],
    pushes: false,
    secret_path: false,
    track_batch: 0,
    credentials: &[
        CredentialField {
            name: "from",
            needed: true,
            zh: "号段的第一个号，只填数字部分，不含前缀、后缀和校验位",
            en: "First number of the range: digits only, without prefix, suffix and check digit",
        },
        CredentialField {
            name: "to",
            needed: true,
            zh: "号段的最后一个号，格式同上",
            en: "Last number of the range, likewise",
        },
        CredentialField {
            name: "carrier",
            needed: false,
            zh: "号段属于哪家快递，如 yto、zto；回传发货时告诉店铺",
            en: "Whose range it is, such as yto or zto; shops are told this carrier",
        },
        CredentialField {
            name: "prefix",
            needed: false,
            zh: "单号前面的字母或数字，如 YT",
            en: "What stands before the digits, such as YT",
        },
        CredentialField {
            name: "suffix",
            needed: false,
            zh: "单号后面的字母，如国际挂号的 CN",
            en: "What stands after them, such as the CN of international mail",
        },
        CredentialField {
            name: "digits",
            needed: false,
            zh: "数字部分的位数，不足时前面补零；不填则与第一个号一样长",
            en: "How many digits, filled up with zeros in front; as many as the first number has where it is not set",
        },
        CredentialField {
            name: "check_digit",
            needed: false,
            zh: "数字部分后面的校验位算法：none（默认）、s10（国际邮件）、gs1、mod7",
            en: "Check digit after the digits: none (default), s10 (international mail), gs1, mod7",
        },
    ],
    ..Manifest::PLAIN
};

impl Carrier for OwnNumbers {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::number(&call.account.credentials, parcel).map(Next::Done)
    }

    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        book::number(&call.account.credentials, parcel).map(|booked| Next::Done(Some(booked)))
    }

    fn cancel(&self, _call: &Call<'_>, _number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        Ok(Next::Done(Cancelled::Done))
    }

    fn verify(
        &self,
        _push: Webhook<Unverified>,
        _account: &Account,
        _secret: Option<&str>,
        _now: Millis,
    ) -> Result<Webhook<Verified>, Refusal> {
        Err(Refusal::Signature)
    }

    fn read(&self, _push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
        Ok(Vec::new())
    }

    fn answer(&self, said: &Said, _asked: &http::HeaderMap) -> Reply {
        webhook::answer(said)
    }
}
