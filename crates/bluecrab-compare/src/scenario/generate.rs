//! Payloads that are made up: the same for the same seed, on every machine.

use crate::matrices;
use crate::random::Random;
use bytes::Bytes;
use std::fmt::Write;

/// What a generator made.
pub(super) struct Made {
    pub body: Bytes,
    pub content_type: &'static str,
}

/// More than this is a mistake.
const MOST: usize = 1 << 30;

const USAGE: &str = "there is \"matrix NxN\", \"npy NxN\", \"json RECORDS\", \"csv ROWSxCOLUMNS\", \"text BYTES\" and \
                     \"bytes BYTES\", each followed by \"seed NUMBER\"";

/// Follows a recipe such as `matrix 300x300 seed 1`.
pub(super) fn generate(recipe: &str) -> Result<Made, String> {
    let usage = || format!("\"{recipe}\" is no generator; {USAGE}");
    let words: Vec<&str> = recipe.split_whitespace().collect();
    let [kind, size, "seed", seed] = words[..] else { return Err(usage()) };
    let seed = seed.parse().map_err(|_| usage())?;
    let number = |text: &str| text.parse().ok().filter(|number| (1..=MOST).contains(number)).ok_or_else(usage);
    let pair = |text: &str| match text.split_once('x') {
        Some((one, two)) => Ok((number(one)?, number(two)?)),
        None => Err(usage()),
    };
    let square = || match pair(size)? {
        (rows, columns) if rows == columns => Ok(rows),
        _ => Err(format!("\"{recipe}\": two matrices of one size can be multiplied only where it is square")),
    };
    let mut random = Random(seed);
    let (body, content_type) = match kind {
        "matrix" => (matrices::pair(square()?, seed), "application/json"),
        "npy" => (matrices::npy_pair(square()?, seed), "application/x-npy"),
        "json" => (json(number(size)?, &mut random).into(), "application/json"),
        "csv" => {
            let (rows, columns) = pair(size)?;
            (csv(rows, columns, &mut random).into(), "text/csv")
        }
        "text" => (text(number(size)?, &mut random).into(), "text/plain"),
        "bytes" => ((0..number(size)?).map(|_| random.below(256) as u8).collect(), "application/octet-stream"),
        _ => return Err(usage()),
    };
    Ok(Made { body, content_type })
}

/// Words of which few are frequent, as in a language (Zipf's law), so that packers and counters have something to find.
const WORDS: [&str; 32] = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "it",
    "was",
    "on",
    "are",
    "with",
    "as",
    "from",
    "at",
    "water",
    "number",
    "people",
    "sound",
    "through",
    "between",
    "sentence",
    "different",
    "picture",
    "mountain",
    "question",
    "measure",
    "remember",
    "government",
    "temperature",
    "particular",
];

fn word(random: &mut Random) -> &'static str {
    let most = 1 + random.below(WORDS.len());
    WORDS[random.below(most)]
}

/// Lines of words, in ASCII, exactly so long.
fn text(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes + 16);
    let mut line = 0;
    while text.len() < bytes {
        let word = word(random);
        text.push_str(word);
        line += word.len() + 1;
        text.push(if line > 72 { '\n' } else { ' ' });
        line %= 73;
    }
    text.truncate(bytes);
    text
}

/// A list of so many records, each with every kind of value.
fn json(records: usize, random: &mut Random) -> String {
    let mut text = String::from("[");
    for id in 0..records {
        let comma = if id == 0 { "" } else { "," };
        let (name, group, cents) = (word(random), word(random), random.below(1_000_000));
        let (active, tags) = (random.below(2) == 1, [word(random), word(random)]);
        // Writing to a String does not fail.
        let _ = write!(
            text,
            r#"{comma}{{"id":{id},"name":"{name} {id}","group":"{group}","amount":{}.{:02},"active":{active},"tags":["{}","{}"],"parent":null}}"#,
            cents / 100,
            cents % 100,
            tags[0],
            tags[1],
        );
    }
    text.push(']');
    text
}

/// A line of names `c0,c1,…`, then rows of which the first column has words and the others decimals.
fn csv(rows: usize, columns: usize, random: &mut Random) -> String {
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let mut text = names.join(",") + "\n";
    for _ in 0..rows {
        text.push_str(word(random));
        for _ in 1..columns {
            // Writing to a String does not fail.
            let _ = write!(text, ",{}.{:03}", random.below(10_000), random.below(1_000));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(recipe: &str) -> String {
        String::from_utf8(generate(recipe).ok().unwrap().body.to_vec()).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same() {
        for kind in ["matrix 3x3", "json 3", "csv 3x4", "text 500"] {
            assert_eq!(made(&format!("{kind} seed 7")), made(&format!("{kind} seed 7")));
            assert_ne!(made(&format!("{kind} seed 7")), made(&format!("{kind} seed 8")), "{kind}");
        }
    }

    #[test]
    fn each_kind_is_what_it_says() {
        let records: serde_json::Value = serde_json::from_str(&made("json 100 seed 1")).unwrap();
        let records = records.as_array().unwrap();
        assert_eq!((records.len(), &records[99]["id"]), (100, &serde_json::json!(99)));
        assert!(
            records.iter().all(|record| record["amount"].is_f64() && record["tags"].as_array().unwrap().len() == 2)
        );
        let csv = made("csv 100x5 seed 1");
        assert_eq!(csv.lines().count(), 101);
        assert!(csv.lines().all(|line| line.split(',').count() == 5), "{csv}");
        assert!(csv.lines().skip(1).all(|line| line.rsplit(',').next().unwrap().parse::<f64>().is_ok()), "{csv}");
        let text = made("text 10000 seed 1");
        assert!(text.len() == 10_000 && text.is_ascii() && text.lines().all(|line| line.len() < 90), "{text}");
        let frequent = |word: &str| text.split_whitespace().filter(|other| *other == word).count();
        assert!(frequent("the") > 5 * frequent("particular"), "{text}");
        let bytes = generate("bytes 100000 seed 1").ok().unwrap();
        let distinct: std::collections::BTreeSet<u8> = bytes.body.iter().copied().collect();
        assert_eq!((bytes.body.len(), distinct.len(), bytes.content_type), (100_000, 256, "application/octet-stream"));
        assert_eq!(&generate("npy 2x2 seed 1").ok().unwrap().body[..6], b"\x93NUMPY");
    }

    #[test]
    fn a_wrong_recipe_says_what_there_is() {
        let wrong = ["text", "text 0 seed 1", "text 5x5 seed 1", "csv 5 seed 1", "json x seed 1", "sudoku 9 seed 1"];
        for recipe in wrong.into_iter().chain(["text 99999999999 seed 1", "text 5 seed x", "matrix 2x2"]) {
            let message = generate(recipe).err().unwrap();
            assert!(message.contains("is no generator; there is \"matrix NxN\""), "{recipe}: {message}");
        }
        assert!(generate("matrix 2x3 seed 1").err().unwrap().contains("square"));
    }
}
