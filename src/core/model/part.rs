//! In: a graph, the values that a part of it is entered by, those that it is asked for. Out: [`Part`]: tract's
//! graph between them. [`visitors`] says where a stage is cut: what no item has a say in is a part of its own.
//! Must never look behind the values that it is entered by.

use super::kernels::Siblings;
use super::manifest::{Manifest, Role, Stage};
use super::ops::operator;
use super::pb::{GraphProto, NodeProto};
use super::wiring::{Node, Wiring, tensor_of};
use crate::error::{Error, Kind, Result};
use std::collections::{HashMap, HashSet};
use tract_core::internal::*;

/// A value that a part is entered by.
pub(super) struct Entry<'a> {
    pub name: &'a str,
    pub element: DatumType,
    pub shape: Vec<usize>,
    /// Token ids lie below this.
    pub bound: Option<usize>,
}

impl<'a> Entry<'a> {
    /// A stage's input.
    pub fn of(role: Role, name: &'a str, manifest: &Manifest) -> Entry<'a> {
        let shape = manifest.shape_of(role).to_vec();
        let text = manifest.text.as_ref().filter(|_| role == Role::Tokens);
        let element = if role == Role::Tokens { i64::datum_type() } else { f32::datum_type() };
        Entry { name, element, shape, bound: text.map(|text| text.table as usize) }
    }
}

/// A part of a graph, wired.
pub(super) struct Part {
    pub model: TypedModel,
    /// Multiplications and elements of one run.
    pub work: u64,
    /// Elements alone.
    pub elements: u64,
    /// Type and shape of each value that was asked for.
    pub gives: Vec<(DatumType, Vec<usize>)>,
}

/// Whether an input has a row for each item.
pub(super) fn by_item(role: Role) -> bool {
    matches!(role, Role::Item | Role::Dense | Role::Tokens)
}

impl Part {
    /// Wires what `asked` depends on. `label` is the stage that errors name.
    pub fn wire(label: &str, graph: &GraphProto, entries: &[Entry], asked: &[&str]) -> Result<Part> {
        let mut wiring = Wiring::new();
        let mut values: HashMap<&str, OutletId> = HashMap::new();
        let mut inputs = Vec::new();
        for entry in entries {
            let outlet = wiring.source(entry.name, entry.element, &entry.shape)?;
            if let Some(bound) = entry.bound {
                wiring.bounded_ids(outlet, bound);
            }
            values.insert(entry.name, outlet);
            inputs.push(outlet);
        }
        let needed = needed(graph, &values.keys().copied().collect(), asked);
        wiring.notes.readers = readers(graph, &needed, asked);
        for tensor in graph.initializer.iter().filter(|t| needed.contains(t.name.as_str())) {
            if !values.contains_key(tensor.name.as_str()) {
                let outlet = wiring.constant(&tensor.name, tensor_of(tensor)?)?;
                values.insert(&tensor.name, outlet);
            }
        }
        for proto in &graph.node {
            let name = proto.output.first().map_or("", String::as_str);
            let unknown =
                |name: &String| needed.contains(name.as_str()) && !values.contains_key(name.as_str());
            if !proto.output.iter().any(unknown) {
                continue;
            }
            let mut node = Node { proto, inputs: Vec::with_capacity(proto.input.len()) };
            for input in &proto.input {
                let outlet = values.get(input.as_str()).copied();
                if outlet.is_none() && !input.is_empty() {
                    let what = format!("needs `{input}`, which is not among its inputs");
                    return Err(Error::new(Kind::ModelManifest, format!("manifest.stages.{label}"), what));
                }
                node.inputs.push(outlet);
            }
            let row = operator(&proto.op_type).ok_or_else(|| node.refuse("not in the table"))?;
            let outlet = (row.build)(&mut wiring, &node)?;
            values.insert(name, outlet);
            // An operator of several outputs is one node of tract with as many slots.
            for (slot, other) in proto.output.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty())
            {
                values.insert(other, OutletId::new(outlet.node, slot));
            }
        }
        let (mut outputs, mut gives) = (Vec::new(), Vec::new());
        for name in asked {
            let outlet = *values.get(name).ok_or_else(|| {
                let place = format!("manifest.stages.{label}.output");
                Error::new(Kind::ModelManifest, place, "is an input that the stage lacks")
            })?;
            outputs.push(outlet);
            gives.push((wiring.element(outlet)?, wiring.shape(outlet)?));
        }
        let (work, elements) = (wiring.work(), wiring.elements());
        let model = finish(wiring, &inputs, &outputs);
        let refuse =
            |e: TractError| Error::new(Kind::ModelUnsupported, format!("stage.{label}"), format!("{e:#}"));
        Ok(Part { model: model.map_err(refuse)?, work, elements, gives })
    }
}

