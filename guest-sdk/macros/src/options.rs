//! What stands in an attribute: `alias = "rates.{currency}", key(currency), on_missing = live`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{Error, Expr, ExprLit, Ident, Lit, Path, Result, Token, parenthesized};

/// Of `#[input]`.
pub(crate) struct Input {
    pub(crate) common: Common,
    /// What identifies a call; `None`: all its arguments.
    pub(crate) key: Option<Vec<Expr>>,
    pub(crate) missing: Missing,
    pub(crate) data_handlers: Handlers,
}

/// Of `#[output]`.
pub(crate) struct Output {
    pub(crate) common: Common,
    /// `None`: it is not said.
    pub(crate) missing: Option<Missing>,
    pub(crate) data_handlers: Handlers,
}

/// Of both.
pub(crate) struct Common {
    pub(crate) alias: Expr,
    pub(crate) fallback_aliases: Fallbacks,
    /// Arguments that are not kept.
    pub(crate) skip: Vec<Ident>,
    pub(crate) skip_if: Option<Expr>,
}

/// Of `#[operation]`.
pub(crate) struct Operation {
    pub(crate) metadata: Option<Path>,
}

/// Older aliases.
pub(crate) enum Fallbacks {
    /// So many of them.
    List(Vec<Expr>),
    /// Whatever it is made of.
    Made(Box<Expr>),
}

impl Default for Fallbacks {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

pub(crate) enum Missing {
    Fail,
    Live,
    Default(Box<Expr>),
}

/// Who handles what is kept.
pub(crate) enum Handlers {
    None,
    /// What an input returns, or the only argument of an output.
    Only(Path),
    /// Arguments by their names, and what is returned as `return`.
    Named(Vec<(Ident, Path)>),
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut found = Found::parse(input, &INPUT)?;
        let options = Self {
            key: found.key.take(),
            missing: found.missing.take().map_or(Missing::Fail, |(missing, _)| missing),
            data_handlers: found.data_handlers.take().unwrap_or(Handlers::None),
            common: found.common()?,
        };
        Ok(options)
    }
}

impl Parse for Output {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut found = Found::parse(input, &OUTPUT)?;
        if let Some((Missing::Live, span)) = &found.missing {
            return Err(Error::new(
                *span,
                "an output is never made for real on a replay; say `fail` or `default(..)`",
            ));
        }
        let missing = match (found.missing.take(), found.default_result.take()) {
            (Some((_, span)), Some(_)) => {
                return Err(Error::new(
                    span,
                    "`default_result(..)` says already what a call gets that was not recorded",
                ));
            }
            (None, Some(default)) => Some(Missing::Default(default.into())),
            (missing, None) => missing.map(|(missing, _)| missing),
        };
        let data_handlers = found.data_handlers.take().unwrap_or(Handlers::None);
        Ok(Self { missing, data_handlers, common: found.common()? })
    }
}

impl Parse for Operation {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let found = Found::parse(input, &OPERATION)?;
        Ok(Self { metadata: found.metadata })
    }
}

/// The options of an attribute, as they are written.
const INPUT: [&str; 7] = [
    "alias = ..",
    "fallback_aliases = [..]",
    "key(..)",
    "on_missing = ..",
    "data_handler = ..",
    "skip(..)",
    "skip_if = ..",
];
const OUTPUT: [&str; 7] = [
    "alias = ..",
    "fallback_aliases = [..]",
    "on_missing = ..",
    "default_result(..)",
    "data_handler = ..",
    "skip(..)",
    "skip_if = ..",
];
const OPERATION: [&str; 1] = ["metadata = .."];

/// Everything that was said, in whatever order.
#[derive(Default)]
struct Found {
    alias: Option<Expr>,
    fallback_aliases: Fallbacks,
    key: Option<Vec<Expr>>,
    missing: Option<(Missing, Span)>,
    default_result: Option<Expr>,
    data_handlers: Option<Handlers>,
    skip: Vec<Ident>,
    skip_if: Option<Expr>,
    metadata: Option<Path>,
}

