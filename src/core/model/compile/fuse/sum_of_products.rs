//! The fusion of a product of rows with the sum over it: products are added up as they are computed.
//! The rows of products, as many as the factors, are never written to memory.

use super::fusion::Fusion;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::compile::ops::reduce::Reducing;
use crate::model::kernels::Reduce;
use tract_core::internal::*;

/// `ReduceSum(Mul(rows, rows or one row), axis 1)`, or a mean or maximum of it → a [`Reduce`] of both factors.
pub struct FuseProducts {
    reducing: Reducing,
    factors: [OutletId; 2],
}

impl Fusion for FuseProducts {
    const ENDS_IN: &'static [&'static str] = &["ReduceSum", "ReduceMean", "ReduceMax"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<FuseProducts>> {
        let reducing = Reducing::of(graph, node)?;
        if reducing.axes != [1] || !graph.single_consumer(node, 0) {
            return Ok(None);
        }
        let Some(mul) = graph.producer(reducing.input, "Mul") else { return Ok(None) };
        let shape = graph.shape(reducing.input)?;
        let &[_, width] = shape.as_slice() else { return Ok(None) };
        for [of_rows, of_factors] in [[0, 1], [1, 0]] {
            let (rows, factors) = (mul.input(of_rows)?, mul.input(of_factors)?);
            let of_factors = graph.shape(factors)?;
            if graph.shape(rows)? == shape && (of_factors == shape || of_factors == [1, width]) {
                return Ok(Some(FuseProducts { reducing, factors: [rows, factors] }));
            }
        }
        Ok(None)
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        self.reducing.spend(graph, node)?;
        let op = Reduce { axis: 1, reduction: self.reducing.reduction, products: true };
        let outlet = graph.add_op(node.name(), op, &self.factors)?;
        self.reducing.finish(graph, node, outlet)
    }
}
