//! In: rows of a table that ids pick, rows that are multiplied. Out: their sums in one operator.
//! What is summed is never written out: not the table's rows in f32, not the products.
//! Must never take a value apart that others read.

use super::{Bag, Gathered, Node, Wiring};
use crate::error::Result;
use tract_core::internal::*;

impl Wiring {
    /// A Mul of rows by as many rows, or by one, which may be summed up as it is computed.
    pub(in crate::model) fn note_products(&mut self, node: &Node, outlet: OutletId) -> Result<()> {
        let shape = self.shape(outlet)?;
        let &[_, width] = shape.as_slice() else { return Ok(()) };
        for [rows, factors] in [[0, 1], [1, 0]] {
            let (rows, factors) = (node.input(rows)?, node.input(factors)?);
            let fits = self.shape(factors)? == shape || self.shape(factors)? == [1, width];
            if self.shape(rows)? == shape && fits {
                self.notes.products.push((outlet, [rows, factors]));
                return Ok(());
            }
        }
        Ok(())
    }

    /// The factors of a product that a node alone reads.
    pub(in crate::model) fn products(&self, node: &Node) -> Result<Option<[OutletId; 2]>> {
        let input = node.input(0)?;
        let found = self.notes.products.iter().find(|(outlet, _)| *outlet == input);
        Ok(found.map(|(_, factors)| *factors).filter(|_| self.sole(node, 0)))
    }

    /// Rows that were gathered from a constant table.
    pub(in crate::model) fn note_gathered(
        &mut self,
        outlet: OutletId,
        table: OutletId,
        ids: OutletId,
    ) -> Result<()> {
        if let Some(table) = self.known(table)? {
            self.notes.gathered.insert(outlet, Gathered { table, ids });
        }
        Ok(())
    }

    pub(super) fn gathered(&self, node: &Node, input: usize) -> Option<Gathered> {
        self.notes.gathered.get(&node.optional(input)?).filter(|_| self.sole(node, input)).cloned()
    }

    /// A Mul of gathered rows by their gathered scales.
    pub(in crate::model) fn note_scaled_rows(&mut self, node: &Node, outlet: OutletId) {
        for (of_table, of_scale) in [(0, 1), (1, 0)] {
            if let (Some(rows), Some(scale)) = (self.gathered(node, of_table), self.gathered(node, of_scale))
                && rows.ids == scale.ids
                && let Some(bag) = Bag::new(rows.table, scale.table)
            {
                self.notes.scaled_rows.insert(outlet, (bag, rows.ids));
            }
        }
    }

    /// A ReduceSum over the rows that each item gathered.
    pub(in crate::model) fn bag(&mut self, node: &Node) -> Result<Option<OutletId>> {
        let found = node.optional(0).and_then(|input| self.notes.scaled_rows.get(&input)).cloned();
        let Some((bag, ids)) = found.filter(|_| self.sole(node, 0)) else { return Ok(None) };
        if self.shape(ids)?.len() != 2 {
            return Ok(None);
        }
        self.wire(node.name(), bag, &[ids]).map(Some)
    }
}
