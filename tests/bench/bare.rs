//! The floor: the same guest on bare wasmtime, with imports that return a prebuilt value.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker, Val};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

/// The guest, linked without any host of ours.
pub(crate) struct Bare {
    engine: Engine,
    pre: InstancePre<()>,
}

impl Bare {
    pub(crate) fn new(guest: &[u8]) -> Self {
        let mut config = Config::new();
        let mut pool = PoolingAllocationConfig::new();
        pool.linear_memory_keep_resident(256 << 10).table_keep_resident(64 << 10);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        config.concurrency_support(false);
        let engine = Engine::new(&config).unwrap();
        let component = Component::from_binary(&engine, guest).unwrap();
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&component).unwrap();
        linker.allow_shadowing(true);
        for (interface, item) in component.component_type().imports(&engine) {
            let ComponentItem::ComponentInstance(instance) = item.ty else { continue };
            for (function, item) in instance.exports(&engine) {
                if matches!(item.ty, ComponentItem::ComponentFunc(_)) && interface.starts_with("test:") {
                    let prebuilt = prebuilt(function);
                    let mut linker = linker.instance(interface).unwrap();
                    linker
                        .func_new(function, move |_, _, _, results| {
                            if let ([result], Some(value)) = (results, &prebuilt) {
                                *result = value.clone();
                            }
                            Ok(())
                        })
                        .unwrap();
                }
            }
        }
        let pre = linker.instantiate_pre(&component).unwrap();
        Self { engine, pre }
    }

    /// One operation of `size` inputs and outputs on a fresh instance.
    pub(crate) fn operation(&self, size: u32) {
        match size {
            1 => self.run("one", &[], 0),
            _ => self.run("many", &[Val::U32(size)], 0),
        }
    }

    /// `count` calls of one import on a fresh instance.
    pub(crate) fn calls(&self, operation: &str, count: u32) {
        self.run(operation, &[Val::U32(count)], usize::from(operation == "calls"));
    }

    fn run(&self, operation: &str, arguments: &[Val], results: usize) {
        let mut store = Store::new(&self.engine, ());
        store.set_hostcall_fuel(1 << 30);
        let instance = self.pre.instantiate(&mut store).unwrap();
        let function = instance.get_func(&mut store, operation).unwrap();
        let mut results = vec![Val::Bool(false); results];
        function.call(&mut store, arguments, &mut results).unwrap();
    }
}

fn prebuilt(function: &str) -> Option<Val> {
    match function {
        "load" => Some(row()),
        "tick" => Some(Val::U32(1)),
        "blob" => Some(Val::U32(1 << 20)),
        _ => None,
    }
}

/// A record of 1 KiB.
fn row() -> Val {
    let mut fields = vec![
        ("id".to_owned(), Val::U64(7)),
        ("price".to_owned(), Val::Float64(12.5)),
        ("quantity".to_owned(), Val::U32(3)),
        ("valid".to_owned(), Val::Bool(true)),
    ];
    fields.extend(super::hosted::texts().map(|(name, text)| (name, Val::String(text))));
    Val::Record(fields)
}
