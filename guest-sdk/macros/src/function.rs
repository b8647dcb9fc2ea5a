//! The function that an attribute stands on.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{
    Error, FnArg, Ident, Item, ItemFn, Lifetime, Pat, PatIdent, Result, ReturnType, Token, TraitItemFn, Type,
    TypeInfer, TypeReference,
};

/// The function that an attribute stands on.
pub(crate) fn parse(item: TokenStream) -> Result<ItemFn> {
    syn::parse2(item.clone()).map_err(|error| {
        if let Ok(bare) = syn::parse2::<TraitItemFn>(item.clone()) {
            let problem = "there is no body here to intercept: put it on the implementation";
            return Error::new(bare.sig.ident.span(), problem);
        }
        match syn::parse2::<Item>(item) {
            Ok(other) => {
                Error::new(other.span(), "this stands on a function with a body, and on nothing else")
            }
            Err(_) => error,
        }
    })
}

/// A function whose parameters all have names.
pub(crate) struct Function {
    /// Its signature with these names.
    pub(crate) item: ItemFn,
    pub(crate) parameters: Vec<Parameter>,
    /// Takes the parameters apart that had a pattern.
    patterns: TokenStream,
    /// What it returns.
    pub(crate) result: Type,
}

pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

impl Function {
    pub(crate) fn of(mut item: ItemFn) -> Result<Self> {
        if let Some(constant) = &item.sig.constness {
            return Err(Error::new(
                constant.span(),
                "a `const fn` runs when it is compiled: it cannot be intercepted",
            ));
        }
        let (mut parameters, mut patterns) = (Vec::new(), TokenStream::new());
        for (index, argument) in item.sig.inputs.iter_mut().enumerate() {
            let FnArg::Typed(typed) = argument else { continue };
            let name = match &mut *typed.pat {
                Pat::Ident(PatIdent { ident, by_ref: None, subpat: None, mutability, .. }) => {
                    // The body takes it as it is declared; nothing before that changes it.
                    if let Some(mutability) = mutability.take() {
                        patterns.extend(quote!(let #mutability #ident = #ident;));
                    }
                    ident.clone()
                }
                pattern => {
                    let name = format_ident!("argument_{index}");
                    patterns.extend(quote!(let #pattern = #name;));
                    let ident = name.clone();
                    *typed.pat = Pat::Ident(PatIdent {
                        attrs: vec![],
                        by_ref: None,
                        mutability: None,
                        ident,
                        subpat: None,
                    });
                    name
                }
            };
            parameters.push(Parameter { name, ty: (*typed.ty).clone() });
        }
        let result = match &item.sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        if let Some(hidden) = find(&result, |ty| matches!(ty, Type::ImplTrait(_))) {
            let problem = "what is recorded must be named: return a type, not `impl Trait`";
            return Err(Error::new(hidden, problem));
        }
        Ok(Self { item, parameters, patterns, result })
    }

    /// What it does, as an expression that returns where the function does: a closure, or a future.
    pub(crate) fn body(&self) -> TokenStream {
        let Self { item, patterns, result, .. } = self;
        // Without its braces: in others they would be too many.
        let statements = &item.block.stmts;
        match item.sig.asyncness {
            Some(_) => quote!(async move {
                let __value: #result = { #patterns #(#statements)* };
                __value
            }),
            None => quote!(move || -> #result { #patterns #(#statements)* }),
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        self.item.sig.asyncness.is_some()
    }

    /// The same function with another body.
    pub(crate) fn with_body(self, body: TokenStream) -> TokenStream {
        let ItemFn { attrs, vis, sig, .. } = self.item;
        quote! {
            #(#attrs)*
            #vis #sig {
                #body
            }
        }
    }
}

/// Where in a type there is another of some sort.
pub(crate) fn find(ty: &Type, sought: fn(&Type) -> bool) -> Option<Span> {
    let mut found = None;
    each(&mut ty.clone(), &mut |ty| {
        if sought(ty) {
            found.get_or_insert(ty.span());
        }
    });
    found
}

/// Where a type borrows something.
pub(crate) fn borrowed(ty: &Type) -> Option<Span> {
    struct Borrowed(Option<Span>);
    impl VisitMut for Borrowed {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            self.0.get_or_insert(reference.span());
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                self.0.get_or_insert(lifetime.span());
            }
        }
    }
    let mut found = Borrowed(None);
    found.visit_type_mut(&mut ty.clone());
    found.0
}

/// A type as an expression can name it: the compiler finds out what stands for an `impl Trait`.
pub(crate) fn named(ty: &Type) -> Type {
    let mut ty = ty.clone();
    each(&mut ty, &mut |ty| {
        if let Type::ImplTrait(hidden) = ty {
            *ty = Type::Infer(TypeInfer { underscore_token: Token![_](hidden.span()) });
        }
    });
    ty
}

/// A type and all that it is made of.
fn each(ty: &mut Type, done: &mut dyn FnMut(&mut Type)) {
    struct Each<'d>(&'d mut dyn FnMut(&mut Type));
    impl VisitMut for Each<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            (self.0)(ty);
            visit_type_mut(self, ty);
        }
    }
    Each(done).visit_type_mut(ty);
}
