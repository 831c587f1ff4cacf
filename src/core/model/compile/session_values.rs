//! Where a stage is cut in two: what the session alone makes is computed once a ranking, not once a block.
//! The two parts become graphs of their own; scores are the same as without the cut.

use super::subgraph::{is_wanted, needed_names};
use crate::model::manifest::Stage;
use crate::model::pb::GraphProto;
use std::collections::HashSet;

/// The values that are made of the session's inputs alone and that rows of items are computed with: they are the
/// same in every block. None if no operator makes one.
pub fn session_values<'a>(stage: &'a Stage, graph: &'a GraphProto) -> Vec<&'a str> {
    let [mut of_items, mut of_session, mut cut] = [HashSet::new(), HashSet::new(), HashSet::new()];
    for (&role, name) in &stage.inputs {
        let own = if role.has_row_per_item() { &mut of_items } else { &mut of_session };
        own.insert(name.as_str());
        cut.insert(name.as_str());
    }
    let needed = needed_names(graph, &cut, &[stage.output.as_str()]);
    let (mut found, mut computed) = (Vec::new(), false);
    for node in graph.node.iter().filter(|node| is_wanted(node, &needed, &cut)) {
        if node.input.iter().any(|input| of_items.contains(input.as_str())) {
            for input in node.input.iter().map(String::as_str).filter(|input| of_session.contains(input)) {
                computed |= !cut.contains(input);
                if !found.contains(&input) {
                    found.push(input);
                }
            }
            of_items.extend(node.output.iter().map(String::as_str));
        } else if node.input.iter().any(|input| of_session.contains(input.as_str())) {
            of_session.extend(node.output.iter().map(String::as_str));
        }
    }
    if computed && of_items.contains(stage.output.as_str()) { found } else { Vec::new() }
}