/// tract's graph of what `outputs` depend on; what fusion replaced, and its constants, are gone.
pub(super) fn finish(wiring: Wiring, inputs: &[OutletId], outputs: &[OutletId]) -> TractResult<TypedModel> {
    let nodes = wiring.model.nodes;
    let mut needed = vec![false; nodes.len()];
    for &OutletId { node, .. } in inputs.iter().chain(outputs) {
        *needed.get_mut(node).context("no such node")? = true;
    }
    // A node's inputs come before it.
    for node in nodes.iter().rev() {
        if needed.get(node.id) == Some(&true) {
            for input in &node.inputs {
                *needed.get_mut(input.node).context("no such node")? = true;
            }
        }
    }
    let mut nodes: Vec<Option<TypedNode>> = nodes.into_iter().map(Some).collect();
    nodes.iter_mut().zip(needed).filter(|(_, needed)| !needed).for_each(|(node, _)| *node = None);
    let siblings = Siblings::among(&nodes);
    let mut model = TypedModel::default();
    let mut places: Vec<Option<OutletId>> = vec![None; nodes.len()];
    for id in 0..nodes.len() {
        let alone = [id];
        let own = siblings.iter().find(|own| own.first() == Some(&id)).map_or(&alone[..], Vec::as_slice);
        let mut these: Vec<TypedNode> = Vec::new();
        these.extend(own.iter().filter_map(|&id| nodes.get_mut(id)?.take()));
        // Not needed, or placed with a sibling before it.
        let Some(first) = these.first() else { continue };
        let (name, inputs) = (first.name.clone(), first.inputs.clone());
        let facts = these.iter().flat_map(|node| &node.outputs).map(|outlet| outlet.fact.clone()).collect();
        let op = if own.len() > 1 { Siblings::of(&these).into() } else { these.remove(0).op };
        let place = model.add_node(name, op, facts)?;
        for (slot, input) in inputs.iter().enumerate() {
            model.add_edge(placed(&places, input)?, InletId::new(place, slot))?;
        }
        for (slot, &id) in own.iter().enumerate() {
            places.get_mut(id).into_iter().for_each(|to| *to = Some(OutletId::new(place, slot)));
        }
    }
    let mut ends = [Vec::new(), Vec::new()];
    for (to, from) in ends.iter_mut().zip([inputs, outputs]) {
        for outlet in from {
            to.push(placed(&places, outlet)?);
        }
    }
    let [inputs, outputs] = ends;
    model.set_input_outlets(&inputs)?;
    model.select_output_outlets(&outputs)?;
    Ok(model)
}

/// Where an outlet is, by where the first one of each node is.
fn placed(places: &[Option<OutletId>], outlet: &OutletId) -> TractResult<OutletId> {
    let first = places.get(outlet.node).copied().flatten().context("an input that comes later")?;
    Ok(OutletId::new(first.node, first.slot + outlet.slot))
}

/// The values that the visitor alone makes and that rows of items are computed with: they are the same in
/// every block. None where no operator makes one.
pub(super) fn visitors<'a>(stage: &'a Stage, graph: &'a GraphProto) -> Vec<&'a str> {
    let [mut of_items, mut of_visitor, mut cut] = [HashSet::new(), HashSet::new(), HashSet::new()];
    for (&role, name) in &stage.inputs {
        let own = if by_item(role) { &mut of_items } else { &mut of_visitor };
        own.insert(name.as_str());
        cut.insert(name.as_str());
    }
    let needed = needed(graph, &cut, &[stage.output.as_str()]);
    let (mut found, mut made) = (Vec::new(), false);
    for node in graph.node.iter().filter(|node| wanted(node, &needed, &cut)) {
        if node.input.iter().any(|input| of_items.contains(input.as_str())) {
            for input in node.input.iter().map(String::as_str).filter(|input| of_visitor.contains(input)) {
                made |= !cut.contains(input);
                if !found.contains(&input) {
                    found.push(input);
                }
            }
            of_items.extend(node.output.iter().map(String::as_str));
        } else if node.input.iter().any(|input| of_visitor.contains(input.as_str())) {
            of_visitor.extend(node.output.iter().map(String::as_str));
        }
    }
    if made && of_items.contains(stage.output.as_str()) { found } else { Vec::new() }
}

/// Whether a node makes a value that is needed, and is not behind a cut.
fn wanted(node: &NodeProto, needed: &HashSet<&str>, cut: &HashSet<&str>) -> bool {
    node.output.iter().any(|output| needed.contains(output.as_str()) && !cut.contains(output.as_str()))
}

/// The names that some values depend on, not looking behind `cut`.
fn needed<'a>(graph: &'a GraphProto, cut: &HashSet<&str>, asked: &[&'a str]) -> HashSet<&'a str> {
    let mut needed: HashSet<&str> = asked.iter().copied().collect();
    for node in graph.node.iter().rev() {
        if wanted(node, &needed, cut) {
            needed.extend(node.input.iter().map(String::as_str).filter(|i| !i.is_empty()));
        }
    }
    needed
}

/// How many nodes read each value that is needed; what is asked for is read from outside.
fn readers(graph: &GraphProto, needed: &HashSet<&str>, asked: &[&str]) -> HashMap<String, usize> {
    let mut readers: HashMap<String, usize> = asked.iter().map(|name| (name.to_string(), 1)).collect();
    for node in &graph.node {
        if node.output.iter().any(|output| needed.contains(output.as_str())) {
            node.input.iter().for_each(|input| *readers.entry(input.clone()).or_default() += 1);
        }
    }
    readers
}
