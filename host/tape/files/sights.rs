//! What a service saw in its folders. While recording, what it sees is kept as often as it changes; on replay the n-th
//! look of a sort at a path sees what it saw then, and any later one what was seen last.

use playback_recording::{Entry, EntryKind, Look, Refused, Seen, Sight};
use std::collections::{BTreeSet, HashMap};

/// What a recorded listing says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Nothing: the directory was not listed.
    Unknown,
    /// Nothing has this name.
    Absent,
    /// Something has it.
    Present,
}

/// What a replay takes to be where nobody looked while it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumption {
    /// Nothing: the service asked whether something is there, or made something.
    Absent,
    /// A directory: the service made something in it.
    Directory,
}

/// What one replay sees.
#[derive(Debug, Default)]
pub(crate) struct Sights {
    paths: HashMap<String, [Recorded; 5]>,
    refused: HashMap<(String, String), Attempts>,
    /// What the service removed, by the folder that it was in.
    removed: HashMap<String, BTreeSet<String>>,
    /// How many sights there are.
    count: u64,
}

/// What was seen by the looks of one sort at one path.
#[derive(Debug, Default)]
struct Recorded {
    looks: u64,
    sights: Vec<Known>,
}

/// One sight.
#[derive(Debug)]
struct Known {
    /// From which look on it was seen.
    from: u64,
    /// Which sight of the recording it is: what was done before, and what after.
    position: u64,
    sight: Sight,
}

impl Recorded {
    /// What the last look sees.
    fn seen(&self) -> Option<&Known> {
        // Written in the order in which it was seen; a crafted recording may say otherwise, and gets what comes of it.
        let seen = self.sights.iter().take_while(|known| known.from <= self.looks).last();
        seen.or(self.sights.first())
    }
}

/// The attempts of one call at one path that were refused.
#[derive(Debug, Default)]
struct Attempts {
    made: u64,
    refused: Vec<(u64, String)>,
}

impl Sights {
    /// One more thing that was seen.
    pub(crate) fn add_seen(&mut self, seen: &Seen) {
        let Seen { path, look, ordinal, sight } = seen;
        if (*look, sight) == (Look::Own, &Sight::Absent)
            && let Some((folder, name)) = path.rsplit_once('/')
        {
            let folder = if folder.is_empty() { "/" } else { folder };
            self.removed.entry(folder.to_owned()).or_default().insert(name.to_owned());
        }
        let recorded = &mut self.paths.entry(path.clone()).or_default()[*look as usize];
        recorded.sights.push(Known { from: *ordinal, position: self.count, sight: sight.clone() });
        self.count += 1;
    }

    /// One more attempt that was refused.
    pub(crate) fn add_refused(&mut self, refused: &Refused) {
        let Refused { call, path, attempt, code } = refused;
        let attempts = self.refused.entry((call.clone(), path.clone())).or_default();
        attempts.refused.push((*attempt, code.clone()));
    }

    /// What this look sees; `None`: no look of its sort at this path was recorded.
    pub(crate) fn look(&mut self, path: &str, look: Look) -> Option<Sight> {
        let recorded = &mut self.paths.get_mut(path)?[look as usize];
        recorded.looks += 1;
        recorded.seen().map(|known| known.sight.clone())
    }

    /// Whether the service itself had made what is at `path` when `folder` was listed as it was looked into last: nothing
    /// was there when it first looked, and its own doing had left something.
    pub(crate) fn was_made(&self, folder: &str, path: &str) -> bool {
        self.first(path, Look::Entry) == Some(&Sight::Absent)
            && self.own(folder, path).is_some_and(|sight| *sight != Sight::Absent)
    }

    /// What the service itself had removed from `folder` when it was listed as it was looked into last.
    pub(crate) fn removed(&self, folder: &str) -> Vec<(String, EntryKind)> {
        let Some(names) = self.removed.get(folder) else { return Vec::new() };
        let removed = names.iter().filter_map(|name| {
            let path = format!("{}/{name}", folder.trim_end_matches('/'));
            match (self.first(&path, Look::Entry)?, self.own(folder, &path)?) {
                (Sight::Entry(Entry { kind, .. }), Sight::Absent) => Some((name.clone(), *kind)),
                _ => None,
            }
        });
        removed.collect()
    }

    /// What the service's own doing had left at `path`, when `folder` was listed as it was looked into last.
    fn own(&self, folder: &str, path: &str) -> Option<&Sight> {
        let listed = self.paths.get(folder)?[Look::Listing as usize].seen()?.position;
        let own = self.paths.get(path)?[Look::Own as usize].sights.iter();
        own.take_while(|known| known.position < listed).last().map(|known| &known.sight)
    }

