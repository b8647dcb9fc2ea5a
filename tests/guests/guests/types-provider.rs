//! Answers `types`: each function of `echo` returns what it is given, `tick` adds up its steps.

wit_bindgen::generate!({ path: "wit/types.wit", world: "provider" });

use exports::test::types::echo::{Access, Color, Point, Shape, Wide};
use exports::test::types::{echo, inputs, outputs};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use test::types::shapes::Nested;

static TICKS: AtomicU32 = AtomicU32::new(0);
static KEPT: AtomicU64 = AtomicU64::new(0);

struct Provider;

macro_rules! echoes {
    ($($name:ident: $type:ty;)*) => {
        impl echo::Guest for Provider {
            $(fn $name(v: $type) -> $type { v })*

            #[rustfmt::skip]
            fn many(
                a: u8, b: u16, c: u32, d: u64, e: i8, f: i16, g: i32, h: i64, i: f32, j: f64, k: bool, l: char,
                m: String, n: Vec<u8>, o: Color, p: Option<u32>, q: Point,
            ) -> String {
                format!("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m} {n:?} {o:?} {p:?} {q:?}")
            }

            fn nothing() {}
        }
    };
}

echoes! {
    bool: bool; u8: u8; u16: u16; u32: u32; u64: u64; s8: i8; s16: i16; s32: i32; s64: i64;
    f32: f32; f64: f64; char: char; string: String; list_u8: Vec<u8>; list_s64: Vec<i64>; list_string: Vec<String>;
    list_record: Vec<Point>; list_list: Vec<Vec<f32>>; record: Point; nested_record: Nested; tuple: (u32, String); variant: Shape;
    enum_: Color; option: Option<u32>; nested_option: Option<Option<String>>; result: Result<u32, String>;
    result_ok: Result<u32, ()>; result_err: Result<(), String>; result_bare: Result<(), ()>;
    flags: Access; flags32: Wide;
}

impl inputs::Guest for Provider {
    fn find(name: String) -> Option<Nested> {
        let list = vec![Point { x: 1, y: -1 }, Point { x: i32::MAX, y: i32::MIN }];
        (name != "nobody").then_some(Nested { type_: name, list, far_away: None, is_on: true })
    }
}

impl outputs::Guest for Provider {
    fn keep(_v: Nested) -> u64 {
        KEPT.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn log(_text: String) {}
}

impl Guest for Provider {
    fn tick(step: u32) -> u32 {
        TICKS.fetch_add(step, Ordering::Relaxed) + step
    }
}

export!(Provider);
