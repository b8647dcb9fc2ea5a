use playback_guest::input;

#[input(alias = "rate", key(curency))]
fn rate(currency: &str) -> u32 {
    currency.len() as u32
}

struct Order {
    customer: Customer,
}

struct Customer;

#[input(alias = "price", skip(order), key(order.customer))]
fn price(order: Order) -> u32 {
    let _ = order.customer;
    1
}

fn main() {
    rate("EUR");
    price(Order { customer: Customer });
}
