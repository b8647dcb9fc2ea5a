use playback_guest::{input, operation, output};

#[input(alias = "answer")]
const fn answer() -> u32 {
    42
}

#[output(alias = "limit")]
const LIMIT: u32 = 5;

#[operation]
struct Order;

trait Shop {
    #[input(alias = "price")]
    fn price(&self) -> u32;
}

fn main() {
    answer();
}
