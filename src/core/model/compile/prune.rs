//! The finished graph without what fusion replaced: only the nodes that the outputs depend on, and layers that
//! read the same rows joined into one node.

use super::fuse::shared_input;
use tract_core::internal::*;

/// Where the outputs of the old nodes are in the new graph: the first outlet of each node.
type Places = Vec<Option<OutletId>>;

/// tract's graph of what `outputs` depend on, with these inputs.
pub fn prune(built: TypedModel, inputs: &[OutletId], outputs: &[OutletId]) -> TractResult<TypedModel> {
    let mut nodes = needed_nodes(built.nodes, inputs, outputs)?;
    let groups = shared_input::groups(&nodes);
    let mut model = TypedModel::default();
    let mut places: Places = vec![None; nodes.len()];
    for id in 0..nodes.len() {
        let alone = [id];
        let group = groups.iter().find(|group| group.first() == Some(&id)).map_or(&alone[..], Vec::as_slice);
        let mut these: Vec<TypedNode> = Vec::new();
        these.extend(group.iter().filter_map(|&id| nodes.get_mut(id)?.take()));
        // Not needed, or added with the first node of its group.
        let Some(first) = these.first() else { continue };
        let (name, inputs) = (first.name.clone(), first.inputs.clone());
        let facts = these.iter().flat_map(|node| &node.outputs).map(|outlet| outlet.fact.clone()).collect();
        let op = if group.len() > 1 { shared_input::joined(&these).into() } else { these.remove(0).op };
        let node = model.add_node(name, op, facts)?;
        for (slot, input) in inputs.iter().enumerate() {
            model.add_edge(placed(&places, input)?, InletId::new(node, slot))?;
        }
        for (slot, &id) in group.iter().enumerate() {
            places.get_mut(id).into_iter().for_each(|to| *to = Some(OutletId::new(node, slot)));
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

/// The nodes by number, those alone that the outputs depend on; inputs always stay.
fn needed_nodes(
    nodes: Vec<TypedNode>,
    inputs: &[OutletId],
    outputs: &[OutletId],
) -> TractResult<Vec<Option<TypedNode>>> {
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
    Ok(nodes)
}

/// Where an outlet is in the new graph.
fn placed(places: &Places, outlet: &OutletId) -> TractResult<OutletId> {
    let first = places.get(outlet.node).copied().flatten().context("an input that comes later")?;
    Ok(OutletId::new(first.node, first.slot + outlet.slot))
}
