//! What is known of the handles that a service has.

/// Values by the numbers of handles. A list, because a table gives free numbers again and so keeps them low.
#[derive(Debug)]
pub(crate) struct ByHandle<T>(Vec<Option<T>>);

impl<T> Default for ByHandle<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByHandle<T> {
    pub(crate) fn get(&self, handle: u32) -> Option<&T> {
        self.0.get(handle as usize)?.as_ref()
    }

    /// Sets what is known of a new handle, in place of what was known of an older one with its number.
    pub(crate) fn set(&mut self, handle: u32, value: Option<T>) {
        let position = handle as usize;
        if let Some(known) = self.0.get_mut(position) {
            *known = value;
        } else if value.is_some() {
            self.0.resize_with(position, || None);
            self.0.push(value);
        }
    }

    /// Takes what is known of a handle.
    pub(crate) fn take(&mut self, handle: u32) -> Option<T> {
        self.0.get_mut(handle as usize)?.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_handle_takes_the_place_of_an_older_one_with_its_number() {
        let mut known = ByHandle::default();
        known.set(3, Some("pear"));
        known.set(3, Some("plum"));
        assert_eq!((known.get(3), known.get(2), known.get(4)), (Some(&"plum"), None, None));
        known.set(3, None);
        assert_eq!(known.get(3), None);
    }

    #[test]
    fn what_is_taken_is_no_longer_known() {
        let mut known = ByHandle::default();
        known.set(1, Some("pear"));
        assert_eq!((known.take(1), known.take(1), known.take(9)), (Some("pear"), None, None));
    }
}
