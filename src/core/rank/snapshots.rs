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
        let mut image = snapshot::read(bytes, &self.basis())?;
        let with_text: Vec<usize> =
            (0..image.items.len()).filter(|&at| !image.items[at].tokens.is_empty()).collect();
        let rows: Vec<Vec<u32>> = with_text.iter().map(|&at| image.items[at].tokens.clone()).collect();
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let items = &mut image.items;
        self.model.encode(&rows, |row, vector| items[with_text[row]].vector = vector.to_vec())?;
        if let Some(spec) = &self.model.manifest().vectors {
            items.iter_mut().for_each(|item| place(&mut item.vector, &item.server, spec.scale));
        }

        let items: Vec<Rc<ItemFacts>> = image.items.into_iter().map(Rc::new).collect();
        let mut session = Session::default();
        session.prefer(image.stated.iter().map(|&at| items[at].clone()).collect());
        for past in &image.events {
            let actions = &self.model.manifest().actions;
            let kind = actions.keys().find(|name| snapshot::hash(name) == past.kind).ok_or_else(|| {
                Error::new(Kind::SnapshotModel, "snapshot.events", "has an event type that this model lacks")
            })?;
            let (at_ms, value) = (past.at_ms as f64, f64::from(past.value));
            let event = Event { kind, id: &past.id, at_ms, value };
            let refused = |e: Error| Error::new(Kind::SnapshotModel, "snapshot.events", e.to_string());
            let strength = event.strength(actions).map_err(refused)?;
            session.record(&event, items[past.item].clone(), strength);
        }
        session.lose(image.lost);
        self.session = session;
        Ok(())
    }
}
