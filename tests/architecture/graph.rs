//! In: the modules of a crate. Out: which file uses which, and the circles among them.
//! A file uses another one if it mentions a name that stands there, directly or through a re-export, or
//! if it defines a type and calls a method that the other one adds to that type.
//! `mod x;` and `pub use x::Y;` are not uses.

use crate::modules::{Module, Segments};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Files, each with those that it uses and one reason for each.
pub type Uses = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// The uses among a crate's files.
pub fn uses(modules: &BTreeMap<Segments, Module>) -> Uses {
    let mut uses = Uses::new();
    let mut note = |from: &PathBuf, to: &PathBuf, reason: String| {
        let of_file = uses.entry(from.clone()).or_default();
        if from != to {
            of_file.entry(to.clone()).or_insert(reason);
        }
    };
    for (path, module) in modules {
        for mentioned in &module.mentions {
            if let Some(to) = defining_file(modules, path, mentioned, 0) {
                note(&module.file, &to, mentioned.join("::"));
            }
        }
        for (of, method) in &module.methods {
            if let Some(home) = defining_file(modules, path, of, 0) {
                let called = modules.values().any(|m| m.file == home && m.calls.contains(method));
                if called && home != module.file {
                    note(&home, &module.file, format!(".{method}()"));
                }
            }
        }
    }
    uses
}

/// The file in which a name stands; `None` for other crates' names and for modules.
fn defining_file(
    modules: &BTreeMap<Segments, Module>,
    from: &Segments,
    mentioned: &[String],
    depth: usize,
) -> Option<PathBuf> {
    let (first, rest) = mentioned.split_first()?;
    let (start, rest) = match first.as_str() {
        _ if depth > 16 => return None,
        "crate" => (vec![], rest),
        "self" => (from.clone(), rest),
        "super" => {
            let ups = mentioned.iter().take_while(|word| *word == "super").count();
            (from.get(..from.len().checked_sub(ups)?)?.to_vec(), &mentioned[ups..])
        }
        _ => (from.clone(), mentioned),
    };
    find(modules, start, rest, depth)
}

fn find(
    modules: &BTreeMap<Segments, Module>,
    mut at: Segments,
    mut rest: &[String],
    depth: usize,
) -> Option<PathBuf> {
    loop {
        let module = modules.get(&at)?;
        let (name, further) = rest.split_first()?;
        let child = [at.clone(), vec![name.clone()]].concat();
        if modules.contains_key(&child) {
            (at, rest) = (child, further);
            continue;
        }
        if module.defines.contains(name) {
            return Some(module.file.clone());
        }
        if let Some(import) = module.imports.get(name) {
            // `use log::Log` beside a module `log`: the path starts at a name of this very module.
            let path = [import.as_slice(), further].concat();
            return (path.as_slice() != rest).then(|| defining_file(modules, &at, &path, depth + 1))?;
        }
        return module
            .globs
            .iter()
            .find_map(|glob| defining_file(modules, &at, &[glob.as_slice(), rest].concat(), depth + 1));
    }
}

/// Groups of files that use each other, each with the uses that close it.
pub fn circles(uses: &Uses) -> Vec<Vec<String>> {
    let reach = |from: &PathBuf| {
        let mut seen = BTreeSet::new();
        let mut left: Vec<&PathBuf> = uses.get(from).into_iter().flat_map(BTreeMap::keys).collect();
        while let Some(file) = left.pop() {
            if seen.insert(file.clone()) {
                left.extend(uses.get(file).into_iter().flat_map(BTreeMap::keys));
            }
        }
        seen
    };
    let reached: BTreeMap<&PathBuf, BTreeSet<PathBuf>> =
        uses.keys().map(|file| (file, reach(file))).collect();
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for (file, others) in &reached {
        let group: Vec<&PathBuf> = others
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(*file)))
            .collect();
        if group.is_empty() || !done.insert(group.clone()) {
            continue;
        }
        let within = group.iter().flat_map(|from| {
            let to = uses.get(*from).into_iter().flatten().filter(|(to, _)| group.contains(to));
            to.map(|(to, reason)| format!("{} → {} ({reason})", from.display(), to.display()))
        });
        found.push(within.collect());
    }
    found
}
