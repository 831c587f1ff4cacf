//! In: items' tags, a profile. Out: [`Affinities`]: what the session says of each item's tags.
//! One pass over the tags for all channels: a tag is looked up once a list.
//! What it computes does not depend on which of its columns a model reads.

use super::feature::{Channel, Pool};
use crate::item::Items;
use crate::session::Profile;

/// Weight of the prior in a tag's affinity: with one event the affinity is a third of its limit.
const AFFINITY_PRIOR: f32 = 2.0;

/// Channels as [`Affinities`] has them.
const CHANNELS: [Channel; 4] = [Channel::Positive, Channel::Negative, Channel::Exposed, Channel::Net];

/// What the session says of an item's tags, by channel: their mean, and the one furthest from zero. NaN
/// where an item has none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affinities {
    mean: [f32; CHANNELS.len()],
    peak: [f32; CHANNELS.len()],
}

impl Affinities {
    /// Of one channel.
    pub fn of(&self, channel: Channel, pool: Pool) -> f32 {
        let values = match pool {
            Pool::Mean => &self.mean,
            Pool::Peak => &self.peak,
        };
        let own = CHANNELS.iter().zip(values).find(|(known, _)| **known == channel);
        own.map_or(f32::NAN, |(_, &value)| value)
    }
}

/// Affinity of one tag: the channel's strength over all strength on that tag plus a prior.
fn affinity(channel: Channel, strength: [f32; 3]) -> f32 {
    let all: f32 = strength.iter().sum();
    channel.of(strength) / (all + AFFINITY_PRIOR)
}

/// By item.
pub(super) fn affinities(items: &Items, profile: &Profile) -> Vec<Affinities> {
    let of_tag = |&tag: &u32| {
        let strength = profile.tag(tag);
        CHANNELS.map(|channel| affinity(channel, strength))
    };
    let by_slot: Vec<[f32; CHANNELS.len()]> = items.distinct_tags().iter().map(of_tag).collect();
    let of_item = |position: usize| {
        let slots = items.tag_slots(position);
        // The neutral element of sums is -0.
        let mut sums = [-0.0; CHANNELS.len()];
        let mut peak = [0.0f32; CHANNELS.len()];
        for &slot in slots {
            let values = by_slot.get(slot as usize).copied().unwrap_or_default();
            for ((sum, peak), value) in sums.iter_mut().zip(&mut peak).zip(values) {
                *sum += value;
                *peak = if value.abs() > peak.abs() { value } else { *peak };
            }
        }
        match slots.len() {
            0 => Affinities { mean: [f32::NAN; CHANNELS.len()], peak: [f32::NAN; CHANNELS.len()] },
            count => Affinities { mean: sums.map(|sum| sum / count as f32), peak },
        }
    };
    (0..items.len()).map(of_item).collect()
}
