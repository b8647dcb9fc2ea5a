//! Rules: how they are written, what they settle, and how wrong ones are refused.

use super::*;

fn parse(toml: &str) -> Result<Rules, toml::de::Error> {
    toml::from_str(toml)
}

/// What resolving says about this rule for a function.
fn problem(signature: &Signature, rule: &str) -> String {
    let name = signature.full_name();
    let rules = parse(&format!("[\"{name}\"]\n{rule}")).unwrap();
    let error = rules.resolve(std::slice::from_ref(signature)).unwrap_err();
    let message = error.to_string();
    let start = format!("the rule for `{name}` cannot be used: ");
    message.strip_prefix(&start).unwrap_or_else(|| panic!("{message}")).to_owned()
}

/// What the rule makes of a call that was never recorded.
fn on_missing(result: impl Into<Option<Type>>, rule: &str) -> OnMissing {
    let signature = function("inputs#it", &[], result);
    let boundary = boundary(&[signature], &format!("[\"inputs#it\"]\non-missing = {rule}"));
    boundary.interceptors()[0].on_missing.clone()
}

#[test]
fn every_rule_can_be_written() {
    let toml = r#"
        [inputs."shop:orders/inputs#price-of"]
        kind = "input"
        alias = "price.{sku}"
        fallback-aliases = ["get-price", "price"]
        key = ["sku"]
        on-missing = { default = 0 }
        on-exhausted = "missing"
    "#;
    let mut tables: std::collections::HashMap<String, Rules> = toml::from_str(toml).unwrap();
    let boundary = tables.remove("inputs").unwrap().resolve(&[price_of()]).unwrap();
    let interceptor = &boundary.interceptors()[0];
    assert_eq!((interceptor.kind, interceptor.why), (Kind::Input, Why::FunctionRule));
    assert_eq!(interceptor.alias.to_string(), "price.{sku}");
    assert_eq!(interceptor.fallback_aliases.len(), 2);
    assert_eq!(interceptor.key, Some(vec![KeyPart::Argument(0)]));
    assert_eq!(interceptor.on_missing, OnMissing::Default(0.into()));
    assert_eq!(interceptor.on_exhausted, OnExhausted::Missing);
}

#[test]
fn a_rule_that_nobody_knows_is_refused() {
    let refused = |rule: &str| parse(&format!("[\"x\"]\n{rule}")).unwrap_err().to_string();
    assert!(refused("fallback = []").contains("unknown field `fallback`"));
    assert!(refused("kind = \"both\"").contains("unknown variant `both`"));
    assert!(refused("on-missing = \"ignore\"").contains("unknown variant `ignore`"));
    assert!(refused("on-exhausted = \"fail\"").contains("unknown variant `fail`"));
}

#[test]
fn the_kind_is_what_a_rule_the_interface_s_name_or_the_result_says() {
    let decided = |name: &str, result: Option<Type>, toml: &str| {
        let boundary = boundary(&[function(name, &[], result)], toml);
        (boundary.interceptors()[0].kind, boundary.interceptors()[0].why)
    };
    assert_eq!(decided("api#get", Some(U32), ""), (Kind::Input, Why::HasResult));
    assert_eq!(decided("api#put", None, ""), (Kind::Output, Why::NoResult));
    let says_only_success = Type::Result(None, Some(Box::new(Type::String)));
    assert_eq!(decided("api#save", Some(says_only_success.clone()), ""), (Kind::Output, Why::OnlySuccess));
    assert_eq!(decided("api#sync", Some(Type::Result(None, None)), ""), (Kind::Output, Why::OnlySuccess));
    let brings_something = Type::Result(Some(Box::new(U32)), None);
    assert_eq!(decided("api#load", Some(brings_something), ""), (Kind::Input, Why::HasResult));
    assert_eq!(decided("inputs#check", Some(says_only_success), ""), (Kind::Input, Why::InterfaceName));
    assert_eq!(decided("inputs@1.0.0#put", None, ""), (Kind::Input, Why::InterfaceName));
    assert_eq!(decided("outputs#get", Some(U32), ""), (Kind::Output, Why::InterfaceName));
    assert_eq!(decided("my-outputs#get", Some(U32), ""), (Kind::Input, Why::HasResult));
    let interface = "[\"inputs\"]\nkind = \"output\"\n";
    assert_eq!(decided("inputs@1.0.0#get", Some(U32), interface), (Kind::Output, Why::InterfaceRule));
    let function = format!("{interface}[\"inputs#get\"]\nkind = \"input\"");
    assert_eq!(decided("inputs@1.0.0#get", Some(U32), &function), (Kind::Input, Why::FunctionRule));
}

