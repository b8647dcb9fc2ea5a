//! Which calls moved: those outside the longest run of calls that kept their recorded order.

/// Returns the positions in `recorded` (recorded positions, in replayed order) that have to be taken out so that the
/// rest increases; as few as possible.
pub fn moved(recorded: &[usize]) -> Vec<usize> {
    if recorded.is_sorted_by(|before, after| before < after) {
        return Vec::new();
    }
    // Patience sorting: `tails[n]` is where the best increasing run of length n + 1 ends.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(recorded.len());
    for (at, value) in recorded.iter().enumerate() {
        let length = tails.partition_point(|&tail| recorded[tail] < *value);
        before.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(at);
        } else {
            tails[length] = at;
        }
    }
    let mut kept = vec![false; recorded.len()];
    let mut next = tails.last().copied();
    while let Some(at) = next {
        kept[at] = true;
        next = before[at];
    }
    (0..recorded.len()).filter(|&at| !kept[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn only_what_moved_is_named() {
        assert_eq!(moved(&[1, 2, 3]), Vec::<usize>::new());
        assert_eq!(moved(&[2, 3, 1]), [2]);
        assert_eq!(moved(&[5, 1, 2, 3]), [0]);
        assert_eq!(moved(&[]), Vec::<usize>::new());
    }
}
