//! What becomes of an operation.

use crate::function::{Function, Parameter, named};
use crate::options::Operation;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, Result, Type};

pub(crate) fn expand(options: Operation, item: ItemFn) -> Result<TokenStream> {
    let Some(extractor) = options.metadata else { return Ok(quote!(#item)) };
    let function = Function::of(item)?;
    let result = function.result.clone();
    let names: Vec<_> = function.parameters.iter().map(|parameter| parameter.name.clone()).collect();
    let copies = function.parameters.iter().map(copy);
    let lent = function.parameters.iter().map(|Parameter { name, ty }| match ty {
        Type::Reference(_) => quote!(#name),
        _ => quote!(&#name),
    });
    let body = function.body();
    let run = match function.is_async() {
        true => quote!(#body.await),
        false => quote!((#body)()),
    };
    let extracted = quote_spanned!(extractor.span()=> #extractor(#(#lent,)* &__result));
    let body = quote! {
        use ::playback_guest::__private as __playback;
        let __arguments = match __playback::is_recording() {
            true => ::core::option::Option::Some((#(#copies,)*)),
            false => ::core::option::Option::None,
        };
        let __result: #result = #run;
        if let ::core::option::Option::Some((#(#names,)*)) = __arguments {
            __playback::extract(|| #extracted);
        }
        __result
    };
    Ok(function.with_body(body))
}

/// What the extractor sees of an argument when the body has taken it.
fn copy(Parameter { name, ty }: &Parameter) -> TokenStream {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => quote!(#name),
        _ => {
            let ty = named(ty);
            quote!((__playback::copied::<#ty>())(&#name))
        }
    }
}
