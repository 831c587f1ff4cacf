//! In: a ranker, or a snapshot's bytes. Out: the session as bytes, or restored from them.
//! A snapshot holds no vectors and no strengths: both are computed anew, by the model that is loaded.

use super::ranker::Ranker;
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::item::place;
use crate::session::snapshot::{self, Basis, Form};
use crate::session::{ItemFacts, Session};
use std::rc::Rc;

impl Ranker {
    fn basis(&self) -> Basis<'_> {
        let manifest = self.model.manifest();
        Basis {
            fields: &manifest.fields,
            text: manifest.text.as_ref(),
            vectors: manifest.vectors.as_ref().map(|spec| (spec.basis.as_str(), spec.width)),
            history: manifest.history,
        }
    }

    /// The session as bytes, as [`snapshot::write`] says.
    pub fn snapshot(&mut self, form: Form) -> Vec<u8> {
        let mut session = std::mem::take(&mut self.session);
        let bytes = snapshot::write(&mut session, &self.basis(), form);
        self.session = session;
        bytes
    }

    /// Takes a snapshot's session in place of this one. One of an older model becomes what it would
    /// be had its events been observed with this model.
    ///
    /// # Errors
    /// The `snapshot/…` kinds, [`Kind::ModelRun`]; the session stays as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let contents = snapshot::read(bytes, &self.basis())?;
        let items = self.with_vectors(contents.items)?;
        let item = |at: usize| {
            let what = || Error::new(Kind::SnapshotMalformed, "snapshot.items", format!("has no item {at}"));
            items.get(at).cloned().ok_or_else(what)
        };
        let mut session = Session::default();
        session.prefer(contents.stated.iter().map(|&at| item(at)).collect::<Result<_>>()?);
        for past in &contents.events {
            let actions = &self.model.manifest().actions;
            let kind = actions.keys().find(|name| snapshot::hash(name) == past.kind).ok_or_else(|| {
                Error::new(Kind::SnapshotModel, "snapshot.events", "has an event type that this model lacks")
            })?;
            let (at_ms, value) = (past.at_ms as f64, f64::from(past.value));
            let event = Event { kind, id: &past.id, at_ms, value };
            let refused = |e: Error| Error::new(Kind::SnapshotModel, "snapshot.events", e.to_string());
            let strength = event.strength(actions).map_err(refused)?;
            session.record(&event, item(past.item)?, strength);
        }
        session.lose(contents.lost);
        self.session = session;
        Ok(())
    }

    /// Computes the vectors of restored items.
    fn with_vectors(&mut self, mut items: Vec<ItemFacts>) -> Result<Vec<Rc<ItemFacts>>> {
        // Apart from the items: their vectors are written while the tokens are read.
        let tokens: Vec<Vec<u32>> = items.iter().map(|item| item.tokens.clone()).collect();
        let with_text = tokens.iter().enumerate().filter(|(_, tokens)| !tokens.is_empty());
        let (positions, rows): (Vec<usize>, Vec<&[u32]>) =
            with_text.map(|(at, tokens)| (at, tokens.as_slice())).unzip();
        self.model.encode(&rows, |row, vector| {
            let item = positions.get(row).and_then(|&at| items.get_mut(at));
            item.into_iter().for_each(|item| item.vector = vector.to_vec());
        })?;
        if let Some(spec) = &self.model.manifest().vectors {
            items.iter_mut().for_each(|item| place(&mut item.vector, &item.server, spec.scale));
        }
        Ok(items.into_iter().map(Rc::new).collect())
    }
}
