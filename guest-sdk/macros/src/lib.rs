//! The attributes of `playback-guest`, whose documentation says how they are used.

mod function;
mod operation;
mod options;
mod point;

use proc_macro::TokenStream;
use quote::quote;
use syn::parse::Parse;
use syn::{ItemFn, Result};

/// What the function returns is recorded, and served on replay without running its body.
///
/// See the [crate's documentation](https://docs.rs/playback-guest) for what can be said in it.
#[proc_macro_attribute]
pub fn input(options: TokenStream, function: TokenStream) -> TokenStream {
    expand(options, function, point::input)
}

/// What the function is called with is recorded, and compared on replay without running its body; what it returned is served.
///
/// See the [crate's documentation](https://docs.rs/playback-guest) for what can be said in it.
#[proc_macro_attribute]
pub fn output(options: TokenStream, function: TokenStream) -> TokenStream {
    expand(options, function, point::output)
}

/// The function is an operation of the service, which may add to the metadata of its recording.
///
/// See the [crate's documentation](https://docs.rs/playback-guest) for what can be said in it.
#[proc_macro_attribute]
pub fn operation(options: TokenStream, function: TokenStream) -> TokenStream {
    expand(options, function, operation::expand)
}

fn expand<O: Parse>(
    options: TokenStream,
    function: TokenStream,
    expand: fn(O, ItemFn) -> Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let function = proc_macro2::TokenStream::from(function);
    let expanded =
        syn::parse(options).and_then(|options| expand(options, function::parse(function.clone())?));
    let expanded = expanded.unwrap_or_else(|error| {
        let error = error.into_compile_error();
        // The function stays, so that there is one error and not one more for each of its calls.
        quote!(#error #function)
    });
    expanded.into()
}
