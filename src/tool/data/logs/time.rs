//! In: a timestamp as logs write it: a number or a string of seconds or milliseconds, or ISO 8601.
//! Out: milliseconds since 1970-01-01 UTC, and the same as text for a log. A number that could be both units or
//! neither is refused.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serializer;

/// Below: seconds (until 2033). Metarank draws the line at the same number.
const SECONDS: i64 = 2_000_000_000;
/// From here to [`END`]: milliseconds (1973 to 5138).
const MILLIS: i64 = 100_000_000_000;
const END: i64 = 100_000_000_000_000;

/// Milliseconds since 1970 of a whole number of seconds (0 to 2·10⁹) or milliseconds (10¹¹ to 10¹⁴);
/// `None` for what could be neither.
#[must_use]
pub fn from_number(number: i64) -> Option<i64> {
    match number {
        0..SECONDS => Some(number * 1000),
        MILLIS..END => Some(number),
        _ => None,
    }
}

/// Milliseconds since 1970 of digits as in [`from_number`], or of an ISO 8601 time such as
/// `2022-06-22T11:21:39Z`; without a zone it is taken as UTC, and a blank may stand for the `T`.
#[must_use]
pub fn from_text(text: &str) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return from_number(text.parse().ok()?);
    }
    // A time before 1970 is a mistake in a log, not a time.
    let zoned = text.parse::<Timestamp>().ok();
    let at = zoned.or_else(|| {
        text.parse::<DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
    })?;
    Some(at.as_millisecond()).filter(|&at| at >= 0)
}

/// The text of a time: digits of milliseconds where every reader of the format takes them as such,
/// else ISO 8601.
#[must_use]
pub fn to_text(millis: i64) -> String {
    if (MILLIS..10 * 1_000_000_000_000).contains(&millis) {
        return millis.to_string();
    }
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |at| at.to_string())
}

/// A time for people, to the second, UTC.
#[must_use]
pub fn readable(millis: i64) -> String {
    let second = Timestamp::from_millisecond(millis.div_euclid(1000) * 1000);
    second.map_or_else(|_| millis.to_string(), |at| at.to_string())
}

pub(super) fn required<S: Serializer>(millis: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(*millis))
}

pub(super) fn optional<S: Serializer>(millis: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match millis {
        Some(millis) => required(millis, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_form_of_the_same_moment() {
        let moment = 1_599_391_467_000;
        assert_eq!(from_number(1_599_391_467), Some(moment));
        assert_eq!(from_number(moment), Some(moment));
        for text in [
            "1599391467",
            "1599391467000",
            " 1599391467000 ",
            "2020-09-06T11:24:27Z",
            "2020-09-06T13:24:27+02:00",
            "2020-09-06T11:24:27.000Z",
            "2020-09-06T11:24:27",
            "2020-09-06 11:24:27",
        ] {
            assert_eq!(from_text(text), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_could_be_neither_unit_is_no_time() {
        for number in [-1, SECONDS, MILLIS - 1, END, 1_599_391_467_000_000, i64::MIN, i64::MAX] {
            assert_eq!(from_number(number), None, "{number}");
        }
        for text in [
            "",
            "-5",
            "yesterday",
            "1e12",
            "99999999999999999999",
            "2020-13-40T00:00:00Z",
            "1969-12-31T00:00:00Z",
        ] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for millis in [
            0,
            1,
            999,
            86_400_000,
            SECONDS - 1,
            SECONDS,
            MILLIS - 1,
            MILLIS,
            828_124_615_000,
            9_999_999_999_999,
            10_000_000_000_000,
            END,
        ] {
            assert_eq!(from_text(&to_text(millis)), Some(millis), "{millis} as {}", to_text(millis));
        }
        assert_eq!(to_text(1_599_391_467_000), "1599391467000");
        assert_eq!(readable(1_599_391_467_123), "2020-09-06T11:24:27Z");
    }
}
