//! A [`Bundle`] comes in; out comes [`Vetted`]: a decoded model in which every bound, name and type was checked.
//! What would make tract panic, or take too much time or memory, is refused here or while compiling.
#![deny(clippy::indexing_slicing)]

use super::bundle::Bundle;
use super::check_graph::{check_graph, is_default_domain, malformed, unsupported};
use super::count_limits;
use super::element::Element;
use super::manifest::{Manifest, Stage};
use super::pb::{GraphProto, ModelProto, TensorProto};
use crate::error::{Error, Kind, Result};
use prost::Message;
use std::collections::HashSet;

/// A model whose every bound was checked. Only [`Vetted::vet`] makes one.
#[derive(Debug)]
pub struct Vetted {
    pub(super) graph: GraphProto,
    pub(super) manifest: Manifest,
}

impl Vetted {
    /// Decodes and checks a model.
    ///
    /// # Errors
    /// [`Kind::ModelMalformed`], [`Kind::ModelUnsupported`], [`Kind::ModelTooLarge`],
    /// [`Kind::ModelManifest`], each with the place in the graph.
    pub fn vet(bundle: Bundle) -> Result<Vetted> {
        let Bundle { bytes, manifest } = bundle;
        count_limits::check(bytes)?;
        let model = ModelProto::decode(bytes).map_err(|e| malformed("model", e.to_string()))?;
        check_model(&model)?;
        let graph = model.graph.ok_or_else(|| malformed("model.graph", "is missing"))?;
        let names = check_graph(&graph)?;
        check_stages(&manifest, &names)?;
        Ok(Vetted { graph, manifest })
    }

    /// Shape and values of a constant of f32 that is stored as raw bytes, as this project's exporter does.
    pub fn f32_constant(&self, name: &str) -> Option<(Vec<usize>, Vec<f32>)> {
        let is_f32 = |tensor: &&TensorProto| Element::of(tensor.data_type) == Some(Element::F32);
        let tensor = self.graph.initializer.iter().filter(is_f32).find(|tensor| tensor.name == name)?;
        let (values, _) = tensor.raw_data.as_chunks::<4>();
        let shape = tensor.dims.iter().map(|&dim| usize::try_from(dim).ok()).collect::<Option<Vec<_>>>()?;
        let whole = shape.iter().product::<usize>() == values.len();
        whole.then(|| (shape, values.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()))
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

fn check_model(model: &ModelProto) -> Result<()> {
    let mut default = model.opset_import.iter().filter(|set| is_default_domain(&set.domain));
    match (default.next(), default.next()) {
        (Some(set), None) if (13..=21).contains(&set.version) => Ok(()),
        (Some(set), None) => {
            Err(unsupported("model.opset_import", format!("opset {}, must be 13 to 21", set.version)))
        }
        _ => Err(malformed("model.opset_import", "must name the default domain once")),
    }
}

fn check_stages(manifest: &Manifest, names: &HashSet<&str>) -> Result<()> {
    let check = |label: &str, stage: &Stage| {
        let values = stage.inputs.values().chain([&stage.output]);
        for name in values {
            if !names.contains(name.as_str()) {
                let name: String = name.chars().take(40).collect();
                let what = format!("the graph has no value `{name}`");
                return Err(Error::new(Kind::ModelManifest, format!("manifest.stages.{label}"), what));
            }
        }
        Ok(())
    };
    if let Some(encode) = &manifest.stages.encode {
        check("encode", encode)?;
    }
    check("score", &manifest.stages.score)
}
