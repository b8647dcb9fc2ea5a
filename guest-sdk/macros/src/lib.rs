//! The attributes of `playback-guest`, whose documentation says how they are used.

mod function;
mod operation;
mod options;
mod point;

use options::{Input, Operation, Output};
use proc_macro::TokenStream;
use syn::{ItemFn, parse_macro_input};

/// What the function returns is recorded, and served on replay without running its body.
///
/// See the [crate's documentation](https://docs.rs/playback-guest) for what can be said in it.
#[proc_macro_attribute]
pub fn input(options: TokenStream, function: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as Input);
    let function = parse_macro_input!(function as ItemFn);
    point::input(options, function).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// What the function is called with is recorded, and compared on replay without running its body; what it returned is served.
///
/// See the [crate's documentation](https://docs.rs/playback-guest) for what can be said in it.
#[proc_macro_attribute]
pub fn output(options: TokenStream, function: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as Output);
    let function = parse_macro_input!(function as ItemFn);
    point::output(options, function).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The function is an operation of the service, which may add to the metadata of its recording.
///
/// See the [crate's documentation](https://docs.rs/playback-guest) for what can be said in it.
#[proc_macro_attribute]
pub fn operation(options: TokenStream, function: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as Operation);
    let function = parse_macro_input!(function as ItemFn);
    operation::expand(options, function).unwrap_or_else(syn::Error::into_compile_error).into()
}
