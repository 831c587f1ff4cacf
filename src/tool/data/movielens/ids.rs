//! In: the text of an id. Out: its number, if it is written as MovieLens writes ids.
//! Both readers of folders and the reader of logs must agree on this, or two ids would become one.

/// The number of an id that is written as a plain decimal.
pub fn plain_id(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}
