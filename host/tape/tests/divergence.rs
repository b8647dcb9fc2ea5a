//! What a replay says when it cannot go on.

use super::*;
use playback_recording::Interception;

fn order(fields: [u32; 4]) -> [Value; 1] {
    [Value::record(["a", "b", "c", "d"].into_iter().zip(fields.map(Value::from)))]
}

fn orders() -> Boundary {
    let order = Type::Record(fields(&[("a", U32), ("b", U32), ("c", U32), ("d", U32)]));
    boundary(&[function("inputs#find", &[("order", order)], U32), price_of()], "")
}

#[test]
fn the_nearest_recorded_calls_are_shown_with_what_differs_the_fewest_first() {
    let orders = orders();
    let recorded = [[9, 9, 9, 9], [9, 9, 3, 4], [1, 9, 9, 9], [1, 2, 3, 9], [9, 9, 9, 4]].map(order);
    let calls: Vec<_> = recorded.iter().map(|order| gives("find", order, 1)).collect();
    let divergence = Replay::of(&record(&orders, &calls), &orders).diverges("find", &order([1, 2, 3, 4]));
    assert_eq!((&divergence.reason, divergence.recorded), (&Reason::NeverRecorded, 5));
    let nearest: Vec<_> = divergence.nearest.iter().map(|it| (it.position, it.differences.len())).collect();
    assert_eq!(nearest, [(4, 1), (2, 2), (3, 3)]);
    let expected = "\
the recording has no answer for input call 1 of `shop:orders/inputs#find`: these arguments were never recorded
    order = {\"a\":1,\"b\":2,\"c\":3,\"d\":4}
  recorded call #4 differs
    /order/d: 9 -> 4
  recorded call #2 differs
    /order/a: 9 -> 1
    /order/b: 9 -> 2
  recorded call #3 differs
    /order/b: 9 -> 2
    /order/c: 9 -> 3
    /order/d: 9 -> 4";
    assert_eq!(divergence.to_string(), expected);
}

#[test]
fn only_calls_of_the_same_alias_are_near() {
    let orders = orders();
    let recording = record(&orders, &[gives("price-of", &text("apple"), 1)]);
    let divergence = Replay::of(&recording, &orders).diverges("find", &order([1, 2, 3, 4]));
    assert_eq!((divergence.recorded, divergence.nearest.len()), (0, 0));
    assert!(divergence.to_string().contains("no call of it was ever recorded"));
}

#[test]
fn calls_of_fallback_aliases_are_near_too() {
    let before = boundary(&[Signature { name: "get-price".to_owned(), ..price_of() }], "");
    let recording = record(&before, &[gives("get-price", &text("apple"), 1)]);
    let today = shop("[\"inputs#price-of\"]\nfallback-aliases = [\"x\", \"shop:orders/inputs#get-price\"]");
    let divergence = Replay::of(&recording, &today).diverges("price-of", &text("apples"));
    assert_eq!((divergence.recorded, divergence.nearest.len()), (1, 1));
    let names = ["shop:orders/inputs#price-of", "x", "shop:orders/inputs#get-price"];
    assert_eq!(divergence.aliases.iter().map(|name| &**name).collect::<Vec<_>>(), names);
    assert!(divergence.to_string().contains("also looked under `x`, `shop:orders/inputs#get-price`"));
}

#[test]
fn what_is_not_part_of_the_key_is_no_difference() {
    let signature = function("inputs#stock", &[("sku", Type::String), ("trace", U32)], U32);
    let stock = boundary(&[signature], "[\"inputs#stock\"]\nkey = [\"sku\"]");
    let recording = record(&stock, &[gives("stock", &["apple".into(), 1.into()], 7)]);
    let divergence = Replay::of(&recording, &stock).diverges("stock", &["pear".into(), 2.into()]);
    let differences = divergence.nearest[0].differences.iter().map(ToString::to_string);
    assert_eq!(differences.collect::<Vec<_>>(), ["/sku: \"apple\" -> \"pear\""]);
}

#[test]
fn an_alias_cannot_write_to_the_terminal() {
    let shop = shop("[\"inputs#price-of\"]\nalias = \"price.{sku}\"");
    let recording = record(&shop, &[]);
    let message = Replay::of(&recording, &shop).diverges("price-of", &text("\u{1b}[2J")).to_string();
    assert!(message.contains("`price.\\u{1b}[2J`") && !message.contains('\u{1b}'), "{message}");
}

#[test]
fn the_nearest_of_very_many_calls_is_found_soon() {
    let shop = shop("");
    let sku = "x".repeat(1_000);
    let mut recording = (*record(&shop, &[gives("price-of", &text("apple"), 1)])).clone();
    let call = recording.events[0].clone();
    let Event::Interception(call) = call else { panic!("a call") };
    let numbered = |number: u32| [Value::Text(format!("{sku}{number}"))];
    recording.events = (0..100_000u32)
        .map(|number| {
            Event::Interception(Interception { arguments: numbered(number).to_vec(), ..call.clone() })
        })
        .collect();
    let begun = std::time::Instant::now();
    let recording = Arc::new(recording);
    let mut replay = Replay::of(&recording, &shop);
    replay.call("price-of", &numbered(99_999));
    let divergence = replay.diverges("price-of", &[Value::Text("y".repeat(10 << 20))]);
    assert_eq!(divergence.nearest.iter().map(|it| it.position).collect::<Vec<_>>(), [1, 2, 3]);
    let playback = replay.finish_with(Ending::Diverged(divergence));
    let positions = playback.inputs_not_made.iter().map(|event| playback.position(*event));
    assert!(positions.eq(1..100_000));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn where_very_much_differs_the_arguments_are_shown_whole() {
    let list = Type::List(Box::new(U32));
    let sums = boundary(&[function("inputs#sum", &[("of", list)], U32)], "");
    let of = |from: u32| [Value::List(numbers(&(from..from + 5_000).collect::<Vec<_>>()))];
    let recording = record(&sums, &[gives("sum", &of(1), 1)]);
    let divergence = Replay::of(&recording, &sums).diverges("sum", &of(2));
    let paths = divergence.nearest[0].differences.iter().map(|difference| difference.path.as_str());
    assert_eq!(paths.collect::<Vec<_>>(), ["/of"]);
}

#[test]
fn a_crafted_recording_is_answered_or_refused_but_never_trusted() {
    let stock = function("inputs#stock", &[("sku", Type::String), ("at", U32)], U32);
    let stock = boundary(&[stock], "[\"inputs#stock\"]\nkey = [\"at\"]\nalias = \"stock.{at}\"");
    let call = [Value::from("apple"), 1.into()];
    let honest = record(&stock, &[gives("stock", &call, 7)]);
    let crafted = |craft: fn(&mut Recording, &mut Interception)| {
        let mut recording = (*honest).clone();
        let Event::Interception(mut interception) = recording.events.remove(0) else { panic!("a call") };
        craft(&mut recording, &mut interception);
        recording.events.push(Event::Interception(interception));
        let recording = Arc::new(recording);
        let mut replay = Replay::of(&recording, &stock);
        let answered = replay.step("stock", &call).is_ok();
        let playback = replay.finish();
        assert_eq!(playback.position(5), 2);
        answered
    };
    assert!(!crafted(|_, call| call.arguments = vec![]), "fewer arguments than parameters");
    assert!(crafted(|_, call| call.arguments.push(1.into())), "more arguments than parameters");
    assert!(crafted(|_, call| call.function = 9), "no such function, but the alias is right");
    assert!(!crafted(|_, call| (call.function, call.alias) = (9, "else".into())), "nor the alias");
    assert!(crafted(|recording, _| recording.header.functions.clear()), "no functions at all");
    assert!(!crafted(|_, call| call.arguments[1] = Value::Map(vec![])), "another value than its type says");
}
