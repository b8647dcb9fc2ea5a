#![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

use super::*;

fn whole(file: &Memory) -> Vec<u8> {
    file.whole(u64::MAX).unwrap().to_vec()
}

#[test]
fn writes_go_where_they_are_told_and_fill_what_is_between_with_zeros() {
    let recorded = bytes::Bytes::from_static(b"abc");
    let file = Memory::new(recorded.clone(), Budget::new(100));
    assert_eq!(file.write(Some(1), b"X").unwrap(), 2);
    assert_eq!(file.write(Some(5), b"Y").unwrap(), 6);
    assert_eq!(file.write(None, b"Z").unwrap(), 7);
    assert_eq!(whole(&file), *b"aXc\0\0YZ");
    file.resize(2).unwrap();
    assert_eq!(whole(&file), *b"aX");
    file.resize(4).unwrap();
    assert_eq!(whole(&file), *b"aX\0\0");
    assert_eq!(*recorded, *b"abc");
}

#[test]
fn a_file_in_pieces_reads_as_a_plain_one_does() {
    let recorded: Vec<u8> = (0..200_000_u32).map(|at| at as u8).collect();
    let (mut plain, file) = (recorded.clone(), Memory::new(recorded.into(), Budget::new(1 << 20)));
    for (offset, length) in [(65_530, 20), (10, 1), (199_990, 40), (131_072, 65_536), (300_000, 5)] {
        let data = vec![7; length];
        file.write(Some(offset as u64), &data).unwrap();
        plain.resize(plain.len().max(offset + length), 0);
        plain[offset..offset + length].copy_from_slice(&data);
        assert_eq!(whole(&file), plain);
    }
    for size in [250_000, 131_080, 131_072, 65_537, 100_000, 10, 70_000] {
        file.resize(size as u64).unwrap();
        plain.resize(size, 0);
        assert_eq!(whole(&file), plain, "{size}");
        assert_eq!(file.read(5, 65_536).unwrap(), plain[5..size.min(65_541)]);
    }
    assert_eq!(file.read(70_000, 10).unwrap(), b"");
}

#[test]
fn only_what_is_written_takes_room_and_what_goes_gives_it_back() {
    let budget = Budget::new(100_000);
    let file = Memory::new(bytes::Bytes::new(), budget.clone());
    file.resize(1 << 40).unwrap();
    file.write(Some(1 << 41), b"far").unwrap();
    assert_eq!((file.size(), file.whole(1 << 40)), ((1 << 41) + 3, Err((1 << 41) + 3)));
    for _ in 0..5 {
        file.resize(0).unwrap();
        file.write(None, &[1; 90_000]).unwrap();
        file.write(Some(0), &[2; 90_000]).unwrap();
    }
    let other = Memory::new(bytes::Bytes::new(), budget.clone());
    assert!(other.write(None, &[0; 20_000]).is_err());
    drop(file);
    assert!(other.write(None, &[0; 20_000]).is_ok());
    drop(other);
    assert_eq!(budget.left.load(Ordering::Relaxed), 100_000);
}

#[test]
fn no_file_grows_past_the_limit() {
    let file = Memory::new(bytes::Bytes::new(), Budget::new(10));
    assert!(file.write(Some(u64::MAX), &[0; 2]).is_err());
    assert!(file.resize(u64::MAX).is_err());
    assert!(file.write(None, &[0; 10]).is_ok());
    assert!(file.write(None, &[0]).is_err());
}

#[test]
fn of_a_file_that_was_not_kept_the_size_is_known() {
    let file = Memory::unknown(1 << 40, Budget::new(10));
    file.write(None, b"more").unwrap();
    assert_eq!((file.whole(u64::MAX), file.read(0, 1)), (Err((1 << 40) + 4), None));
    file.resize(0).unwrap();
    assert!(file.is_known());
    assert_eq!(whole(&file), b"");
}
