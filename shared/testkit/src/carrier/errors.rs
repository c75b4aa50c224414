use super::run::run;
use super::{Fault, Operation, Subject};
use huidan_carrier::Carrier;
use huidan_exchange::{CallError, Reply};

/// A mobile number that an operation without a parcel cannot know, and must recognise by its shape.
const STRANGER: &str = "13911112222";

/// Every documented error becomes what it should, and says nothing of the receiver or the secrets although the carrier
/// repeats all of them (`{echo}` in a body stands for the receiver).
///
/// # Panics
/// When one does not, or does.
pub fn maps_errors<C: Carrier>(subject: &Subject<'_, C>, secrets: &[&str], faults: &[Fault]) {
    let receiver = &subject.parcel.receiver;
    let private = [receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str()].join(" ");
    for fault in faults {
        let knows_parcel =
            matches!(fault.to, Operation::Book | Operation::Query | Operation::Update | Operation::Price);
        let echo = if knows_parcel { private.as_str() } else { STRANGER };
        let answer = crate::reply(fault.status, fault.body.replace("{echo}", echo));
        let error = run(subject, subject.caller, fault.to, |_| answer.clone()).err();
        let error = error.unwrap_or_else(|| panic!("{fault:?} was taken for success"));
        assert_eq!(error.kind(), fault.kind, "{fault:?} became {error:?}");
        let code = match &error {
            CallError::Credentials { field, .. } => field.as_str(),
            CallError::Rejected { code, .. } => code.as_str(),
            CallError::Transient { .. } | CallError::Limited { .. } | CallError::Unknown { .. } => "",
        };
        assert_eq!(code, fault.code, "{fault:?} became {error:?}");
        let said = format!("{error} {error:?}");
        let receiver = [receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str(), STRANGER];
        for secret in receiver.iter().chain(secrets).filter(|secret| !secret.is_empty()) {
            assert!(!said.contains(secret), "{fault:?}: the error tells {secret:?}");
        }
    }
}

/// A good answer cut at any byte, or replaced by something that is none, is never taken for success and never breaks
/// anything; where the operation books, the outcome stays open.
///
/// # Panics
/// When it is taken for success.
pub fn doubts_spoilt_answers<C: Carrier>(subject: &Subject<'_, C>, to: Operation, good: &Reply) {
    let body = good.body();
    let mut spoilt: Vec<Vec<u8>> = (0..body.len()).map(|cut| body[..cut].to_vec()).collect();
    spoilt.extend([b"<html>502</html>".to_vec(), b"null".to_vec(), b"{}".to_vec(), b"[]".to_vec(), vec![0xff; 40]]);
    for answer in spoilt {
        let shown = answer.len();
        match run(subject, subject.caller, to, |_| crate::reply(200, answer.clone())) {
            Err(CallError::Unknown { .. }) => {}
            Err(CallError::Transient { .. }) if to != Operation::Book => {}
            other => panic!("{to:?}: an answer of {shown} bytes that is none gave {other:?}"),
        }
    }
}

/// Nothing of the receiver and no secret stands in an address or a header, where proxies and logs would keep it.
///
/// # Panics
/// When something does.
pub fn keeps_addresses_clean<C: Carrier>(subject: &Subject<'_, C>, secrets: &[&str], answer: &Reply) {
    let receiver = &subject.parcel.receiver;
    for operation in Operation::ALL {
        let _ = run(subject, subject.caller, operation, |request| {
            let outside = format!("{} {:?}", request.uri(), request.headers());
            let private = [receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str()];
            for secret in private.iter().chain(secrets).filter(|secret| !secret.is_empty()) {
                assert!(!outside.contains(secret), "{operation:?} shows {secret:?}: {outside}");
            }
            answer.clone()
        });
    }
}