#[test]
fn what_a_function_s_rule_leaves_open_its_interface_s_rule_decides() {
    let toml = "[\"inputs\"]\non-missing = { default = 1 }\non-exhausted = \"missing\"\n";
    let boundary = boundary(&[price_of()], &format!("{toml}[\"inputs#price-of\"]\non-missing = \"fail\""));
    let interceptor = &boundary.interceptors()[0];
    assert_eq!((&interceptor.on_missing, interceptor.on_exhausted), (&OnMissing::Fail, OnExhausted::Missing));
}

#[test]
fn a_rule_for_a_version_goes_before_one_for_all() {
    let versions = ["inputs@1.0.0#it", "inputs@2.0.0#it"].map(|name| function(name, &[], U32));
    let defaults = |toml: &str| {
        let boundary = boundary(&versions, toml);
        boundary.interceptors().iter().map(|it| it.on_missing.clone()).collect::<Vec<_>>()
    };
    let rule =
        |target: &str, default: u32| format!("[\"{target}\"]\non-missing = {{ default = {default} }}\n");
    let expected = [OnMissing::Default(1.into()), OnMissing::Default(2.into())];
    assert_eq!(defaults(&(rule("inputs", 1) + &rule("inputs@2.0.0", 2))), expected);
    assert_eq!(defaults(&(rule("inputs#it", 1) + &rule("inputs@2.0.0#it", 2))), expected);
}

#[test]
fn names_that_the_function_does_not_have_are_refused_with_those_it_has() {
    let known = "but the function's arguments are `sku`";
    assert_eq!(problem(&price_of(), "key = [\"skus\"]"), format!("`key` names `skus`, {known}"));
    let alias = problem(&price_of(), "alias = \"price.{colour}\"");
    assert_eq!(alias, format!("alias `price.{{colour}}` names `colour`, {known}"));
    let fallback = problem(&price_of(), "fallback-aliases = [\"{colour}\"]");
    assert_eq!(fallback, format!("alias `{{colour}}` names `colour`, {known}"));
}

#[test]
fn a_default_has_to_be_a_value_of_the_result() {
    let fit = problem(&price_of(), "on-missing = { default = \"cheap\" }");
    assert_eq!(fit, "its default does not fit the function's result: expected u32, found text");
    let nothing = problem(&notify(), "on-missing = { default = 1 }");
    assert!(nothing.ends_with("the function has no result; write \"none\""));
    let open = function("inputs#open", &[], Type::Own("door".into()));
    assert!(problem(&open, "on-missing = { default = 1 }").ends_with("a resource cannot be made up"));
}

#[test]
fn a_default_is_written_as_json_would_be() {
    let customer = Type::Record(fields(&[("id", U32), ("note", Type::Option(Box::new(Type::String)))]));
    let result = Type::Result(Some(Box::new(customer)), Some(Box::new(Type::String)));
    let expected = Value::record([("id", Value::from(1u32)), ("note", Value::Null)]);
    assert_eq!(
        on_missing(result, "{ default = { ok = { id = 1 } } }"),
        OnMissing::Default(Value::case("ok", expected))
    );
    assert_eq!(on_missing(Type::F64, "{ default = 1 }"), OnMissing::Default(1.0.into()));
    assert_eq!(on_missing(Type::String, "{ default = \"none\" }"), OnMissing::Default("none".into()));
    assert_eq!(on_missing(None, "{ default = \"none\" }"), OnMissing::Default(Value::Null));
    let option = Type::Option(Box::new(U32));
    assert_eq!(on_missing(option, "{ default = \"none\" }"), OnMissing::Default(Value::Null));
    let done = Type::Result(None, Some(Box::new(Type::String)));
    assert_eq!(on_missing(done, "{ default = \"ok\" }"), OnMissing::Default(Value::case("ok", Value::Null)));
}

