use playback_guest::operation;

#[operation(metadata = describe)]
fn order(customer: String, total: u32) -> Result<u32, String> {
    let _ = customer;
    Ok(total)
}

fn describe(customer: &String, outcome: &Result<u32, String>) -> Result<serde_json::Value, String> {
    let _ = (customer, outcome);
    Ok(serde_json::json!({}))
}

#[operation(metadata = count)]
fn other(total: u32) -> u32 {
    total
}

fn count(total: &u32, _: &u32) -> u32 {
    *total
}

struct Basket;

#[operation(metadata = seen)]
fn taken(basket: Basket) {
    let _ = basket;
}

fn seen(_: &Basket, _: &()) -> serde_json::Value {
    serde_json::json!({})
}

fn main() {
    let _ = order(String::new(), 1);
    other(1);
    taken(Basket);
}
