//! Every command that a document shows exists: its verb, and each of its flags, by the usage texts.
//! What documents show in JavaScript is run by `tests/browser/documents.test.mjs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// Verbs of build.sh that are a subcommand of the tool.
const OF_TOOL: [(&str, &str); 2] = [("train", "train"), ("eval", "evaluate")];

/// A command's words, and where it stands.
struct Shown {
    place: String,
    words: Vec<String>,
}

fn documents() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard", "*.md"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    let read = |name: &str| (name.to_string(), std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap());
    names.lines().map(read).collect()
}

/// `./build.sh …` and `ranklet …` in `sh` blocks and in backticks. Other programs are not ours to judge.
fn commands() -> Vec<Shown> {
    let mut found = Vec::new();
    for (name, text) in documents() {
        let mut block: Option<bool> = None; // whether it is of a shell
        for (number, line) in text.lines().enumerate() {
            let mut take = |code: &str| {
                let code = code.split(" #").next().unwrap();
                for command in code.split(['&', '|', ';', '(', ')']) {
                    let words: Vec<String> = command.split_whitespace().map(String::from).collect();
                    let ours = |word: &String| ["./build.sh", "ranklet"].contains(&word.as_str());
                    if words.len() > 1 && words.first().is_some_and(ours) {
                        found.push(Shown { place: format!("{name}:{}", number + 1), words });
                    }
                }
            };
            match (line.trim_start().strip_prefix("```"), block) {
                (Some(_), Some(_)) => block = None,
                (Some(language), None) => block = Some(language.trim() == "sh"),
                (None, Some(true)) => take(line),
                (None, Some(false)) => {}
                (None, None) => line.split('`').skip(1).step_by(2).for_each(take),
            }
        }
        assert!(block.is_none(), "{name}: a block does not end");
    }
    found
}

fn output(command: &mut Command) -> String {
    let output = command.current_dir(ROOT).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The usage text of each verb of build.sh, in one line a verb.
fn verbs() -> BTreeMap<String, String> {
    let usage = output(Command::new("bash").args(["build.sh", "--help"]));
    let lines = usage.lines().skip_while(|line| !line.starts_with("usage:")).skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with("  "));
    let mut verbs: BTreeMap<String, String> = lines
        .filter_map(|line| Some((line.split_whitespace().next()?.to_string(), line.to_string())))
        .collect();
    // Its own text says more.
    let bench = std::fs::read_to_string(Path::new(ROOT).join("tests/bench/bench.mjs")).unwrap();
    let help = bench.split("const HELP = `").nth(1).unwrap().split('`').next().unwrap();
    verbs.get_mut("bench").expect("a verb").push_str(help);
    assert!(verbs.len() >= 8, "{usage}");
    verbs
}

/// The help of a subcommand, and of those below it.
fn help_of(subcommand: &str) -> Option<String> {
    let help = help_at(&[subcommand])?;
    let below = help.split("Commands:").nth(1).unwrap_or_default();
    let below = below.lines().skip(1).take_while(|line| line.starts_with("  "));
    let below = below.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let further: Vec<String> = below.filter_map(|name| help_at(&[subcommand, name])).collect();
    Some(help.clone() + &further.concat())
}

fn help_at(words: &[&str]) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ranklet"));
    let output = command.args(words).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What is wrong with a command, if anything.
fn fault(shown: &Shown, verbs: &BTreeMap<String, String>) -> Option<String> {
    let mut words = shown.words.iter().map(String::as_str);
    let program = words.next()?;
    let verb = words.next().unwrap_or_default();
    let tool = OF_TOOL.iter().find(|(own, _)| program == "./build.sh" && *own == verb).map(|(_, of)| *of);
    let usage = match program {
        "ranklet" => help_of(verb),
        _ => tool.map_or_else(|| verbs.get(verb).cloned(), help_of),
    };
    let Some(usage) = usage else {
        return Some(format!("`{program}` has no verb `{verb}`"));
    };
    let known =
        |flag: &str| usage.split(|c: char| c.is_whitespace() || "[],|=".contains(c)).any(|word| word == flag);
    let flags = words.filter(|word| word.starts_with('-')).map(|word| word.split('=').next().unwrap_or(word));
    flags.into_iter().find(|flag| !known(flag)).map(|flag| format!("`{verb}` has no `{flag}`"))
}

