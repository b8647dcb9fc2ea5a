//! Answers `shop-v2` from memory, with what `shop-provider` says in the types of v2.

wit_bindgen::generate!({ path: "wit/shop-v2.wit", world: "provider" });

use exports::shop::orders::inputs::{self, Customer, PriceError};
use exports::shop::orders::outputs::{self, StoredOrder};
use std::sync::atomic::{AtomicU64, Ordering};

static LAST_NUMBER: AtomicU64 = AtomicU64::new(1000);

struct Provider;

impl inputs::Guest for Provider {
    fn price_of(sku: String) -> Result<u64, PriceError> {
        match sku.as_str() {
            "apple" => Ok(45),
            "bread" => Ok(319),
            "coffee" => Ok(1299),
            "lamp" => Ok(4995),
            "gone" => Err(PriceError::Gone),
            "trap" => panic!("the price of `trap` always traps"),
            _ => Err(PriceError::UnknownSku(sku)),
        }
    }

    fn stock(sku: String, warehouse: u32) -> u32 {
        match (sku.as_str(), warehouse) {
            ("lamp", 1) => 1,
            ("lamp", 2) => 20,
            (_, 1) => 100,
            _ => 1000,
        }
    }

    fn find_customer(id: String) -> Result<Customer, String> {
        let (name, discount_percent, language) = match id.as_str() {
            "alice" => ("Alice", 0, None),
            "bob" => ("Bob", 12, None),
            "carla" => ("Carla", 7, Some("de".to_owned())),
            _ => return Err(format!("no customer {id}")),
        };
        Ok(Customer { id, name: name.into(), discount_percent, language })
    }
}

impl outputs::Guest for Provider {
    fn store(_order: StoredOrder) -> u64 {
        LAST_NUMBER.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn notify(_text: String) {}
}

export!(Provider);
