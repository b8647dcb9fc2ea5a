use playback_guest::input;

struct Client {
    base: Vec<u8>,
}

impl Client {
    #[input(alias = self.base)]
    fn get(&self, path: &str) -> usize {
        self.base.len() + path.len()
    }
}

#[input(alias = "order.{order}")]
fn order(order: Vec<u8>) -> usize {
    order.len()
}

fn main() {
    Client { base: vec![] }.get("/");
    order(vec![]);
}
