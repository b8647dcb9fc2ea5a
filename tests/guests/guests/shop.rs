//! A small order service, version 1: looks prices, stock and customers up, stores orders and notifies.

wit_bindgen::generate!({ path: "wit/shop.wit", world: "shop" });

use shop::orders::inputs::{self, PriceError};
use shop::orders::outputs::{self, StoredLine, StoredOrder};

const WAREHOUSE: u32 = 1;

struct Shop;

impl Guest for Shop {
    fn place_order(order: Order) -> Result<Receipt, String> {
        let mut lines = Vec::new();
        for line in &order.lines {
            let price = price_of(&line.sku)?;
            if inputs::stock(&line.sku, WAREHOUSE) < line.quantity {
                outputs::notify(&format!("order {}: {} is out of stock", order.id, line.sku));
                return Err(format!("{} is out of stock", line.sku));
            }
            lines.push(StoredLine {
                sku: line.sku.clone(),
                quantity: line.quantity,
                warehouse: WAREHOUSE,
                cents: price * u64::from(line.quantity),
            });
        }
        let customer = inputs::find_customer(&order.customer)?;

        // The discount is taken from each line and rounded down there.
        let kept = 100 - u64::from(customer.discount_percent);
        let total_cents = lines.iter().map(|line| line.cents * kept / 100).sum();
        let number = outputs::store(&StoredOrder {
            id: order.id.clone(),
            customer: customer.id,
            lines,
            total_cents,
            trace_id: format!("trace-{}", order.id),
        });
        outputs::notify(&format!("{}, your order {number} is on its way", customer.name));
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
