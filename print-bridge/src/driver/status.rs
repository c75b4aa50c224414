//! What printers say of themselves when asked between labels. Silence is no statement.

use crate::protocol::Format;

/// Of a printer that used to answer: out of paper or ribbon, with its head open or too hot, many say nothing at all
/// (Zebra, `~HS`).
pub(crate) const SILENT: &str = "打印机不再应答（缺纸、缺碳带、打印头打开？） / \
     the printer no longer answers (paper, ribbon, head open?)";

/// A printer's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    /// It waits for a person, and why.
    pub(crate) blocked: Option<&'static str>,
    /// It still has a label to take up; another one would pile up behind it.
    pub(crate) behind: bool,
    /// Everything it was sent has come out.
    pub(crate) empty: bool,
}

/// A status query of one printer language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Query {
    /// `~HS`: three lines between STX and ETX.
    HostStatus,
    /// `<ESC>!?`: one byte.
    EscapeQuestion,
}

impl Query {
    /// The query of a language, if it has one.
    pub(crate) const fn of(lang: &Format) -> Option<Self> {
        match lang {
            Format::Zpl => Some(Self::HostStatus),
            Format::Tspl => Some(Self::EscapeQuestion),
            Format::Png | Format::Pdf | Format::PlatformTask | Format::Unknown(_) => None,
        }
    }

    /// What to send.
    pub(crate) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::HostStatus => b"~HS",
            Self::EscapeQuestion => b"\x1b!?",
        }
    }

    /// Reads an answer: `None` while more of it must come, `Some(None)` if it is no answer to this query.
    pub(crate) fn read(self, answer: &[u8]) -> Option<Option<Status>> {
        match self {
            Self::HostStatus => (answer.iter().filter(|byte| **byte == 0x03).count() >= 3).then(|| host_status(answer)),
            Self::EscapeQuestion => answer.last().map(|byte| Some(escape_status(*byte))),
        }
    }
}

/// `aaa,b,c,dddd,eee,…` / `mmm,n,o,p,q,r,s,t,uuuuuuuu,v,www` / …: b paper out, c pause, eee formats in the buffer,
/// o head up, p ribbon out, u labels remaining (Zebra, ZPL II programming guide, `~HS`).
fn host_status(answer: &[u8]) -> Option<Status> {
    let text = std::str::from_utf8(answer).ok()?;
    let mut lines = text.split('\u{3}').map(|line| line.trim_start_matches(['\r', '\n', '\u{2}']));
    let first: Vec<&str> = lines.next()?.split(',').collect();
    let second: Vec<&str> = lines.next()?.split(',').collect();
    let number = |fields: &[&str], at: usize| fields.get(at)?.trim().parse::<u32>().ok();
    let (paper_out, pause, formats) = (number(&first, 1)?, number(&first, 2)?, number(&first, 4)?);
    let (head_up, ribbon_out, remaining) = (number(&second, 2)?, number(&second, 3)?, number(&second, 8)?);
    let blocked = match (paper_out, head_up, ribbon_out, pause) {
        (1.., _, _, _) => Some("缺纸 / out of paper"),
        (_, 1.., _, _) => Some("打印头打开 / head open"),
        (_, _, 1.., _) => Some("缺碳带 / out of ribbon"),
        (_, _, _, 1..) => Some("已暂停 / paused"),
        (0, 0, 0, 0) => None,
    };
    Some(Status { blocked, behind: formats > 0, empty: formats == 0 && remaining == 0 && blocked.is_none() })
}

/// One bit per reason (TSC, TSPL manual, `<ESC>!?`). The byte overtakes what is in the buffer, so that even `normal`
/// does not prove that a label is out.
fn escape_status(byte: u8) -> Status {
    let reasons = [
        (0x04, "缺纸 / out of paper"),
        (0x02, "卡纸 / paper jam"),
        (0x41, "打印头或上盖打开 / head or cover open"),
        (0x08, "缺碳带 / out of ribbon"),
        (0x10, "已暂停 / paused"),
        (0x80, "打印机报错 / printer error"),
    ];
    let blocked = reasons.into_iter().find(|(bits, _)| byte & bits != 0).map(|(_, reason)| reason);
    Status { blocked, behind: byte & 0x20 != 0 && blocked.is_none(), empty: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(paper: u8, pause: u8, formats: u8, head: u8, remaining: u8) -> Vec<u8> {
        format!(
            "\u{2}030,{paper},{pause},1245,{formats:03},0,0,0,000,0,0,0\u{3}\r\n\
             \u{2}000,0,{head},0,0,2,4,0,{remaining:08},1,000\u{3}\r\n\u{2}1234,0\u{3}\r\n"
        )
        .into_bytes()
    }

    fn zpl(bytes: &[u8]) -> Option<Option<Status>> {
        Query::HostStatus.read(bytes)
    }

    #[test]
    fn an_idle_printer_has_nothing_left_to_print() {
        let idle = Status { blocked: None, behind: false, empty: true };
        assert_eq!(zpl(&answer(0, 0, 0, 0, 0)), Some(Some(idle)));
    }

    #[test]
    fn a_label_being_printed_is_neither_behind_nor_out() {
        let status = zpl(&answer(0, 0, 0, 0, 1)).unwrap().unwrap();
        assert!(!status.behind && !status.empty);
        assert!(zpl(&answer(0, 0, 2, 0, 0)).unwrap().unwrap().behind);
    }

    #[test]
    fn what_a_person_must_do_is_named_in_both_languages() {
        for (bytes, reason) in [
            (answer(1, 1, 1, 0, 0), "out of paper"),
            (answer(0, 1, 0, 1, 0), "head open"),
            (answer(0, 1, 0, 0, 0), "paused"),
        ] {
            let status = zpl(&bytes).unwrap().unwrap();
            assert!(status.blocked.unwrap().contains(reason) && !status.empty);
        }
        assert!(escape_status(0x04).blocked.unwrap().contains("缺纸"));
    }

    #[test]
    fn a_cut_answer_is_waited_for_and_nonsense_is_no_statement() {
        let whole = answer(0, 0, 0, 0, 0);
        let end = whole.len() - 3;
        for cut in 0..end {
            assert_eq!(zpl(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(zpl(b"\x03\x03\x03"), Some(None));
        assert_eq!(zpl(&[0xff, 3, 3, 3]), Some(None));
    }

    #[test]
    fn a_normal_tspl_byte_lets_the_next_label_go_but_proves_nothing() {
        assert_eq!(escape_status(0), Status { blocked: None, behind: false, empty: false });
        assert!(escape_status(0x20).behind);
        assert_eq!(Query::EscapeQuestion.read(b""), None);
    }
}
