//! Files whose bytes, manifest or stages are wrong, made from the valid models of `builder`. One fault a file, unless
//! the name says otherwise. Graphs that are wrong are in `graphs`, `operators` and `sizes`.

use super::builder::{Parts, around, chain, field, graph, manifest, node, plain};
use super::{Case, case};
use crate::error::Kind;
use crate::model::bundle::graph_bytes;
use crate::model::manifest::KEY;
use crate::model::pb::StringStringEntryProto;
use serde_json::json;

fn entry(value: &str) -> StringStringEntryProto {
    StringStringEntryProto { key: KEY.into(), value: value.into() }
}

/// A file whose manifest is this text.
fn with_text(text: &str) -> Vec<u8> {
    let file = Parts::plain().seal();
    let metadata = prost::Message::encode_to_vec(&entry(text));
    [field(8, &[0x10, 17]), field(7, graph_bytes(&file).unwrap()), field(14, &metadata)].concat()
}

fn bytes() -> Vec<Case> {
    use Kind::{ModelHash as Hash, ModelMalformed as Malformed, ModelManifest as NoManifest};
    vec![
        case("empty", Malformed, "model.bytes[0]", Vec::new),
        case("random bytes", Malformed, "model.bytes", || {
            (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
        }),
        case("zeros", Malformed, "model.bytes", || vec![0; 4096]),
        case("an HTML page", Malformed, "model.bytes[0]", || {
            b"<!DOCTYPE html><html><title>404 Not Found</title></html>".to_vec()
        }),
        case("cut after a tag", Malformed, "model.bytes[1]", || Parts::plain().seal()[..1].to_vec()),
        case("cut in the graph", Malformed, "model.bytes", || Parts::plain().seal()[..60].to_vec()),
        case("cut by one byte", Malformed, "model.bytes", || {
            let mut file = Parts::plain().seal();
            file.pop();
            file
        }),
        case("a varint of 11 bytes", Malformed, "model.bytes[0]", || vec![0xFF; 11]),
        case("a varint of 2^64", Malformed, "model.bytes[1]", || [&[0x3A], &[0x80; 9][..], &[2]].concat()),
        case("a field longer than the file", Malformed, "model.bytes", || {
            let mut file = Parts::plain().seal();
            file.extend([0x32, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
            file
        }),
        case("a graph of bytes that are no message", Malformed, "model.bytes", || {
            around(&[0xFF; 64], Parts::plain().manifest)
        }),
        case("a node of the wrong wire type", Malformed, "model", || {
            around(&[0x08, 0x01], Parts::plain().manifest)
        }),
        case("a second graph", Malformed, "model.bytes", || {
            let mut file = Parts::plain().seal();
            let more = field(7, graph_bytes(&file).unwrap());
            file.extend(more);
            file
        }),
        case("no graph", Malformed, "model.bytes[0]", || field(14, b"\x0A\x07ranklet\x12\x02{}")),
        case("10,000 groups inside each other in the metadata", Malformed, "model.bytes", || {
            // Field 3, a group (wire types 3 and 4).
            let nested = [vec![0x1B; 10_000], vec![0x1C; 10_000]].concat();
            [Parts::plain().seal(), field(14, &nested)].concat()
        }),
        case("10,000 groups inside each other in the graph", Malformed, "model.bytes", || {
            around(&[vec![0x1B; 10_000], vec![0x1C; 10_000]].concat(), Parts::plain().manifest)
        }),
        case("a graph of another hash", Hash, "manifest.graph_sha256", || {
            manifest(|m| m["graph_sha256"] = "00".repeat(32).into())
        }),
        case("one byte of a weight flipped", Hash, "manifest.graph_sha256", || {
            let mut file = Parts::plain().seal();
            let ten = 10.0f32.to_le_bytes();
            let at = file.windows(4).position(|bytes| bytes == ten).unwrap();
            file[at] ^= 1;
            file
        }),
        case("a hash of two megabytes", Hash, "manifest.graph_sha256", || {
            manifest(|m| m["graph_sha256"] = "0".repeat(2_000_000).into())
        }),
        case("no manifest", NoManifest, "model.metadata_props", || {
            let file = Parts::plain().seal();
            field(7, graph_bytes(&file).unwrap())
        }),
        case("a second manifest", Malformed, "model.bytes", || {
            plain(|parts| parts.model.metadata_props.push(entry("{}")))
        }),
    ]
}

fn manifests() -> Vec<Case> {
    use Kind::ModelManifest as Wrong;
    vec![
        case("a manifest that is not JSON", Wrong, "manifest", || with_text("schema: 1")),
        case("a manifest of NaN", Wrong, "manifest", || with_text("{\"schema\": NaN}")),
        case("a manifest of 200,000 brackets", Wrong, "manifest", || with_text(&"[".repeat(200_000))),
        case("a manifest over its limit", Wrong, "manifest", || {
            manifest(|m| m["card"] = "x".repeat(crate::limits::MANIFEST_BYTES).into())
        }),
        case("a manifest of a future schema", Wrong, "manifest.schema", || {
            manifest(|m| m["schema"] = json!(2))
        }),
        case("an unknown manifest field", Wrong, "manifest", || manifest(|m| m["colour"] = json!("red"))),
        case("an unknown manifest field with a name of a megabyte", Wrong, "manifest", || {
            manifest(|m| m["x".repeat(1 << 20)] = json!(1))
        }),
        case("a block of 0 rows", Wrong, "manifest.block", || manifest(|m| m["block"] = json!(0))),
        case("a block of too many rows", Wrong, "manifest.block", || {
            manifest(|m| m["block"] = json!(crate::limits::BLOCK + 1))
        }),
        case("a negative block", Wrong, "manifest", || manifest(|m| m["block"] = json!(-4))),
        case("no heads", Wrong, "manifest.heads", || manifest(|m| m["heads"] = json!([]))),
        case("an infinite calibration", Wrong, "manifest", || {
            manifest(|m| m["heads"][0]["calibration"] = json!({ "slope": 1e39, "intercept": 0.0 }))
        }),
        case("more heads than the graph gives", Wrong, "manifest.stages.score.output", || {
            manifest(|m| m["heads"] = json!([{ "name": "a", "weight": 1.0 }, { "name": "b", "weight": 1.0 }]))
        }),
        case("a block that the graph's constants do not fit", Wrong, "manifest.stages.score.output", || {
            graph(|g| g.node = vec![node("Identity", &["w"], "heads", vec![])])
        }),
        case("more features than the graph reads", Kind::ModelUnsupported, "graph.node(heads)", || {
            manifest(|m| m["features"] = json!([{ "name": "tags", "source": { "kind": "tag_count" } }]))
        }),
        case("a stage without an input that its graph reads", Wrong, "manifest.stages.score", || {
            manifest(|m| m["stages"]["score"]["inputs"] = json!({}))
        }),
        case("a stage whose output is an input that it lacks", Wrong, "manifest.stages.score", || {
            manifest(|m| m["stages"]["score"] = json!({ "inputs": {}, "output": "features" }))
        }),
        case("a stage that reads a value the graph lacks", Wrong, "manifest.stages.score", || {
            manifest(|m| m["stages"]["score"]["inputs"]["dense"] = "absent".repeat(100_000).into())
        }),
        case("a stage that gives a value the graph lacks", Wrong, "manifest.stages.score", || {
            manifest(|m| m["stages"]["score"]["output"] = json!("absent"))
        }),
        case(
            "a stage that reads item vectors nobody makes",
            Wrong,
            "manifest.stages.score.inputs.item",
            || manifest(|m| m["stages"]["score"]["inputs"] = json!({ "item": "features" })),
        ),
        case("two roles for one value", Wrong, "manifest.stages.score.inputs", || {
            manifest(|m| {
                m["history"] = json!(4);
                m["stages"]["score"]["inputs"]["history_action"] = json!("features");
            })
        }),
        case("no golden vectors", Wrong, "manifest.golden", || {
            manifest(|m| m["golden"]["outputs"] = json!({}))
        }),
        case("no golden inputs", Wrong, "manifest.golden", || {
            manifest(|m| m["golden"]["inputs"] = json!({}))
        }),
        case("an empty golden output", Wrong, "manifest.golden", || {
            manifest(|m| m["golden"]["outputs"]["heads"]["data"] = json!([]))
        }),
        case("a golden output longer than a block", Wrong, "manifest.golden", || {
            manifest(|m| m["golden"]["outputs"]["heads"]["data"] = json!([21.5, 43.5, 0.5, 0.5, 0.5]))
        }),
        case("an infinite golden output", Wrong, "manifest", || {
            manifest(|m| m["golden"]["outputs"]["heads"]["data"] = json!([1e39, 43.5]))
        }),
        case("an infinite golden input", Wrong, "manifest", || {
            manifest(|m| m["golden"]["inputs"]["features"]["data"] = json!([1e39, 2, 3, 4]))
        }),
        case("null in a golden output", Wrong, "manifest", || {
            manifest(|m| m["golden"]["outputs"]["heads"]["data"] = json!([f64::NAN, 43.5]))
        }),
        case("a golden token outside the table", Wrong, "manifest.golden", || {
            let mut parts = Parts::text();
            parts.manifest["golden"]["inputs"]["tokens"]["data"] = json!([8, 0, 0, 5, 0, 0]);
            parts.seal()
        }),
    ]
}

fn self_tests() -> Vec<Case> {
    use Kind::ModelSelfTest as Disagrees;
    vec![
        case("a golden output that disagrees", Disagrees, "manifest.golden.outputs.heads[1]", || {
            manifest(|m| m["golden"]["outputs"]["heads"]["data"] = json!([21.5, 43.6]))
        }),
        case("a model that gives NaN", Disagrees, "manifest.golden.outputs.heads[0]", || {
            let mut parts = Parts::plain();
            parts.graph().initializer[0].raw_data = [-1.0f32, -10.0].map(f32::to_le_bytes).concat();
            parts.graph().node[0].output = vec!["gemm".into()];
            parts.graph().node.push(node("Sqrt", &["gemm"], "heads", vec![]));
            parts.seal()
        }),
        case("a model that gives infinity", Disagrees, "manifest.golden.outputs.heads[1]", || {
            // e^43.5 is finite, e^(e^43.5) is not.
            let mut parts = Parts::plain();
            parts.graph().node[0].output = vec!["gemm".into()];
            parts.graph().node.push(node("Exp", &["gemm"], "once", vec![]));
            parts.graph().node.push(node("Exp", &["once"], "heads", vec![]));
            parts.manifest["golden"]["inputs"]["features"]["data"] = json!([-0.5, 0, 3, 4]);
            parts.manifest["golden"]["outputs"]["heads"]["data"] = json!([1f32.exp(), 3e38]);
            parts.seal()
        }),
        case("weights of NaN", Disagrees, "manifest.golden.outputs.heads[0]", || {
            graph(|g| g.initializer[0].raw_data = [f32::NAN, f32::INFINITY].map(f32::to_le_bytes).concat())
        }),
        case("a tail that changes the heads", Disagrees, "manifest.golden", || chain("Neg", &[21.5, 43.5])),
    ]
}

pub fn all() -> Vec<Case> {
    [bytes(), manifests(), self_tests()].into_iter().flatten().collect()
}
