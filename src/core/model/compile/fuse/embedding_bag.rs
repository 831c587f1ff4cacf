//! The fusion of embeddings that are summed: the rows of a quantised table are added without being written out.
//! Sums of few rows out of a large table are what a text encoder spends its time on.

use super::fusion::Fusion;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::compile::ops::reduce::Reducing;
use crate::model::kernels::EmbeddingBag;
use tract_core::internal::*;

/// `ReduceSum(Mul(Cast(Gather(table of int8, ids)), Gather(scales, ids)), axis 1)` → an [`EmbeddingBag`].
pub struct FuseEmbeddingBag {
    reducing: Reducing,
    bag: EmbeddingBag,
    ids: OutletId,
}

/// Rows of a constant table that nothing but a node reads, perhaps cast to f32: the table, and the ids.
fn gathered(graph: &GraphBuilder, node: &Node, input: usize) -> Option<(Arc<Tensor>, OutletId)> {
    let (mut reader, mut input) = (node, input);
    loop {
        let outlet = reader.optional(input).filter(|_| graph.single_consumer(reader, input))?;
        let Some(cast) = graph.producer(outlet, "Cast") else {
            let gather = graph.producer(outlet, "Gather")?;
            let (table, ids) = (gather.optional(0)?, gather.optional(1)?);
            let rank = graph.shape(table).ok()?.len();
            let axis = gather.axis(gather.int("axis", 0), rank).ok()?;
            return graph.constant(table).ok()?.filter(|_| axis == 0).map(|table| (table, ids));
        };
        if graph.element(outlet).ok()? != f32::datum_type() {
            return None;
        }
        (reader, input) = (cast, 0);
    }
}

impl Fusion for FuseEmbeddingBag {
    const ENDS_IN: &'static [&'static str] = &["ReduceSum"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<FuseEmbeddingBag>> {
        let reducing = Reducing::of(graph, node)?;
        if reducing.axes != [1] || reducing.keep_axes || !graph.single_consumer(node, 0) {
            return Ok(None);
        }
        let Some(mul) = graph.producer(reducing.input, "Mul") else { return Ok(None) };
        for [of_rows, of_scales] in [[0, 1], [1, 0]] {
            if let Some((table, ids)) = gathered(graph, mul, of_rows)
                && let Some((scales, ids_of_scales)) = gathered(graph, mul, of_scales)
                && ids == ids_of_scales
                && graph.shape(ids)?.len() == 2
                && let Some(bag) = EmbeddingBag::new(table, scales)
            {
                return Ok(Some(FuseEmbeddingBag { reducing, bag, ids }));
            }
        }
        Ok(None)
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        self.reducing.spend(graph, node)?;
        graph.add_op(node.name(), self.bag, &[self.ids])
    }
}
