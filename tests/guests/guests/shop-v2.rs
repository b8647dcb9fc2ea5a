//! The order service, version 2. Each change shows on some orders only, so that a test can pick one:
//!
//! * any order: the customer is looked up first, not last, and all prices before any stock (calls in another order);
//! * a line with more pieces than warehouse 1 has: asks warehouse 2 (an input with a new key);
//! * `express`: one more `notify` (an added output);
//! * a customer with a discount, two lines or more: it is taken from the sum, not per line (`total-cents` is a cent more);
//! * `channel: phone`: another `trace-id` (a changed field of an output);
//! * types: `order.coupon` and `customer.language` are new options, `customer.phone` is gone.

wit_bindgen::generate!({ path: "wit/shop-v2.wit", world: "shop" });

use shop::orders::inputs::{self, PriceError};
use shop::orders::outputs::{self, StoredLine, StoredOrder};
use shop::orders::types::Channel;

struct Shop;

impl Guest for Shop {
    fn place_order(order: Order) -> Result<Receipt, String> {
        let customer = inputs::find_customer(&order.customer)?;
        let prices = order.lines.iter().map(|line| price_of(&line.sku)).collect::<Result<Vec<_>, _>>()?;

        let mut lines = Vec::new();
        for (line, price) in order.lines.iter().zip(prices) {
            let Some(warehouse) = [1, 2].into_iter().find(|&w| inputs::stock(&line.sku, w) >= line.quantity)
            else {
                outputs::notify(&format!("order {}: {} is out of stock", order.id, line.sku));
                return Err(format!("{} is out of stock", line.sku));
            };
            let cents = price * u64::from(line.quantity);
            lines.push(StoredLine { sku: line.sku.clone(), quantity: line.quantity, warehouse, cents });
        }

        let coupon = if order.coupon.is_some() { 1 } else { 0 };
        let kept = 100 - u64::from(customer.discount_percent) - coupon;
        let total_cents = lines.iter().map(|line| line.cents).sum::<u64>() * kept / 100;
        let trace_id = match order.channel {
            Channel::Web => format!("trace-{}", order.id),
            Channel::Phone => format!("phone/{}", order.id),
        };
        let number = outputs::store(&StoredOrder {
            id: order.id.clone(),
            customer: customer.id,
            lines,
            total_cents,
            trace_id,
        });
        outputs::notify(&match customer.language.as_deref() {
            Some("de") => format!("{}, Ihre Bestellung {number} ist unterwegs", customer.name),
            _ => format!("{}, your order {number} is on its way", customer.name),
        });
        if order.express {
            outputs::notify(&format!("courier: pick up order {number}"));
        }
        Ok(Receipt { number, total_cents })
    }

    fn quote(sku: String, quantity: u32) -> Result<u64, String> {
        Ok(price_of(&sku)? * u64::from(quantity))
    }
}

fn price_of(sku: &str) -> Result<u64, String> {
    inputs::price_of(sku).map_err(|error| match error {
        PriceError::UnknownSku(sku) => format!("no such thing as {sku}"),
        PriceError::Gone => format!("{sku} is no longer sold"),
    })
}

export!(Shop);
