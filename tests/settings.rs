//! `playback.toml`, the environment and flags: which goes first, and what is wrong with a setting.

use crate::support::command::{Folder, assert_told, ran};

const RECORD: &str = r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("apple", 1)'"#;

#[test]
fn a_flag_goes_before_the_environment_and_the_environment_before_the_file() {
    let folder = Folder::shop();
    folder.write("playback.toml", "cassette = \"of-the-file\"\nformat = \"json\"\n");
    let cassettes = |folder: &Folder| {
        ["of-the-file", "of-the-environment", "of-the-flag"].map(|name| folder.path(name).is_dir())
    };
    let record = |flags: &str, variables: &[(&str, &str)]| {
        let ran = ran(&folder
            .command(&format!("{RECORD} {flags}"))
            .envs(variables.iter().copied())
            .output()
            .unwrap());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let environment = [("PLAYBACK_CASSETTE", "of-the-environment"), ("PLAYBACK_FORMAT", "text")];
    assert!(record("", &[]).starts_with('{'));
    assert_eq!(cassettes(&folder), [true, false, false]);
    assert!(record("", &environment).starts_with("returned"));
    assert_eq!(cassettes(&folder), [true, true, false]);
    assert!(record("--cassette of-the-flag --format json", &environment).starts_with('{'));
    assert_eq!(cassettes(&folder), [true, true, true]);
    for name in ["of-the-file", "of-the-environment", "of-the-flag"] {
        assert_eq!(folder.json(&format!("list --cassette {name}")).len(), 1);
    }
}

#[test]
fn a_file_can_say_all_that_a_recording_needs() {
    let folder = Folder::shop();
    folder.write("below/requests.ndjson", "[\"apple\", 1]\n[\"bread\", 2]\n");
    folder.write(
        "below/playback.toml",
        r#"
        cassette = "tapes"
        [service]
        component = "../shop.wasm"
        providers = [{ component = "../shop_provider.wasm" }]
        [record]
        from = "requests.ndjson"
        operation = "quote"
        category = "quotes"
        [limits]
        time = "10s"
        memory = "64MiB"
        "#,
    );
    assert_told!(folder.session(&[
        "record --config below/playback.toml",
        "replay --all --config below/playback.toml",
        "replay latest --config below/playback.toml",
    ]));
    assert!(folder.path("below/tapes/metadata/quotes").is_dir(), "paths are those of the file's folder");
}

#[test]
fn a_provider_that_the_configuration_shares_remembers_from_one_operation_to_the_next() {
    let folder = Folder::with(&["chatty", "chatty_provider"]);
    folder.write("requests.ndjson", "[2]\n[2]\n");
    let rolled = |shared: bool| {
        let provider = format!("{{ component = \"chatty_provider.wasm\", shared = {shared} }}");
        folder.write("playback.toml", format!("[service]\nproviders = [{provider}]"));
        folder.ok("record chatty.wasm --operation same --from requests.ndjson --format json")
    };
    assert!(rolled(false).matches("[106,206]").count() == 2);
    let remembered = rolled(true);
    assert!(remembered.contains("[106,206]") && remembered.contains("[306,406]"), "{remembered}");
}

#[test]
fn what_is_wrong_with_a_configuration_is_told_with_its_line() {
    let folder = Folder::shop();
    let bad = [
        "casette = \"tapes\"",
        "\n\n[limits]\nmemory = \"lots\"",
        "[limits]\ntimeout = \"1s\"",
        "cassette = \"s3://bucket\"",
        "cassette = ",
        "format = \"yaml\"",
        "cache = 7",
        "[record]\ncategory = \"../x\"",
        "[service]\nproviders = [{ dirs = [\"a::/b\"] }]",
        "[service]\nproviders = [{ component = \"p.wasm\", dirs = [\"a::\"] }]",
        "[interceptions.\"shop:orders/inputs\"]\non-mising = \"fail\"",
        "[interceptions.\"shop:orders/inputs#price-of\"]\non-missing = \"never\"",
        "[interceptions.\"shop:orders/inputs#price-of\"]\nkey = [\"id\"]",
        "[interceptions.\"shop:orders/inputs#price-of\"]\nalias = \"price.{id}\"",
        "[interceptions.\"shop:orders/inputs#price-of\"]\non-missing = { default = { ok = \"free\" } }",
        "[interceptions.\"shop:orders/outputs#store\"]\non-missing = \"live\"",
        "[interceptions.\"shop:orders/inputs#price-of\"]\nkind = \"input\"\n[interceptions.\"shop:orders/inputs\"]\nalias = \"a\"",
        "[interceptions.\"shop:orders/inputs#price-of\"]\non-missing = { default = { ok = 2026-01-31 } }",
        "[interceptions.\"shop:orders/inputs#price-of\"]\non-missing = { default = 1, live = 2 }",
        "[interceptions]\n\"shop:orders/inputs\" = 7",
        "[service]\nproviders = [\"shop.wasm\"]",
        "verbose = \"very\"",
        "[limits]\nfuel = 0",
        "[limits]\ninstances = -1",
    ];
    let commands: Vec<String> =
        (0..bad.len()).map(|number| format!("inspect shop.wasm --config {number}.toml")).collect();
    for (number, text) in bad.iter().enumerate() {
        folder.write(&format!("{number}.toml"), text);
    }
    folder.write("bytes.toml", b"\xff");
    let mut commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    commands.extend(["inspect shop.wasm --config bytes.toml", "inspect shop.wasm --config nowhere.toml"]);
    assert_told!(folder.refusals(&commands));
}

#[test]
fn what_is_in_force_is_shown_with_the_place_that_it_comes_from() {
    let folder = Folder::with(&[]);
    folder.write(
        "below/playback.toml",
        r#"
        cassette = "tapes"
        cache = false
        [service]
        component = "../orders.wasm"
        providers = [{ component = "../shop.wasm", dirs = ["data::/data::ro"] }]
        network = true
        [record]
        from = "requests.ndjson"
        [limits]
        memory = "64MiB"
        time = "10s"
        fuel = 7
        [category."quote.v2"]
        sampling = { rate = 0.05 }
        [interceptions."shop:orders/inputs#price-of"]
        key = ["sku"]
        on-missing = { default = { ok = 0 } }
        "#,
    );
    let line = "config --config below/playback.toml --max-memory 1GiB --allow-host example.com --no-cache";
    let variables =
        [("PLAYBACK_TIMEOUT", "1500ms"), ("PLAYBACK_MAX_WRITTEN", "1KB"), ("PLAYBACK_VERIFY", "no")];
    let shown = with(&folder, line, &variables);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert_told!(shown.stdout);
    let of = |line: &str, key: &str| {
        let settings = folder.json(line);
        settings.into_iter().find(|setting| setting["setting"] == key).unwrap()
    };
    let limit = serde_json::json!({
        "setting": "limits.memory", "value": "64MiB", "source": "file", "name": "below/playback.toml"
    });
    assert_eq!(of("config --config below/playback.toml", "limits.memory"), limit);
    let from = of("config --config below/playback.toml --invoke 'quote()'", "record.from");
    assert_eq!((from["value"].as_str(), from["name"].as_str()), (None, Some("--invoke")));
    let component = of("config other.wasm", "service.component");
    assert_eq!(
        (component["value"].as_str(), component["source"].as_str()),
        (Some("other.wasm"), Some("command-line"))
    );
    assert_eq!(folder.files().keys().collect::<Vec<_>>(), ["below/", "below/playback.toml"]);
}

#[test]
fn a_rule_for_nothing_that_the_service_imports_is_warned_of_and_no_more() {
    let folder = Folder::shop();
    folder.write(
        "playback.toml",
        "[interceptions.\"shop:orders/inputs#price-off\"]\nkind = \"input\"\n[interceptions.\"shop:order/outputs\"]\n",
    );
    assert_told!(folder.session(&[RECORD, "replay latest shop.wasm"]));
}

#[test]
fn a_cache_that_cannot_be_used_is_done_without() {
    let folder = Folder::shop();
    folder.write("file", "mine");
    let ran = folder.run("inspect shop.wasm --cache file/below");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("warning: ") && ran.stderr.ends_with("; this run goes without\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(folder.run("inspect shop.wasm --no-cache").stderr, "");
    assert_eq!(folder.files()["file"], b"mine");
}

#[cfg(unix)]
#[test]
fn compiled_code_is_kept_among_the_caches_of_the_user() {
    let folder = Folder::with(&[]);
    let kept = |variables: &[(&str, &str)]| {
        let mut command = folder.command("config --format json");
        command.env_remove("PLAYBACK_CACHE").envs(variables.iter().copied());
        let shown = ran(&command.output().unwrap()).stdout;
        let cache = shown.lines().find(|line| line.contains(r#""setting":"cache""#)).unwrap();
        serde_json::from_str::<serde_json::Value>(cache).unwrap()["value"].clone()
    };
    let home = ("HOME", "/home/me");
    assert_eq!(kept(&[home]), "/home/me/.cache/playback-host");
    assert_eq!(kept(&[home, ("XDG_CACHE_HOME", "/caches")]), "/caches/playback-host");
    assert_eq!(kept(&[home, ("XDG_CACHE_HOME", "caches")]), "/home/me/.cache/playback-host");
    assert_eq!(kept(&[("HOME", "here")]), false);
}

/// What a command prints and exits with, with these variables set.
fn with(folder: &Folder, line: &str, variables: &[(&str, &str)]) -> crate::support::command::Ran {
    ran(&folder.command(line).envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn a_flag_goes_before_a_variable_that_it_excludes() {
    let folder = Folder::shop();
    folder.write("requests.ndjson", "[\"apple\", 1]\n");
    let from = "record shop.wasm --provider shop_provider.wasm --from requests.ndjson";
    for (line, name, value) in [
        (RECORD, "PLAYBACK_FROM", "nowhere.ndjson"),
        (RECORD, "PLAYBACK_OPERATION", "refund"),
        (&format!("{from} --operation quote"), "PLAYBACK_INVOKE", "refund()"),
        (from, "PLAYBACK_OPERATION", "quote"),
        (&format!("{RECORD} --network"), "PLAYBACK_ALLOW_HOST", "no host"),
        (&format!("{RECORD} --allow-host example.com"), "PLAYBACK_NETWORK", "1"),
        ("replay latest shop.wasm", "PLAYBACK_ALL", "1"),
        ("replay latest shop.wasm", "PLAYBACK_LIMIT", "1"),
    ] {
        let told = with(&folder, line, &[(name, value)]);
        assert_eq!((told.code, told.stderr.as_str()), (0, ""), "{line}");
    }
    let id = folder.json("list").remove(0)["id"].as_str().unwrap().to_owned();
    let one = with(
        &folder,
        &format!("replay {id} shop.wasm"),
        &[("PLAYBACK_CATEGORY", "nope"), ("PLAYBACK_ALL", "1")],
    );
    assert_eq!(one.code, 0, "{}", one.stderr);
    let all = with(&folder, "replay shop.wasm", &[("PLAYBACK_ALL", "1"), ("PLAYBACK_LIMIT", "2")]);
    assert!(all.stdout.ends_with("2 equal, 0 different, 0 diverged\n"), "{}{}", all.stdout, all.stderr);
}

#[test]
fn two_variables_that_exclude_each_other_are_refused_by_their_names() {
    let folder = Folder::shop();
    let record = "record shop.wasm --provider shop_provider.wasm";
    for (line, both) in [
        (record, [("PLAYBACK_INVOKE", "quote(1)"), ("PLAYBACK_OPERATION", "quote")]),
        (RECORD, [("PLAYBACK_NETWORK", "1"), ("PLAYBACK_ALLOW_HOST", "example.com")]),
    ] {
        let told = with(&folder, line, &both);
        assert_eq!(told.code, 2);
        let [(one, _), (other, _)] = both;
        let said = format!("`{one}` and `{other}` are both set, and one excludes the other; unset one");
        assert_eq!(told.error(), said);
    }
}

#[test]
fn a_variable_that_says_no_goes_before_a_file_that_says_yes_and_one_that_says_neither_is_refused() {
    let folder = Folder::with(&["ambient"]);
    folder.write("playback.toml", "[service]\nnetwork = true\nsockets = true\n[record]\nverify = true\n");
    let call = "record ambient.wasm --invoke 'escape(1)'";
    assert_eq!(with(&folder, call, &[]).code, 1, "it has sockets, and does not reproduce");
    let told = with(&folder, call, &[("PLAYBACK_SOCKETS", "0")]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(!told.stdout.contains("not hermetic") && told.stdout.contains("verified"), "{}", told.stdout);
    let told = with(&folder, call, &[("PLAYBACK_SOCKETS", "no"), ("PLAYBACK_VERIFY", "off")]);
    assert!(!told.stdout.contains("verified"), "{}", told.stdout);
    for name in ["PLAYBACK_SOCKETS", "PLAYBACK_VERIFY", "PLAYBACK_NETWORK", "PLAYBACK_NO_CACHE"] {
        let told = with(&folder, call, &[(name, "maybe")]);
        assert_eq!(told.code, 2, "{name}");
        assert!(told.stderr.contains("`maybe` is neither yes nor no"), "{}", told.stderr);
    }
}

#[test]
fn hosts_may_be_a_variable_and_what_is_wrong_with_one_is_told() {
    let folder = Folder::shop();
    let told = with(&folder, RECORD, &[("PLAYBACK_ALLOW_HOST", "example.com,127.0.0.1:80")]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let told = with(&folder, RECORD, &[("PLAYBACK_ALLOW_HOST", "example.com,no host")]);
    assert_eq!(told.code, 2);
    assert!(told.error().starts_with("environment variable `PLAYBACK_ALLOW_HOST`: "), "{}", told.stderr);
}

#[test]
fn several_providers_are_one_variable_as_folders_are_in_path() {
    let folder = Folder::with(&["shop", "shop_provider", "bytes_provider"]);
    let both = std::env::join_paths(["bytes_provider.wasm", "shop_provider.wasm"]).unwrap();
    let call = r#"record shop.wasm --invoke 'quote("apple", 1)'"#;
    let told = with(&folder, call, &[("PLAYBACK_PROVIDER", both.to_str().unwrap())]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(folder.run(&format!("{call} --provider-dir .::/data")).error().contains("and there is none"));
}
