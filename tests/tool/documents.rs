//! Every command that a document shows exists: its verb, and each of its flags, by the usage texts; and every
//! tick has a test. What documents show in JavaScript is run by `tests/browser/documents.test.mjs`.
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

/// Marks that say "it works": each is a claim.
const TICKS: [char; 4] = ['✓', '✔', '✅', '☑'];

/// A claim's words and the line that it begins in: a row of a table, or a paragraph outside code.
struct Claim {
    line: usize,
    text: String,
}

/// Rows and paragraphs of a document that have a tick.
fn claims(document: &str) -> Vec<Claim> {
    let mut found: Vec<Claim> = Vec::new();
    let (mut code, mut goes_on) = (false, false);
    for (number, line) in document.lines().enumerate() {
        let line = line.trim();
        let fence = line.starts_with("```");
        code ^= fence;
        if code || fence || line.is_empty() {
            goes_on = false;
            continue;
        }
        let item = line.starts_with(['|', '#']) || line.starts_with("- ") || line.starts_with("* ");
        match found.last_mut().filter(|_| goes_on && !item) {
            Some(claim) => claim.text += &format!(" {line}"),
            None => found.push(Claim { line: number + 1, text: line.to_string() }),
        }
        goes_on = !line.starts_with(['|', '#']);
    }
    found.retain(|claim| claim.text.contains(TICKS));
    found
}

/// What holds ticks up.
struct Proofs<'a> {
    /// Folders under tests/ that CI's suites run.
    folders: Vec<String>,
    /// Whether an entry of tests/all.json passed with this version.
    passed: &'a dyn Fn(&str) -> bool,
    /// Whether a path, seen from the document, exists.
    exists: &'a dyn Fn(&str) -> bool,
}

impl Proofs<'_> {
    /// Whether a link leads to a test that CI runs: a file of tests, or a suite's whole folder.
    fn in_ci(&self, link: &str) -> bool {
        let path = link.split('#').next().unwrap_or(link);
        let Some((_, below)) = path.split_once("tests/") else { return false };
        let below = below.trim_end_matches('/');
        let folder = below.split('/').next().unwrap_or(below);
        let test = below == folder || below.ends_with(".test.mjs") || below.ends_with(".rs");
        self.folders.iter().any(|known| known == folder) && test && (self.exists)(path)
    }
}

/// What is wrong with the ticks of a document. A row or paragraph with a tick needs a link to a test that CI
/// runs, or the name of an entry of tests/all.json, as `all: NAME`; none of what it links or names may be missing.
fn faults_of_ticks(document: &str, proofs: &Proofs) -> Vec<String> {
    let mut faults = Vec::new();
    for Claim { line, text } in claims(document) {
        let entries: Vec<&str> =
            text.split("`all: ").skip(1).filter_map(|rest| rest.split('`').next()).collect();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let tests: Vec<&str> = links.filter(|link| link.contains("tests/")).collect();
        if tests.is_empty() && entries.is_empty() {
            faults.push(format!("{line}: a tick without a test: {text}"));
        }
        // Beside an entry a link may lead to what the entry runs.
        for link in tests.iter().filter(|link| entries.is_empty() && !proofs.in_ci(link)) {
            faults.push(format!("{line}: {link} is no test that CI runs: {text}"));
        }
        for name in entries.iter().filter(|name| !(proofs.passed)(name)) {
            faults.push(format!("{line}: tests/all.json has no passed `{name}` for this version: {text}"));
        }
    }
    faults
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(ROOT).join(path)).ok()
}

/// Folders under tests/ that `./build.sh test` runs, which is what CI runs.
fn folders_in_ci() -> Vec<String> {
    let ci = read(".ci/run").unwrap();
    assert!(ci.lines().any(|line| line.ends_with("./build.sh test")), "CI does not run every suite: {ci}");
    let script = read("build.sh").unwrap();
    let suites = script.lines().find_map(|line| line.strip_prefix("SUITES=(")?.strip_suffix(')')).unwrap();
    // The native suite runs the tests of the crates; the others the folder of their name.
    let native = ["core", "tool", "architecture"];
    suites.split(' ').filter(|suite| *suite != "native").chain(native).map(String::from).collect()
}

