//! What becomes of a function that is intercepted.

use crate::function::{Function, Parameter, borrowed, named};
use crate::options::{Common, Fallbacks, Handlers, Input, Missing, Output};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, ItemFn, Lit, LitStr, Path, Result, Type};

pub(crate) fn input(options: Input, item: ItemFn) -> Result<TokenStream> {
    let Input { common, key, missing, data_handlers } = options;
    let function = Function::of(item)?;
    let mut arguments = kept(&function, &common.skip)?;
    let (returned, named) = match data_handlers {
        Handlers::None => (None, Vec::new()),
        Handlers::Only(path) => (Some(path), Vec::new()),
        Handlers::Named(named) => split(named),
    };
    let left = left(named, &arguments)?;
    let key = key.map(|key| positions(key, &mut arguments, &common.skip)).transpose()?;
    let form = form(&function, returned)?;
    Ok(expand(function, Interception { kind: quote!(Input), common, arguments, left, key, missing, form }))
}

pub(crate) fn output(options: Output, item: ItemFn) -> Result<TokenStream> {
    let Output { common, missing, data_handlers } = options;
    let function = Function::of(item)?;
    let mut arguments = kept(&function, &common.skip)?;
    let (returned, named) = match data_handlers {
        Handlers::None => (None, Vec::new()),
        Handlers::Only(path) => {
            let [only] = &mut *arguments else {
                let problem = "say which argument it is for: `data_handler(argument = Handler)`";
                return Err(Error::new(path.span(), problem));
            };
            only.handler = Some(path);
            (None, Vec::new())
        }
        Handlers::Named(named) => split(named),
    };
    for (name, path) in named {
        let position = position(&name, &arguments)?;
        arguments[position].handler = Some(path);
    }
    let form = form(&function, returned)?;
    let (left, key) = (Vec::new(), None);
    let missing = missing.unwrap_or_else(|| missing_by_result(&function.result));
    Ok(expand(function, Interception { kind: quote!(Output), common, arguments, left, key, missing, form }))
}

/// What a call of an output gets that was not recorded, where the attribute does not say: one that returns nothing needs no
/// answer.
fn missing_by_result(result: &Type) -> Missing {
    match result {
        Type::Tuple(nothing) if nothing.elems.is_empty() => Missing::Default(syn::parse_quote!(())),
        _ => Missing::Fail,
    }
}

/// The data handler of what is returned, and those of arguments.
fn split(mut named: Vec<(Ident, Path)>) -> (Option<Path>, Vec<(Ident, Path)>) {
    let returned = named.iter().position(|(name, _)| name == "return");
    (returned.map(|at| named.remove(at).1), named)
}

/// Where an argument stands.
fn position(name: &Ident, arguments: &[Argument]) -> Result<usize> {
    let position = arguments.iter().position(|argument| *name == argument.name);
    position.ok_or_else(|| Error::new(name.span(), format!("`{name}` is not an argument that is kept")))
}

/// The arguments of an input that name something that the body leaves there, with their data handlers.
fn left(named: Vec<(Ident, Path)>, arguments: &[Argument]) -> Result<Vec<Argument>> {
    let left = named.into_iter().map(|(name, path)| {
        let Argument { name, value, ty, .. } = &arguments[position(&name, arguments)?];
        Ok(Argument { name: name.clone(), value: value.clone(), ty: ty.clone(), handler: Some(path) })
    });
    left.collect()
}