#[test]
fn rules_about_inputs_are_refused_for_outputs() {
    assert!(problem(&notify(), "on-missing = \"live\"").contains("an output is never sent from a replay"));
    let refused = "is for inputs; an output is found by its ordinal, and its arguments are compared";
    assert_eq!(problem(&notify(), "key = [\"text\"]"), format!("`key` {refused}"));
    assert_eq!(problem(&notify(), "on-exhausted = \"repeat\""), format!("`on-exhausted` {refused}"));
}

#[test]
fn a_function_that_takes_or_returns_a_resource_cannot_go_live() {
    let (bucket, own) = (Type::Borrow("bucket".into()), Type::Own("bucket".into()));
    let opened = Type::Result(Some(Box::new(own.clone())), Some(Box::new(Type::String)));
    let given = Type::Record(fields(&[("label", Type::String), ("bucket", own.clone())]));
    for signature in [
        function("inputs#[constructor]bucket", &[("name", Type::String)], own),
        function("inputs#[static]bucket.open", &[("name", Type::String)], opened),
        function("inputs#[method]bucket.get", &[("self", bucket.clone()), ("key", Type::String)], U32),
        function("inputs#total", &[("buckets", Type::List(Box::new(bucket)))], U32),
        function("inputs#adopt", &[("parcel", given)], U32),
    ] {
        let reason = problem(&signature, "on-missing = \"live\"");
        assert!(reason.contains("no provider has the resources of a recording"), "{reason}");
    }
    // One that has none of them in its hands works as any other.
    let count = function("inputs#[static]bucket.count", &[], U32);
    let live = boundary(&[count], "[\"inputs#[static]bucket.count\"]\non-missing = \"live\"");
    assert_eq!(live.interceptors()[0].on_missing, OnMissing::Live);
}

#[test]
fn an_interface_has_no_alias() {
    let error = rules("[\"inputs\"]\nalias = \"all\"").resolve(&[price_of()]).unwrap_err();
    assert_eq!(error.problem, RuleProblem::SharedAlias);
}

#[test]
fn targets_that_name_nothing_are_told() {
    let imports = [function("inputs@1.0.0#price-of", &[], U32)];
    let targets = [
        "inputs",
        "inputs@1.0.0",
        "inputs#price-of",
        "inputs@1.0.0#price-of",
        "input",
        "inputs@1.1.0",
        "inputs#price",
    ];
    let rules = targets
        .iter()
        .fold(Rules::default(), |rules, target| rules.with(format!("shop:orders/{target}"), Rule::default()));
    let unused: Vec<_> =
        rules.unused(&imports).iter().map(|name| name.trim_start_matches("shop:orders/")).collect();
    assert_eq!(unused, ["input", "inputs#price", "inputs@1.1.0"]);
}

#[test]
fn a_function_of_the_world_itself_has_no_interface() {
    let plain = Signature { interface: None, ..price_of() };
    let boundary =
        toml::from_str::<Rules>("[price-of]\nkind = \"output\"").unwrap().resolve(&[plain]).unwrap();
    let interceptor = &boundary.interceptors()[0];
    assert_eq!((&*interceptor.function.name, interceptor.kind), ("price-of", Kind::Output));
    assert_eq!(interceptor.alias.to_string(), "price-of");
}

