//! In: a title as MovieLens writes it: "Name, The (1995)". Out: the title in reading order, "The Name", and the
//! year where there is one. A title without these marks passes through trimmed.

/// A title taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Text without the year, a trailing article moved to the front.
    pub text: String,
    /// Year of release; of a range such as "(2006–2007)" the first.
    pub year: Option<u16>,
}

/// Articles that the data set moves behind the name.
const ARTICLES: [&str; 24] = [
    "The", "A", "An", "Le", "La", "Les", "L'", "Un", "Une", "El", "Los", "Las", "Il", "Lo", "Gli", "I",
    "Der", "Die", "Das", "Ein", "Eine", "Den", "Det", "O",
];

/// Takes a title apart into text and year.
#[must_use]
pub fn parse_title(raw: &str) -> Title {
    let raw = raw.trim();
    let (name, year) = match split_year(raw) {
        Some((name, year)) => (name, Some(year)),
        None => (raw, None),
    };
    // Alternative titles follow in brackets: "City of Lost Children, The (Cité des enfants perdus, La)".
    let (main, rest) = match name.find(" (") {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let text = match main.rsplit_once(", ") {
        Some((stem, "L'")) => format!("L'{stem}{rest}"),
        Some((stem, article)) if ARTICLES.contains(&article) => format!("{article} {stem}{rest}"),
        _ => name.to_owned(),
    };
    Title { text, year }
}

/// Splits "Name (1995)" into the name and the year.
fn split_year(raw: &str) -> Option<(&str, u16)> {
    let (name, bracket) = raw.strip_suffix(')')?.rsplit_once('(')?;
    let digits = bracket.get(..4)?;
    let range = bracket.get(4..)?;
    let closed = range.is_empty() || range.starts_with(['-', '–']);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let year = digits.parse().ok()?;
    (closed && plain && !name.trim().is_empty()).then(|| (name.trim_end(), year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(raw: &str) -> (String, Option<u16>) {
        let Title { text, year } = parse_title(raw);
        (text, year)
    }

    #[test]
    fn titles_of_every_shape() {
        let cases = [
            ("Toy Story (1995)", "Toy Story", Some(1995)),
            ("Shawshank Redemption, The (1994)", "The Shawshank Redemption", Some(1994)),
            ("American in Paris, An (1951)", "An American in Paris", Some(1951)),
            ("Avventura, L' (Adventure, The) (1960)", "L'Avventura (Adventure, The)", Some(1960)),
            (
                "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
                "The City of Lost Children (Cité des enfants perdus, La)",
                Some(1995),
            ),
            ("Justice League: Doom (2012) ", "Justice League: Doom", Some(2012)),
            ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", Some(2006)),
            ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", Some(1995)),
            ("Babylon 5", "Babylon 5", None),
            ("Good, the Bad (and more)", "Good, the Bad (and more)", None),
            ("(500) Days of Summer (2009)", "(500) Days of Summer", Some(2009)),
            ("2012 (2009)", "2012", Some(2009)),
            ("(1995)", "(1995)", None),
            ("é(–––)", "é(–––)", None),
            ("", "", None),
        ];
        for (raw, text, year) in cases {
            assert_eq!(parsed(raw), (text.to_owned(), year), "{raw}");
        }
    }
}