    fn first(&self, path: &str, look: Look) -> Option<&Sight> {
        self.paths.get(path)?[look as usize].sights.first().map(|known| &known.sight)
    }

    /// Whether anybody looked whether something is there.
    pub(crate) fn has_seen(&self, path: &str) -> bool {
        self.first(path, Look::Entry).is_some()
    }

    /// Whether anything at all was seen of `path`.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.paths.contains_key(path)
    }

    /// What the first listing of `folder` says of `name`.
    pub(crate) fn listed(&self, folder: &str, name: &str) -> Listed {
        match self.first(folder, Look::Listing) {
            Some(Sight::Listing(names)) => {
                let is_there = names.iter().any(|(listed, _)| listed == name);
                if is_there { Listed::Present } else { Listed::Absent }
            }
            _ => Listed::Unknown,
        }
    }

    /// One more attempt of this call at this path.
    pub(crate) fn attempt(&mut self, call: &str, path: &str) -> Result<(), String> {
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

    /// The error code of the first attempt of this call at this path that was refused.
    pub(crate) fn first_refusal(&self, call: &str, path: &str) -> Option<&str> {
        if self.refused.is_empty() {
            return None;
        }
        let attempts = self.refused.get(&(call.to_owned(), path.to_owned()))?;
        attempts.refused.first().map(|(_, code)| code.as_str())
    }

    /// The attempts of this call at this path that were refused.
    pub(crate) fn refused(&self, call: &str, path: &str) -> Vec<(u64, String)> {
        let attempts = self.refused.get(&(call.to_owned(), path.to_owned()));
        attempts.map_or(Vec::new(), |attempts| attempts.refused.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use playback_recording::EntryKind;

    fn listing(names: &[&str]) -> Sight {
        Sight::Listing(names.iter().map(|name| ((*name).to_owned(), EntryKind::File)).collect())
    }

    fn replayed(seen: &[(Look, Sight)]) -> Sights {
        let seen: Vec<_> = seen.iter().map(|(look, sight)| ("/a", *look, sight.clone())).collect();
        replayed_at(&seen)
    }

    fn replayed_at(seen: &[(&str, Look, Sight)]) -> Sights {
        let (mut looks, mut sights) = (super::super::probes::ProbeRecorder::default(), Sights::default());
        for (path, look, sight) in seen {
            if let Some(ordinal) = looks.changed(path, *look, sight) {
                let (path, look, sight) = ((*path).to_owned(), *look, sight.clone());
                sights.add_seen(&Seen { path, look, ordinal, sight });
            }
        }
        sights
    }

    fn file() -> Sight {
        let (accessed, modified, created) = (None, None, None);
        Sight::Entry(Entry {
            kind: EntryKind::File,
            target: None,
            size: 1,
            links: 1,
            accessed,
            modified,
            created,
        })
    }

    #[test]
    fn what_the_service_made_and_removed_counts_from_then_on() {
        let mut sights = replayed_at(&[
            ("/a", Look::Listing, listing(&["old"])),
            ("/a/new", Look::Entry, Sight::Absent),
            ("/a/new", Look::Own, file()),
            ("/a/old", Look::Entry, file()),
            ("/a/old", Look::Own, Sight::Absent),
            ("/a", Look::Listing, listing(&["new"])),
            ("/a/new", Look::Own, Sight::Absent),
            ("/a", Look::Listing, listing(&[])),
        ]);
        let old = vec![("old".to_owned(), EntryKind::File)];
        for (made, removed) in [(false, vec![]), (true, old.clone()), (false, old)] {
            sights.look("/a", Look::Listing);
            assert_eq!((sights.was_made("/a", "/a/new"), sights.removed("/a")), (made, removed));
        }
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
    fn the_first_listing_says_what_is_there_and_without_one_nothing_does() {
        let sights = replayed_at(&[
            ("/a", Look::Listing, listing(&["x"])),
            ("/a", Look::Listing, listing(&["x", "y"])),
            ("/b", Look::Listing, Sight::Failed("access".to_owned())),
        ]);
        let listed =
            [("/a", "x"), ("/a", "y"), ("/b", "x"), ("/c", "x")].map(|(at, name)| sights.listed(at, name));
        assert_eq!(listed, [Listed::Present, Listed::Absent, Listed::Unknown, Listed::Unknown]);
        assert!(sights.knows("/b") && !sights.knows("/c"));
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
        let mut sights = Sights { refused: HashMap::from([(key, attempts)]), ..Sights::default() };
        let outcomes = [(); 3].map(|()| sights.attempt("rename-at", "/a"));
        assert_eq!(outcomes, [Ok(()), Err("busy".to_owned()), Ok(())]);
        assert_eq!(sights.attempt("rename-at", "/b"), Ok(()));
    }
}
