use crate::range::Range;
use huidan_carrier::{Booked, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Credentials, rejected};

/// The number that the parcel's serial stands for: the same at every repeat, so a lost answer is simply made again.
pub(crate) fn number(credentials: &Credentials, parcel: &Parcel) -> Result<Booked, CallError> {
    if parcel.receiver.token.is_some() {
        return Err(rejected(
            "encrypted_receiver",
            "收件人由平台加密，不能自己打印面单，请改用平台的电子面单 / the platform encrypts this receiver: \
                     its own waybill service must print the label",
        ));
    }
    let range = Range::read(credentials)?;
    let serial = parcel.serial.ok_or_else(|| {
        rejected("serial_missing", "没有取到号段序号，请重新取号 / no serial was drawn from the range: book again")
    })?;
    let number = range.number(serial).ok_or_else(|| CallError::Rejected {
        code: "range_exhausted".to_owned(),
        remedy: format!(
            "号段 {}–{} 已用完，请购买新号段并新建一个承运商账号 / the range {}–{} is used up: buy another and set \
             it up as a new account",
            range.from, range.to, range.from, range.to
        ),
    })?;
    let number = WaybillNo::parse(&number).map_err(|_| CallError::Credentials {
        field: "prefix".to_owned(),
        detail: "拼出的单号应为 6 至 40 位字母、数字或连字符 / the numbers so made must be 6 to 40 letters, digits or \
                 hyphens"
            .to_owned(),
    })?;
    let by = credentials.optional("carrier").unwrap_or_default().to_owned();
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing: String::new(),
        by,
        children: Vec::new(),
        reference: String::new(),
    })
}
