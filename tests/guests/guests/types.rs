//! Passes a value of every WIT type to an imported function and back, in both directions.

wit_bindgen::generate!({ path: "wit/types.wit", world: "types" });

use exports::test::types::roundtrip::{Access, Color, Nested, Point, Shape, Wide};
use test::types::{echo, inputs, outputs};

struct Types;

/// Writes an operation per line: its name, the type, and how its argument is handed to the import.
macro_rules! roundtrips {
    ($($name:ident: $type:ty, $v:ident => $pass:expr;)*) => {
        impl exports::test::types::roundtrip::Guest for Types {
            $(fn $name($v: $type) -> $type { echo::$name($pass) })*

            #[rustfmt::skip]
            fn many(
                a: u8, b: u16, c: u32, d: u64, e: i8, f: i16, g: i32, h: i64, i: f32, j: f64, k: bool, l: char,
                m: String, n: Vec<u8>, o: Color, p: Option<u32>, q: Point,
            ) -> String {
                echo::many(a, b, c, d, e, f, g, h, i, j, k, l, &m, &n, o, p, q)
            }

            fn nothing() {
                echo::nothing();
            }
        }
    };
}

roundtrips! {
    bool: bool, v => v;
    u8: u8, v => v;
    u16: u16, v => v;
    u32: u32, v => v;
    u64: u64, v => v;
    s8: i8, v => v;
    s16: i16, v => v;
    s32: i32, v => v;
    s64: i64, v => v;
    f32: f32, v => v;
    f64: f64, v => v;
    char: char, v => v;
    string: String, v => &v;
    list_u8: Vec<u8>, v => &v;
    list_s64: Vec<i64>, v => &v;
    list_string: Vec<String>, v => &v;
    list_record: Vec<Point>, v => &v;
    list_list: Vec<Vec<f32>>, v => &v;
    record: Point, v => v;
    nested_record: Nested, v => &v;
    tuple: (u32, String), v => (v.0, &v.1);
    variant: Shape, v => &v;
    enum_: Color, v => v;
    option: Option<u32>, v => v;
    nested_option: Option<Option<String>>, v => v.as_ref().map(Option::as_deref);
    result: Result<u32, String>, v => v.as_ref().copied().map_err(String::as_str);
    result_ok: Result<u32, ()>, v => v;
    result_err: Result<(), String>, v => v.as_ref().copied().map_err(String::as_str);
    result_bare: Result<(), ()>, v => v;
    flags: Access, v => v;
    flags32: Wide, v => v;
}

impl Guest for Types {
    fn find_and_keep(name: String) -> Option<u64> {
        let found = inputs::find(&name)?;
        outputs::log(&format!("found {name}"));
        Some(outputs::keep(&found))
    }

    fn tick_twice(step: u32) -> u32 {
        tick(step);
        tick(step)
    }
}

export!(Types);
