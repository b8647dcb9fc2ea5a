//! What a service saw in its folders. While recording, what it sees is kept as often as it changes; on replay the n-th
//! look of a sort at a path sees what it saw then, and any later one what was seen last.

use crate::recording::{Change, Changed, Look, Refused, Seen, Sight};
use std::collections::{HashMap, HashSet};

/// The looks and attempts of one recording.
#[derive(Debug, Default)]
pub(super) struct Looks {
    paths: HashMap<String, [Last; 4]>,
    attempts: HashMap<(String, String), u64>,
}

/// The looks of one sort at one path.
#[derive(Debug, Default)]
struct Last {
    looks: u64,
    sight: Option<Sight>,
}

impl Looks {
    /// Which look of its sort this is, if it saw something else than the one before.
    pub(super) fn changed(&mut self, path: &str, look: Look, sight: &Sight) -> Option<u64> {
        if !self.paths.contains_key(path) {
            self.paths.insert(path.to_owned(), Default::default());
        }
        let last = &mut self.paths.get_mut(path)?[look as usize];
        last.looks += 1;
        if last.sight.as_ref() == Some(sight) {
            return None;
        }
        last.sight = Some(sight.clone());
        Some(last.looks)
    }

    /// Which attempt of this call at this path this is, from 1.
    pub(super) fn attempt(&mut self, call: &str, path: &str) -> u64 {
        let attempts = self.attempts.entry((call.to_owned(), path.to_owned())).or_default();
        *attempts += 1;
        *attempts
    }
}

/// What one replay sees.
#[derive(Debug, Default)]
pub(super) struct Sights {
    paths: HashMap<String, [Recorded; 4]>,
    refused: HashMap<(String, String), Attempts>,
    /// Where the service left something.
    left: HashSet<String>,
}

/// What was seen by the looks of one sort at one path.
#[derive(Debug, Default)]
struct Recorded {
    looks: u64,
    /// From which look on what was seen.
    sights: Vec<(u64, Sight)>,
}

/// The attempts of one call at one path that were refused.
#[derive(Debug, Default)]
struct Attempts {
    made: u64,
    refused: Vec<(u64, String)>,
}

impl Sights {
    /// One more thing that was seen.
    pub(super) fn add_seen(&mut self, seen: &Seen) {
        let Seen { path, look, ordinal, sight } = seen;
        let recorded = &mut self.paths.entry(path.clone()).or_default()[*look as usize];
        recorded.sights.push((*ordinal, sight.clone()));
    }

    /// One more attempt that was refused.
    pub(super) fn add_refused(&mut self, refused: &Refused) {
        let Refused { call, path, attempt, code } = refused;
        let attempts = self.refused.entry((call.clone(), path.clone())).or_default();
        attempts.refused.push((*attempt, code.clone()));
    }

    /// One more thing that the service left.
    pub(super) fn add_changed(&mut self, changed: &Changed) {
        if changed.change != Change::Removed {
            self.left.insert(changed.path.clone());
        }
    }

    /// What this look sees; `None`: no look of its sort at this path was recorded.
    pub(super) fn look(&mut self, path: &str, look: Look) -> Option<Sight> {
        let recorded = &mut self.paths.get_mut(path)?[look as usize];
        recorded.looks += 1;
        // Written in the order in which it was seen; a crafted recording may say otherwise, and gets what comes of it.
        let seen = recorded.sights.iter().take_while(|(from, _)| *from <= recorded.looks).last();
        seen.or(recorded.sights.first()).map(|(_, sight)| sight.clone())
    }

    /// Whether the service itself made what is at `path`: nothing was there when it first looked, and it left something.
    pub(super) fn was_made(&self, path: &str) -> bool {
        let first = self.paths.get(path).and_then(|looks| looks[Look::Entry as usize].sights.first());
        self.left.contains(path) && first.is_some_and(|(_, sight)| *sight == Sight::Absent)
    }

    /// Whether the first listing of `folder` has no `name`.
    pub(super) fn lists_without(&self, folder: &str, name: &str) -> bool {
        let first = self.paths.get(folder).and_then(|looks| looks[Look::Listing as usize].sights.first());
        match first {
            Some((_, Sight::Listing(names))) => names.iter().all(|(listed, _)| listed != name),
            _ => false,
        }
    }

    /// One more attempt of this call at this path.
    pub(super) fn attempt(&mut self, call: &str, path: &str) -> Result<(), String> {
        if self.refused.is_empty() {
            return Ok(());
        }
        let Some(attempts) = self.refused.get_mut(&(call.to_owned(), path.to_owned())) else { return Ok(()) };
        attempts.made += 1;
        match attempts.refused.iter().find(|(attempt, _)| *attempt == attempts.made) {
            Some((_, code)) => Err(code.clone()),
            None => Ok(()),
        }
    }

    /// The attempts of this call at this path that were refused.
    pub(super) fn refused(&self, call: &str, path: &str) -> Vec<(u64, String)> {
        let attempts = self.refused.get(&(call.to_owned(), path.to_owned()));
        attempts.map_or(Vec::new(), |attempts| attempts.refused.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::recording::EntryKind;

    fn listing(names: &[&str]) -> Sight {
        Sight::Listing(names.iter().map(|name| ((*name).to_owned(), EntryKind::File)).collect())
    }

    fn replayed(seen: &[(Look, Sight)]) -> Sights {
        let mut looks = Looks::default();
        let mut paths = HashMap::<String, [Recorded; 4]>::new();
        for (look, sight) in seen {
            if let Some(ordinal) = looks.changed("/a", *look, sight) {
                paths.entry("/a".into()).or_default()[*look as usize].sights.push((ordinal, sight.clone()));
            }
        }
        Sights { paths, refused: HashMap::new(), left: HashSet::new() }
    }

    #[test]
    fn each_look_sees_what_it_saw_and_later_ones_what_was_seen_last() {
        let (one, two) = (listing(&["x"]), listing(&["x", "y"]));
        let seen = [&one, &one, &two, &one].map(|sight| (Look::Listing, sight.clone()));
        let mut sights = replayed(&seen);
        let looks: Vec<Sight> = (0..6).map(|_| sights.look("/a", Look::Listing).unwrap()).collect();
        assert_eq!(looks, [&one, &one, &two, &one, &one, &one].map(Clone::clone));
    }

    #[test]
    fn what_did_not_change_is_kept_once() {
        let seen = vec![(Look::Listing, listing(&["x"])); 5];
        assert_eq!(replayed(&seen).paths["/a"][Look::Listing as usize].sights.len(), 1);
    }

    #[test]
    fn looks_of_one_sort_say_nothing_of_another() {
        let mut sights = replayed(&[(Look::Entry, Sight::Absent), (Look::Listing, listing(&[]))]);
        assert_eq!(sights.look("/a", Look::Content), None);
        assert_eq!(sights.look("/b", Look::Entry), None);
        assert_eq!(sights.look("/a", Look::Entry), Some(Sight::Absent));
    }

    #[test]
    fn the_attempt_that_was_refused_is_refused_again() {
        let key = ("rename-at".to_owned(), "/a".to_owned());
        let attempts = Attempts { made: 0, refused: vec![(2, "busy".to_owned())] };
        let mut sights =
            Sights { paths: HashMap::new(), refused: HashMap::from([(key, attempts)]), left: HashSet::new() };
        let outcomes = [(); 3].map(|()| sights.attempt("rename-at", "/a"));
        assert_eq!(outcomes, [Ok(()), Err("busy".to_owned()), Ok(())]);
        assert_eq!(sights.attempt("rename-at", "/b"), Ok(()));
    }
}