#[test]
fn every_command_in_the_documents_exists() {
    let verbs = verbs();
    let commands = commands();
    let of = |name: &str| commands.iter().filter(|shown| shown.words[0] == name).count();
    assert!(of("./build.sh") >= 4 && of("ranklet") >= 1, "found {} commands", commands.len());
    let faults: Vec<String> = commands
        .iter()
        .filter_map(|shown| Some(format!("{}: {}", shown.place, fault(shown, &verbs)?)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_does_not_exist_is_found() {
    let verbs = verbs();
    for wrong in ["./build.sh bake", "ranklet fly", "./build.sh eval --nothing", "./build.sh size --nothing"]
    {
        let words = wrong.split(' ').map(String::from).collect();
        assert!(fault(&Shown { place: String::new(), words }, &verbs).is_some(), "{wrong}");
    }
}

/// Folders of the suites that CI runs.
const SUITES: [&str; 7] = ["core", "tool", "architecture", "node", "packaging", "edge", "browser"];

/// What is wrong with the ticks of a document's tables: each must link to a test that CI runs, or name an
/// entry of tests/all.json as `all: NAME`. `passed` says whether an entry passed with this version;
/// `exists` whether a path, seen from the document, does.
fn faults_of_ticks(text: &str, passed: impl Fn(&str) -> bool, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for row in text.lines().filter(|line| line.starts_with('|') && line.contains('✓')) {
        let links = row.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let tests: Vec<&str> = links.filter(|link| link.contains("tests/")).collect();
        let entry = row.split("`all: ").nth(1).and_then(|rest| rest.split('`').next());
        if tests.is_empty() && entry.is_none() {
            faults.push(format!("no test behind the tick: {row}"));
        }
        for link in tests {
            let folder = link.split("tests/").nth(1).and_then(|rest| rest.split('/').next());
            if !folder.is_some_and(|folder| SUITES.contains(&folder)) || !exists(link) {
                faults.push(format!("{link} is no test that CI runs: {row}"));
            }
        }
        if let Some(name) = entry.filter(|name| !passed(name)) {
            faults.push(format!("tests/all.json has no passed `{name}` for this version: {row}"));
        }
    }
    faults
}

#[test]
fn every_tick_of_a_table_has_a_test_that_ran_with_this_version() {
    let json = |path: &str| -> serde_json::Value {
        let text = std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let (all, version) = (json("tests/all.json"), json("pkg/package.json")["version"].clone());
    let passed = |name: &str| {
        let entries = all["entries"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["name"] == name);
        all["versions"]["ranklet"] == version && entry.is_some_and(|entry| entry["failed"] == 0)
    };
    let mut ticks = 0;
    let mut faults = Vec::new();
    for (name, text) in documents() {
        let folder = Path::new(ROOT).join(&name);
        let exists = |link: &str| folder.parent().unwrap().join(link).exists();
        ticks += text.lines().filter(|line| line.starts_with('|') && line.contains('✓')).count();
        let found = faults_of_ticks(&text, passed, exists);
        faults.extend(found.iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(ticks >= 10, "{ticks} ticks");
}

#[test]
fn ticks_that_nothing_holds_are_found() {
    let faults = |row: &str| faults_of_ticks(row, |name| name == "ran", |link| !link.contains("gone")).len();
    assert_eq!(faults("| Node | ✓ | [`x`](tests/node/x.test.mjs) |"), 0);
    assert_eq!(faults("| Node | ✓ | `all: ran` |"), 0);
    assert_eq!(faults("| Node | no tick | |"), 0);
    for wrong in [
        "| Node | ✓ | |",
        "| Node | ✓ | [docs](docs/node.md) |",
        "| Node | ✓ | [`x`](tests/node/gone.test.mjs) |",
        "| Node | ✓ | [`x`](tests/bench/x.mjs) |",
        "| Node | ✓ | `all: never` |",
    ] {
        assert_eq!(faults(wrong), 1, "{wrong}");
    }
}