/// Names of the entries that passed, by the text of tests/all.json; none where it is of another version.
fn passed_entries(all: &str, version: &str) -> Vec<String> {
    let all: serde_json::Value = serde_json::from_str(all).unwrap();
    let entries = all["entries"].as_array().unwrap().iter();
    let passed = entries.filter(|entry| entry["failed"] == 0 && entry["passed"].as_u64() > Some(0));
    let passed = passed.filter(|_| all["versions"]["ranklet"] == version);
    passed.filter_map(|entry| entry["name"].as_str()).map(String::from).collect()
}

#[test]
fn every_tick_has_a_test_that_ran_with_this_version() {
    let manifest: serde_json::Value = serde_json::from_str(&read("pkg/package.json").unwrap()).unwrap();
    let version = manifest["version"].as_str().unwrap();
    let entries = read("tests/all.json").map_or_else(Vec::new, |all| passed_entries(&all, version));
    let mut ticks = 0;
    let mut faults = Vec::new();
    for (name, text) in documents() {
        let folder = Path::new(ROOT).join(&name).parent().unwrap().to_path_buf();
        let proofs = Proofs {
            folders: folders_in_ci(),
            passed: &|entry| entries.iter().any(|known| known == entry),
            exists: &|link| folder.join(link).exists(),
        };
        ticks += claims(&text).len();
        faults.extend(faults_of_ticks(&text, &proofs).iter().map(|fault| format!("{name}:{fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(ticks >= 10, "{ticks} ticks");
}

#[test]
fn ticks_that_nothing_holds_are_found() {
    let proofs = Proofs {
        folders: vec!["node".into(), "core".into()],
        passed: &|name| name == "ran",
        exists: &|link| !link.contains("gone"),
    };
    let faults = |document: &str| faults_of_ticks(document, &proofs).len();
    for right in [
        "| Node | ✓ | [`x`](tests/node/x.test.mjs) |",
        "| Node | ✓ | [`x`](../../tests/core/x.rs), [all](tests/node) |",
        "| Node | ✓ | `all: ran` |",
        "| Node | ✓ | [`x`](tests/bench/x.mjs), `all: ran` |",
        "| Node | no tick | |",
        "Node ✓, as\n[`x`](tests/node/x.test.mjs) says.",
        "```sh\necho ✓\n```",
    ] {
        assert_eq!(faults(right), 0, "{right}");
    }
    for wrong in [
        "| Node | ✓ | |",
        "| Node | ✅ | |",
        "| Node | ✓ | [docs](docs/node.md) |",
        "| Node | ✓ | [`x`](tests/node/gone.test.mjs) |",
        "| Node | ✓ | [`x`](tests/node/x.test.mjs), [`y`](tests/node/gone.test.mjs) |",
        "| Node | ✓ | [`x`](tests/bench/x.mjs) |",
        "| Node | ✓ | [`x`](tests/node/size-budget.json) |",
        "| Node | ✓ | `all: never` |",
        "| Node | ✓ | [`x`](tests/bench/x.mjs), `all: never` |",
        "| Node | ✓ | |\n| Bun | ✓ | [`x`](tests/node/x.test.mjs) |",
        "It runs in Node ✓.\n\nIt is tested: [`x`](tests/node/x.test.mjs).",
        "- Node ✓\n- Bun: [`x`](tests/node/x.test.mjs)",
    ] {
        assert_eq!(faults(wrong), 1, "{wrong}");
    }
}

#[test]
fn an_entry_counts_if_it_passed_with_this_version() {
    let all = r#"{"versions": {"ranklet": "1.2.3"}, "entries": [
        {"name": "ran", "passed": 1, "failed": 0}, {"name": "broke", "passed": 3, "failed": 1},
        {"name": "did nothing", "passed": 0, "failed": 0}]}"#;
    assert_eq!(passed_entries(all, "1.2.3"), ["ran"]);
    assert!(passed_entries(all, "1.2.4").is_empty());
}