impl Found {
    fn parse(input: ParseStream<'_>, known: &[&str]) -> Result<Self> {
        let mut found = Self::default();
        let mut said = Vec::<Ident>::new();
        while !input.is_empty() {
            let name = name(input, known)?;
            if said.contains(&name) {
                return Err(Error::new(name.span(), format!("`{name}` is said twice")));
            }
            found.option(&name, input)?;
            said.push(name);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(found)
    }

    fn option(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "alias" => self.alias = Some(assigned(input)?),
            "fallback_aliases" => {
                self.fallback_aliases = match assigned(input)? {
                    Expr::Array(list) => Fallbacks::List(list.elems.into_iter().collect()),
                    made => Fallbacks::Made(made.into()),
                };
            }
            "key" => self.key = Some(in_parentheses(input)?),
            "on_missing" => self.missing = Some((assigned(input)?, name.span())),
            "default_result" => {
                let content;
                parenthesized!(content in input);
                self.default_result = Some(content.parse()?);
            }
            "data_handler" => self.data_handlers = Some(Handlers::parse(name, input)?),
            "skip" => self.skip = once(in_parentheses(input)?, |name| name)?,
            "skip_if" => self.skip_if = Some(assigned(input)?),
            _ => self.metadata = Some(assigned(input)?),
        }
        Ok(())
    }

    fn common(self) -> Result<Common> {
        let Some(alias) = self.alias else {
            return Err(Error::new(
                Span::call_site(),
                "an `alias` is needed: the name that recordings know it by, whatever becomes of the function",
            ));
        };
        if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &alias
            && text.value().is_empty()
        {
            return Err(Error::new(text.span(), "an alias is a name, and this is none"));
        }
        let Self { fallback_aliases, skip, skip_if, .. } = self;
        Ok(Common { alias, fallback_aliases, skip, skip_if })
    }
}

impl Parse for Missing {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "fail" => Ok(Self::Fail),
            "live" => Ok(Self::Live),
            "default" => {
                let content;
                parenthesized!(content in input);
                Ok(Self::Default(content.parse()?))
            }
            _ => Err(Error::new(
                name.span(),
                "a call that was not recorded can `fail`, run `live` or get a `default(..)`",
            )),
        }
    }
}

impl Handlers {
    fn parse(option: &Ident, input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![=]) {
            return assigned(input).map(Self::Only);
        }
        let content;
        parenthesized!(content in input);
        let named = |input: ParseStream<'_>| Ok((Ident::parse_any(input)?, assigned::<Path>(input)?));
        let named = content.parse_terminated(named, Token![,])?;
        if named.is_empty() {
            return Err(Error::new(option.span(), "say what it is for: `data_handler(argument = Handler)`"));
        }
        once(named.into_iter().collect(), |(name, _)| name).map(Self::Named)
    }
}

/// The name of one of these options, with its value to come.
fn name(input: ParseStream<'_>, known: &[&str]) -> Result<Ident> {
    let all = || known.iter().map(|form| format!("`{form}`")).collect::<Vec<_>>().join(", ");
    let name: Ident =
        input.parse().map_err(|error| Error::new(error.span(), format!("an option is one of {}", all())))?;
    let form =
        known.iter().find(|form| form.strip_prefix(&name.to_string()).is_some_and(|value| !is_name(value)));
    let Some(form) = form else {
        return Err(Error::new(name.span(), format!("`{name}` is none of {}", all())));
    };
    let is_as_written = match form {
        form if form.ends_with("(..)") => input.peek(Paren),
        // Or anything that makes a list; a text is none.
        form if form.ends_with("[..]") => input.peek(Token![=]) && !input.peek2(Lit),
        // One for some of the arguments.
        _ => input.peek(Token![=]) || name == "data_handler" && input.peek(Paren),
    };
    if is_as_written { Ok(name) } else { Err(Error::new(name.span(), format!("this is written `{form}`"))) }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|character: char| character.is_alphanumeric() || character == '_')
}

fn assigned<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn in_parentheses<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    list(&content)
}

fn list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    Ok(Punctuated::<T, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// All of these, each of another name.
fn once<T>(all: Vec<T>, name: fn(&T) -> &Ident) -> Result<Vec<T>> {
    for (index, one) in all.iter().map(name).enumerate() {
        if all[..index].iter().map(name).any(|before| before == one) {
            return Err(Error::new(one.span(), format!("`{one}` is said twice")));
        }
    }
    Ok(all)
}