/// How the result is kept.
fn form(function: &Function, data_handler: Option<Path>) -> Result<TokenStream> {
    let result = &function.result;
    if let Some(handler) = data_handler {
        return Ok(quote!(__playback::handled::<#result, #handler>()));
    }
    match borrowed(result) {
        Some(borrowed) => Err(Error::new(
            borrowed,
            "what a recording gives back is borrowed from nobody: return a value of its own, such as a `String` for a `&str`",
        )),
        None if text(quote!(#result)) == "Vec<u8>" => Ok(quote!(__playback::returned_bytes())),
        None => Ok(quote!(__playback::returned::<#result>())),
    }
}

struct Interception {
    kind: TokenStream,
    common: Common,
    arguments: Vec<Argument>,
    /// Those that name what the body leaves somewhere.
    left: Vec<Argument>,
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
        return Err(Error::new(unknown.span(), format!("`{unknown}` is not an argument of the function")));
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

/// Where what identifies a call stands among what is kept; what is not an argument by itself is kept too.
fn positions(key: Vec<Expr>, arguments: &mut Vec<Argument>, skip: &[Ident]) -> Result<Vec<u32>> {
    let mut positions = Vec::<u32>::new();
    for expression in key {
        let name = text(quote!(#expression));
        if skip.iter().any(|skipped| *skipped == name) {
            let problem = format!("`{name}` is left out by `skip`: what identifies a call is kept");
            return Err(Error::new(expression.span(), problem));
        }
        let position = arguments.iter().position(|argument| argument.name == name).unwrap_or_else(|| {
            // All of it is lent, and not its first operand.
            let value = quote_spanned!(expression.span()=> &(#expression));
            arguments.push(Argument { name: name.clone(), value, ty: None, handler: None });
            arguments.len() - 1
        });
        if positions.contains(&(position as u32)) {
            return Err(Error::new(expression.span(), format!("`{name}` is said twice")));
        }
        positions.push(position as u32);
    }
    Ok(positions)
}

/// Code without the blanks that say nothing, so that it is called the same however it is written.
fn text(code: TokenStream) -> String {
    let is_word = |text: &str, at: fn(&str) -> Option<char>| {
        at(text).is_some_and(|character| character.is_alphanumeric() || character == '_')
    };
    let mut all = String::new();
    for token in code {
        let token = match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                format!("{open}{}{close}", text(group.stream()))
            }
            token => token.to_string(),
        };
        if is_word(&all, |all| all.chars().next_back()) && is_word(&token, |token| token.chars().next()) {
            all.push(' ');
        }
        all.push_str(&token);
    }
    all
}

fn expand(function: Function, interception: Interception) -> TokenStream {
    let Interception { kind, common, arguments, left, key, missing, form } = interception;
    let name = function.item.sig.ident.to_string();
    let names: Vec<&String> = arguments.iter().map(|argument| &argument.name).collect();
    let key = match key {
        Some(key) => quote!(::core::option::Option::Some(&[#(#key),*])),
        None => quote!(::core::option::Option::None),
    };
    let alias = shown(&common.alias);
    let fallback_aliases = match &common.fallback_aliases {
        Fallbacks::List(list) => list.iter().map(shown).collect(),
        Fallbacks::Made(made) => vec![shown(made)],
    };
    let dynamic = dynamic(&common);
    let skip_if = common.skip_if.iter().map(|skip_if| {
        quote_spanned!(skip_if.span()=> {
            let skipped: bool = #skip_if;
            skipped
        })
    });
    let add = arguments.iter().map(add);
    let result = function.result.clone();
    let (missing, default) = match &missing {
        Missing::Fail => (quote!(Fail), quote!(::core::unreachable!("no default was asked for"))),
        Missing::Live => (quote!(Live), quote!(::core::unreachable!("no default was asked for"))),
        Missing::Default(default) => {
            // What it calls is not intercepted, as what the body calls is not.
            let made = quote_spanned!(default.span()=> || { let value: #result = #default; value });
            (quote!(Default), quote!(__playback::aside(#made)))
        }
    };
    let body = function.body();
    let form = leaving(form, &left);
    let (turn, run) = match function.is_async() {
        true => (quote!(__open.turn().await;), quote!(__step.body_async(__form, #body).await)),
        false => (quote!(), quote!(__step.body(__form, #body))),
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
        #form
        #[allow(clippy::used_underscore_binding, reason = "an argument may be called so, and is kept")]
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
            __playback::Step::Recorded(__open, __value) => {
                #turn
                __open.restored(__form, &__value)
            }
            __playback::Step::Default(__open) => __open.default(__form, #default),
            __step => #run,
        }
    })
}

/// The form of what is returned, with what the body leaves where arguments say.
fn leaving(form: TokenStream, left: &[Argument]) -> TokenStream {
    if left.is_empty() {
        return quote!(let __form = #form;);
    }
    let copies = left.iter().enumerate().map(|(index, Argument { value, .. })| {
        let copy = format_ident!("__argument_{index}");
        // The body may take it.
        quote!(let #copy = __playback::is_on().then(|| ::core::clone::Clone::clone(&#value));)
    });
    let each = |act: fn(&str, TokenStream, TokenStream) -> TokenStream| {
        let acts = left.iter().enumerate().map(move |(index, Argument { name, ty, handler, .. })| {
            let copy = format_ident!("__argument_{index}");
            match ty {
                Some(Type::Reference(reference)) => {
                    let ty = &reference.elem;
                    act(name, quote!(#ty, #handler), quote!(#copy))
                }
                ty => act(name, quote!(#ty, #handler), quote!(#copy.as_ref())),
            }
        });
        acts.collect::<Vec<_>>()
    };
    let keep =
        each(|name, types, argument| quote!(__left.add(#name, __playback::left::<#types>(), #argument)?;));
    let fill =
        each(|name, types, argument| quote!(__left.fill(#name, __playback::filled::<#types>(), #argument)?;));
    let count = left.len();
    quote! {
        #(#copies)*
        let __form = #form.leaving(
            #count,
            |__left| { #(#keep)* ::core::result::Result::Ok(()) },
            |__left| { #(#fill)* ::core::result::Result::Ok(()) },
        );
    }
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
        (Some(ty), None) if matches!(&*text(quote!(#ty)), "Vec<u8>" | "&[u8]" | "&Vec<u8>") => {
            quote!(__arguments.add(#name, __playback::written_bytes::<#ty>(), &#value)?;)
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
    let is_fixed = |alias: &Expr| literal(alias).is_some_and(|literal| !literal.value().contains(['{', '}']));
    let are_fixed = match &common.fallback_aliases {
        Fallbacks::List(list) => list.iter().all(is_fixed),
        Fallbacks::Made(_) => false,
    };
    if are_fixed && is_fixed(&common.alias) {
        return quote!(::core::option::Option::None);
    }
    let text = |alias: &Expr| match literal(alias) {
        Some(literal) => quote_spanned!(literal.span()=> ::std::format!(#literal)),
        None => quote_spanned!(alias.span()=> ::std::string::ToString::to_string(&(#alias))),
    };
    let alias = text(&common.alias);
    let fallback_aliases = match &common.fallback_aliases {
        Fallbacks::List(list) => {
            let list = list.iter().map(text);
            quote!(::std::vec![#(#list),*])
        }
        Fallbacks::Made(made) => {
            let all = quote_spanned!(made.span()=> ::core::iter::IntoIterator::into_iter(#made));
            quote!(#all.map(|alias| ::std::string::ToString::to_string(&alias)).collect())
        }
    };
    quote! {
        ::core::option::Option::Some(__playback::Names { alias: #alias, fallback_aliases: #fallback_aliases })
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
