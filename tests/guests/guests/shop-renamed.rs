//! The order service with another name and other parameters of its `quote`.

wit_bindgen::generate!({
    path: "wit/shop.wit",
    inline: "package test:renamed;
        world renamed {
            import shop:orders/inputs;
            import shop:orders/outputs;
            export price-of-lines: func(lines: list<tuple<u32, string>>, currency: string) -> result<u64, string>;
        }",
    world: "test:renamed/renamed",
    generate_all,
});

use shop::orders::inputs;

struct Shop;

impl Guest for Shop {
    fn price_of_lines(lines: Vec<(u32, String)>, _currency: String) -> Result<u64, String> {
        let price = |(quantity, sku): &(u32, String)| {
            let price = inputs::price_of(sku).map_err(|_| format!("no such thing as {sku}"))?;
            Ok(price * u64::from(*quantity))
        };
        lines.iter().map(price).sum()
    }
}

export!(Shop);