#[test]
fn a_key_names_an_entry_of_a_list_of_names_with_values_in_any_case() {
    let entries = Type::List(Box::new(Type::Tuple(vec![Type::String, Type::Bytes])));
    let fetch = function("inputs#fetch", &[("url", Type::String), ("headers", entries)], U32);
    let boundary =
        boundary(std::slice::from_ref(&fetch), "[\"inputs#fetch\"]\nkey = [\"url\", \"headers.Accept\"]");
    let header = |name: &str, value: &str| Value::List(vec![name.into(), Value::Bytes(value.into())]);
    let call = |headers: &[Value]| [Value::from("/"), Value::List(headers.to_vec())];
    let recorded = call(&[header("accept", "text"), header("date", "monday")]);
    let other = call(&[header("accept", "json")]);
    let recording = record(&boundary, &[gives("fetch", &recorded, 1u32), gives("fetch", &other, 2u32)]);
    let again = call(&[header("date", "tuesday"), header("ACCEPT", "text")]);
    let playback = replay(&recording, &boundary, &[("fetch", &other), ("fetch", &again)]);
    let exact = |value: u32| (Answered::Exact, Value::from(value));
    assert_eq!(answers(&playback), [exact(2), exact(1)]);

    let twice = call(&[header("accept", "text"), header("accept", "json")]);
    let divergence = Replay::of(&recording, &boundary).diverges("fetch", &twice);
    assert_eq!(divergence.nearest[0].differences[0].path, "/headers.accept/1");

    assert!(problem(&fetch, "key = [\"url.accept\"]").contains("`key` names `url.accept`"));
    assert!(problem(&fetch, "key = [\"headers.\"]").contains("`key` names `headers.`"));
}

#[test]
fn a_header_more_is_told_by_its_name_and_another_order_by_place() {
    let entries = Type::List(Box::new(Type::Tuple(vec![Type::String, Type::String])));
    let sends = Some(Sends { parameter: 0, except: &[] });
    let fetch = function("inputs#fetch", &[("method", Type::String), ("headers", entries)], U32);
    let fetch = Signature { sends, ..fetch };
    let boundary = boundary(&[fetch], "[\"inputs#fetch\"]\nkey = [\"method\", \"headers\"]");
    let header = |(name, value): &(&str, &str)| Value::List(vec![(*name).into(), (*value).into()]);
    let call =
        |headers: &[(&str, &str)]| [Value::from("GET"), Value::List(headers.iter().map(header).collect())];
    let recording = record(&boundary, &[gives("fetch", &call(&[("a", "1"), ("b", "2")]), 1u32)]);
    let told = |headers: &[(&str, &str)]| {
        let divergence = Replay::of(&recording, &boundary).diverges("fetch", &call(headers));
        let differences = divergence.nearest[0].differences.iter();
        differences.map(|difference| difference.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&[("x-trace", "7"), ("a", "1"), ("b", "2")]), ["/headers/x-trace"]);
    assert_eq!(told(&[("x-trace", "7"), ("a", "1"), ("b", "3")]), ["/headers/b", "/headers/x-trace"]);
    assert_eq!(told(&[("b", "2"), ("a", "1")]).len(), 4, "each name and each value");
}

#[test]
fn a_function_may_say_itself_what_its_calls_get_and_a_rule_may_say_otherwise() {
    let fetch = function("inputs#fetch", &[("url", Type::String), ("try", U32)], U32);
    let fetch = Signature { key: Some(vec![0]), ..fetch };
    let of = |fetch: &Signature, rules: &str| {
        let fetch = interceptor(&boundary(std::slice::from_ref(fetch), rules), "fetch");
        (fetch.key.clone(), fetch.on_exhausted)
    };
    let (url, attempt) = (Some(vec![KeyPart::Argument(0)]), Some(vec![KeyPart::Argument(1)]));
    let rule = "[\"inputs#fetch\"]\nkey = [\"try\"]";
    assert_eq!(of(&fetch, ""), (url.clone(), OnExhausted::Repeat));
    assert_eq!(of(&fetch, rule), (attempt.clone(), OnExhausted::Repeat));
    let fetch = Signature { on_exhausted: OnExhausted::Missing, ..fetch };
    assert_eq!(of(&fetch, rule), (attempt, OnExhausted::Missing));
    assert_eq!(of(&fetch, "[\"inputs#fetch\"]\non-exhausted = \"repeat\""), (url, OnExhausted::Repeat));
}
