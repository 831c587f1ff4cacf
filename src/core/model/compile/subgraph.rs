//! A graph, the values at which a part of it begins and those that it is asked for; out comes [`Subgraph`]: what
//! tract runs between them. Nothing behind the values at which it begins is looked at.

use super::fuse::fuse;
use super::graph::GraphBuilder;
use super::node::Node;
use super::ops::operator;
use super::prune::prune;
use super::tensor::tensor_of;
use crate::error::{Error, Kind, Result};
use crate::model::manifest::{Manifest, Role};
use crate::model::pb::{GraphProto, NodeProto};
use std::collections::{HashMap, HashSet};
use tract_core::internal::*;

/// A value at which a subgraph begins.
pub struct SubgraphInput<'a> {
    pub name: &'a str,
    pub element: DatumType,
    pub shape: Vec<usize>,
    /// Token ids lie below this.
    pub bound: Option<usize>,
}

impl<'a> SubgraphInput<'a> {
    /// A stage's input.
    pub fn of(role: Role, name: &'a str, manifest: &Manifest) -> SubgraphInput<'a> {
        let shape = manifest.shape_of(role).to_vec();
        let text = manifest.text.as_ref().filter(|_| role == Role::Tokens);
        let element = if role == Role::Tokens { i64::datum_type() } else { f32::datum_type() };
        SubgraphInput { name, element, shape, bound: text.map(|text| text.table as usize) }
    }
}

/// A compiled part of a graph.
pub struct Subgraph {
    pub model: TypedModel,
    /// Multiplications and elements of one run.
    pub work: u64,
    /// Elements alone.
    pub elements: u64,
    /// Type and shape of each value that was asked for.
    pub outputs: Vec<(DatumType, Vec<usize>)>,
}

/// The values of the ONNX graph that are in the subgraph so far, by name.
type Values<'a> = HashMap<&'a str, OutletId>;

impl Subgraph {
    /// Compiles what `asked` depends on. `label` is the stage that errors name.
    ///
    /// # Errors
    /// [`Kind::ModelUnsupported`], [`Kind::ModelTooLarge`] or [`Kind::ModelManifest`] with the node.
    pub fn compile<'a>(
        label: &str,
        proto: &'a GraphProto,
        inputs: &[SubgraphInput<'a>],
        asked: &[&'a str],
    ) -> Result<Subgraph> {
        let cut: HashSet<&str> = inputs.iter().map(|input| input.name).collect();
        let needed = needed_names(proto, &cut, asked);
        let mut graph = GraphBuilder::new(readers(proto, &needed, asked));
        let mut values = Values::new();
        let mut entries = Vec::new();
        for input in inputs {
            let outlet = graph.add_input(input.name, input.element, &input.shape)?;
            if let Some(bound) = input.bound {
                graph.bound_ids(outlet, bound);
            }
            values.insert(input.name, outlet);
            entries.push(outlet);
        }
        for tensor in proto.initializer.iter().filter(|t| needed.contains(t.name.as_str())) {
            if !values.contains_key(tensor.name.as_str()) {
                let outlet = graph.add_constant(&tensor.name, tensor_of(tensor)?)?;
                values.insert(&tensor.name, outlet);
            }
        }
        for node in &proto.node {
            let unknown =
                |name: &String| needed.contains(name.as_str()) && !values.contains_key(name.as_str());
            if node.output.iter().any(unknown) {
                add_node(label, &mut graph, &mut values, node)?;
            }
        }
        let (mut ends, mut outputs) = (Vec::new(), Vec::new());
        for name in asked {
            let outlet = *values.get(name).ok_or_else(|| {
                let place = format!("manifest.stages.{label}.output");
                Error::new(Kind::ModelManifest, place, "is an input that the stage lacks")
            })?;
            ends.push(outlet);
            outputs.push((graph.element(outlet)?, graph.shape(outlet)?));
        }
        let (work, elements) = (graph.work(), graph.elements());
        let model = prune(graph.into_model(), &entries, &ends);
        let refuse =
            |e: TractError| Error::new(Kind::ModelUnsupported, format!("stage.{label}"), format!("{e:#}"));
        Ok(Subgraph { model: model.map_err(refuse)?, work, elements, outputs })
    }
}

/// Adds what computes a node: a fusion that ends in it, or else what its builder makes.
fn add_node<'a>(
    label: &str,
    graph: &mut GraphBuilder<'a>,
    values: &mut Values<'a>,
    proto: &'a NodeProto,
) -> Result<()> {
    let mut node = Node { proto, inputs: Vec::with_capacity(proto.input.len()) };
    for input in &proto.input {
        let outlet = values.get(input.as_str()).copied();
        if outlet.is_none() && !input.is_empty() {
            let what = format!("needs `{input}`, which is not among its inputs");
            return Err(Error::new(Kind::ModelManifest, format!("manifest.stages.{label}"), what));
        }
        node.inputs.push(outlet);
    }
    let outlet = match fuse(graph, &node)? {
        Some(outlet) => outlet,
        None => {
            let row = operator(node.op()).ok_or_else(|| node.refuse("not in the table"))?;
            let outlet = (row.build)(graph, &node)?;
            graph.set_producer(outlet, node);
            outlet
        }
    };
    // An operator of several outputs is one node of tract with as many slots. Vetting saw that the first is named.
    for (slot, name) in proto.output.iter().enumerate().filter(|(slot, name)| *slot == 0 || !name.is_empty())
    {
        values.insert(name, OutletId::new(outlet.node, outlet.slot + slot));
    }
    Ok(())
}

/// Whether a node makes a value that is needed, and is not behind a cut.
pub fn is_wanted(node: &NodeProto, needed: &HashSet<&str>, cut: &HashSet<&str>) -> bool {
    node.output.iter().any(|output| needed.contains(output.as_str()) && !cut.contains(output.as_str()))
}

/// The names that some values depend on, not looking behind `cut`.
pub fn needed_names<'a>(graph: &'a GraphProto, cut: &HashSet<&str>, asked: &[&'a str]) -> HashSet<&'a str> {
    let mut needed: HashSet<&str> = asked.iter().copied().collect();
    for node in graph.node.iter().rev() {
        if is_wanted(node, &needed, cut) {
            needed.extend(node.input.iter().map(String::as_str).filter(|i| !i.is_empty()));
        }
    }
    needed
}

/// How many nodes read each value that is needed; what is asked for is read from outside.
fn readers<'a>(graph: &'a GraphProto, needed: &HashSet<&str>, asked: &[&'a str]) -> HashMap<&'a str, usize> {
    let mut readers: HashMap<&str, usize> = asked.iter().map(|&name| (name, 1)).collect();
    for node in &graph.node {
        if node.output.iter().any(|output| needed.contains(output.as_str())) {
            node.input.iter().for_each(|input| *readers.entry(input.as_str()).or_default() += 1);
        }
    }
    readers
}
