//! In: a model file. Out: its manifest in words, after the loader accepted it: the same path as loading in a browser
//! (verify, vet, compile, self-test). Golden vectors are printed in JSON alone: they are long and for machines.

use crate::error::Result;
use ranklet::Ranker;
use ranklet::internals::model::Manifest;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The ONNX file
    model: PathBuf,
    /// Print the whole manifest as JSON, with the golden vectors
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result {
    let bytes = std::fs::read(&args.model).map_err(|e| format!("{}: {e}", args.model.display()))?;
    let bundle = ranklet::internals::model::Bundle::open(&bytes)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(bundle.manifest())?);
        return Ok(());
    }
    describe(bundle.manifest(), bytes.len());
    let started = std::time::Instant::now();
    Ranker::load(&bytes)?;
    println!(
        "loads       yes: hash, vetting and golden vectors hold ({:.0} ms)",
        started.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}

fn describe(manifest: &Manifest, bytes: usize) {
    let names = |names: Vec<&str>| names.join(", ");
    println!("name        {} {}", manifest.name, manifest.version);
    println!("size        {bytes} bytes");
    println!("graph       {}", manifest.graph_sha256);
    println!(
        "item vector {} wide, history of {} items, blocks of {}",
        manifest.vector, manifest.history, manifest.block
    );
    if let Some(text) = &manifest.text {
        println!("text        {} tokens an item, table of {} rows", text.max_tokens, text.table);
    }
    println!("fields      {}", names(manifest.fields.iter().map(String::as_str).collect()));
    println!("features    {}", names(manifest.features.iter().map(|f| f.name.as_str()).collect()));
    println!("actions     {}", names(manifest.actions.keys().map(String::as_str).collect()));
    for head in &manifest.heads {
        println!("head        {} (weight {}): {}", head.name, head.weight, head.objective);
    }
    if let Some(card) = manifest.card.as_object() {
        for (key, value) in card {
            println!("card        {key}: {}", value.as_str().map_or_else(|| value.to_string(), String::from));
        }
    }
}
