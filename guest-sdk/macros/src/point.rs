//! What becomes of a function that is intercepted.

use crate::function::{Function, Parameter, find, named};
use crate::options::{Common, Handlers, Input, Missing, Output};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, ItemFn, Lit, LitStr, Path, Result, Type};

pub(crate) fn input(options: Input, item: ItemFn) -> Result<TokenStream> {
    let Input { common, key, missing, data_handler } = options;
    let function = Function::of(item)?;
    let mut arguments = kept(&function, &common.skip)?;
    let key = key.map(|key| positions(key, &mut arguments, &common.skip)).transpose()?;
    let form = form(&function, data_handler)?;
    Ok(expand(function, Interception { kind: quote!(Input), common, arguments, key, missing, form }))
}

pub(crate) fn output(options: Output, item: ItemFn) -> Result<TokenStream> {
    let Output { common, missing, data_handlers } = options;
    let function = Function::of(item)?;
    let mut arguments = kept(&function, &common.skip)?;
    handle(data_handlers, &mut arguments)?;
    let form = form(&function, None)?;
    let key = None;
    Ok(expand(function, Interception { kind: quote!(Output), common, arguments, key, missing, form }))
}

/// How the result is kept.
fn form(function: &Function, data_handler: Option<Path>) -> Result<TokenStream> {
    let result = &function.result;
    if let Some(handler) = data_handler {
        return Ok(quote!(__playback::handled::<#result, #handler>()));
    }
    match find(result, |ty| matches!(ty, Type::Reference(_))) {
        Some(borrowed) => Err(Error::new(
            borrowed,
            "what a recording gives back is borrowed from nobody: return a value of its own, such as a `String` for a `&str`",
        )),
        None => Ok(quote!(__playback::returned::<#result>())),
    }
}

struct Interception {
    kind: TokenStream,
    common: Common,
    arguments: Vec<Argument>,
    key: Option<Vec<u32>>,
    missing: Missing,
    form: TokenStream,
}

/// Something that is kept of a call.
struct Argument {
    name: String,
    value: TokenStream,
    /// As what it is declared; `None`: it is made of what is.
    ty: Option<Type>,
    handler: Option<Path>,
}

/// The parameters that are kept.
fn kept(function: &Function, skip: &[Ident]) -> Result<Vec<Argument>> {
    let names = || function.parameters.iter().map(|parameter| &parameter.name);
    if let Some(unknown) = skip.iter().find(|skipped| !names().any(|name| name == *skipped)) {
        return Err(Error::new(unknown.span(), format!("`{unknown}` is no argument of the function")));
    }
    let kept = function.parameters.iter().filter(|parameter| !skip.contains(&parameter.name));
    kept.map(argument).collect()
}

fn argument(Parameter { name, ty }: &Parameter) -> Result<Argument> {
    if let Type::Reference(reference) = ty
        && let Some(mutability) = &reference.mutability
    {
        let problem = format!(
            "what the function writes to `{name}` is not recorded: return it, or leave `{name}` out with `skip({name})`"
        );
        return Err(Error::new(mutability.span(), problem));
    }
    Ok(Argument { name: name.to_string(), value: quote!(#name), ty: Some(named(ty)), handler: None })
}

/// Where what identifies a call stands among what is kept; what is no argument by itself is kept too.
fn positions(key: Vec<Expr>, arguments: &mut Vec<Argument>, skip: &[Ident]) -> Result<Vec<u32>> {
    let mut position = |expression: Expr| {
        let name = quote!(#expression).to_string().replace(' ', "");
        if skip.iter().any(|skipped| *skipped == name) {
            let problem = format!("`{name}` is left out by `skip`: what identifies a call is kept");
            return Err(Error::new(expression.span(), problem));
        }
        let position = arguments.iter().position(|argument| argument.name == name).unwrap_or_else(|| {
            // All of it is lent, and not its first operand.
            let value = quote_spanned!(expression.span()=> &(#expression));
            arguments.push(Argument { name, value, ty: None, handler: None });
            arguments.len() - 1
        });
        Ok(position as u32)
    };
    key.into_iter().map(&mut position).collect()
}

/// Gives arguments their data handlers.
fn handle(handlers: Handlers, arguments: &mut [Argument]) -> Result<()> {
    let handlers = match handlers {
        Handlers::None => return Ok(()),
        Handlers::Named(named) => named,
        Handlers::Only(path) => match arguments {
            [only] => {
                only.handler = Some(path);
                return Ok(());
            }
            _ => {
                let problem = "say which argument it is for: `data_handler(argument = Handler)`";
                return Err(Error::new(path.span(), problem));
            }
        },
    };
    for (name, path) in handlers {
        match arguments.iter_mut().find(|argument| name == argument.name) {
            Some(argument) => argument.handler = Some(path),
            None => {
                return Err(Error::new(name.span(), format!("`{name}` is no argument that is kept")));
            }
        }
    }
    Ok(())
}

fn expand(function: Function, interception: Interception) -> TokenStream {
    let Interception { kind, common, arguments, key, missing, form } = interception;
    let name = function.item.sig.ident.to_string();
    let names: Vec<&String> = arguments.iter().map(|argument| &argument.name).collect();
    let key = match key {
        Some(key) => quote!(::core::option::Option::Some(&[#(#key),*])),
        None => quote!(::core::option::Option::None),
    };
    let (alias, fallback_aliases) = (shown(&common.alias), common.fallback_aliases.iter().map(shown));
    let dynamic = dynamic(&common);
    let skip_if = common.skip_if.iter();
    let add = arguments.iter().map(add);
    let result = function.result.clone();
    let (missing, default) = match &missing {
        Missing::Fail => (quote!(Fail), quote!(::core::unreachable!("no default was asked for"))),
        Missing::Live => (quote!(Live), quote!(::core::unreachable!("no default was asked for"))),
        Missing::Default(default) => {
            (quote!(Default), quote_spanned!(default.span()=> { let value: #result = #default; value }))
        }
    };
    let body = function.body();
    let run = match function.is_async() {
        true => quote!(__step.body_async(__form, #body).await),
        false => quote!(__step.body(__form, #body)),
    };
    function.with_body(quote! {
        use ::playback_guest::__private as __playback;
        static __POINT: __playback::Point = __playback::Point::new(
            __playback::Kind::#kind,
            ::core::concat!(::core::module_path!(), "::", #name),
            (#alias, &[#(#fallback_aliases),*]),
            &[#(#names),*],
            #key,
            __playback::Missing::#missing,
        );
        let __form = #form;
        let __step = match __playback::is_on() #(&& !(#skip_if))* {
            true => __playback::enter(
                &__POINT,
                |__arguments| {
                    #(#add)*
                    ::core::result::Result::Ok(())
                },
                || #dynamic,
            ),
            false => __playback::Step::Off,
        };
        #[allow(unreachable_code, clippy::diverging_sub_expression, reason = "not every function has a default")]
        match __step {
            __playback::Step::Recorded(__open, __value) => __open.restored(__form, &__value),
            __playback::Step::Default(__open) => __open.keep(__form, #default),
            __step => #run,
        }
    })
}

fn add(Argument { name, value, ty, handler }: &Argument) -> TokenStream {
    match (ty, handler) {
        (Some(Type::Reference(reference)), Some(handler)) => {
            let ty = &reference.elem;
            quote!(__arguments.add(#name, __playback::prepared::<#ty, #handler>(), #value)?;)
        }
        (Some(ty), Some(handler)) => {
            quote!(__arguments.add(#name, __playback::prepared::<#ty, #handler>(), &#value)?;)
        }
        (Some(ty), None) => quote!(__arguments.add(#name, __playback::written::<#ty>(), &#value)?;),
        (None, _) => quote!(__arguments.add_part(#name, #value)?;),
    }
}

/// The alias as messages show it: with its placeholders.
fn shown(alias: &Expr) -> TokenStream {
    match literal(alias) {
        Some(literal) => quote!(#literal),
        None => {
            let text = quote!(#alias).to_string();
            quote!(#text)
        }
    }
}

/// The aliases of a call, where they are not the same for every call.
fn dynamic(common: &Common) -> TokenStream {
    let all = || std::iter::once(&common.alias).chain(&common.fallback_aliases);
    if all().all(|alias| literal(alias).is_some_and(|literal| !literal.value().contains(['{', '}']))) {
        return quote!(::core::option::Option::None);
    }
    let text = |alias: &Expr| match literal(alias) {
        Some(literal) => quote_spanned!(literal.span()=> ::std::format!(#literal)),
        None => quote_spanned!(alias.span()=> ::std::string::ToString::to_string(&(#alias))),
    };
    let (alias, fallback_aliases) = (text(&common.alias), common.fallback_aliases.iter().map(text));
    quote! {
        ::core::option::Option::Some(__playback::Names {
            alias: #alias,
            fallback_aliases: ::std::vec![#(#fallback_aliases),*],
        })
    }
}

fn literal(expression: &Expr) -> Option<&LitStr> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
