//! Recording the operations of a file: which they are, how many run at once, and what is told of them in the end.

use crate::support::command::{Folder, assert_told, ran};
use crate::support::{engine, guest, provider, service};
use playback_host::sandbox::{
    Directory, DirectoryAccess, Grants, ProviderComponent, Providers, Recorder, ServiceGrants, SharedState,
};
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

const RECORD: &str = "record shop.wasm --provider shop_provider.wasm --from requests.ndjson";
const ORDER: &str = r#"{"id": "o-1", "customer": "alice", "channel": "web", "express": false, "lines": []}"#;

/// The ids of what a command recorded, in the order in which it tells them.
fn ids(lines: &[Json]) -> Vec<String> {
    lines.iter().filter_map(|line| Some(line["recording"]["id"].as_str()?.to_owned())).collect()
}

#[test]
fn a_file_mixes_operations_and_each_is_recorded_as_its_own_category() {
    let folder = Folder::shop();
    let named =
        json!({ "operation": "place-order", "arguments": [serde_json::from_str::<Json>(ORDER).unwrap()] });
    folder.write(
        "requests.ndjson",
        format!("{{\"operation\": \"quote\", \"arguments\": [\"apple\", 2]}}\n{named}\n[\"bread\", 1]\n"),
    );
    let told = folder.json(&format!("{RECORD} --operation quote"));
    let operations: Vec<_> = told.iter().filter_map(|line| line["operation"].as_str()).collect();
    assert_eq!(operations, ["quote", "place-order", "quote"]);
    let categories: Vec<_> = ids(&told).iter().map(|id| id.split('/').next().unwrap().to_owned()).collect();
    assert_eq!(categories, ["quote", "place-order", "quote"]);
    assert_eq!(told[3]["summary"]["categories"], json!(["place-order", "quote"]));
    let one = folder.json(&format!("{RECORD} --operation quote --category all"));
    assert_eq!(
        (&one[3]["summary"]["category"], one[3]["summary"]["recorded"].as_u64()),
        (&json!("all"), Some(3))
    );
    assert_told!(folder.session(&[&format!("{RECORD} --operation quote --verify")]));
    // Where every line names its operation, nothing else has to.
    folder.write("requests.ndjson", format!("{named}\n"));
    folder.ok(RECORD);
}

#[test]
fn an_object_always_names_an_operation_and_a_list_is_always_its_arguments() {
    let folder = Folder::shop();
    let lines = [
        // An order alone is not a list of arguments, though `place-order` takes just one.
        ORDER,
        "{}",
        r#"{"operation": 1, "arguments": []}"#,
        r#"{"operation": "refund", "arguments": []}"#,
        r#"{"operation": "quote"}"#,
        r#"{"operation": "quote", "arguments": {"sku": "apple"}}"#,
        r#"{"operation": "quote", "argument": ["apple", 1]}"#,
        r#"["apple", 1]"#,
    ];
    let commands: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(number, line)| {
            folder.write(&format!("{number}.ndjson"), format!("[{ORDER}]\n{line}\n"));
            let operation = if number == 7 { "" } else { " --operation place-order" };
            format!("record shop.wasm --provider shop_provider.wasm --from {number}.ndjson{operation}")
        })
        .collect();
    assert_told!(folder.refusals(&commands.iter().map(String::as_str).collect::<Vec<_>>()));
}

/// A server that answers no request before the second has come, and then the second first.
fn answering_in_pairs() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        loop {
            let pair = [(); 2].map(|()| {
                let stream = listener.accept().unwrap().0;
                let request = BufReader::new(&stream).lines().map_while(Result::ok);
                request.take_while(|line| !line.is_empty()).for_each(drop);
                stream
            });
            for mut stream in pair.into_iter().rev() {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .unwrap();
            }
        }
    });
    format!("http://{address}/")
}

#[test]
fn operations_run_side_by_side_and_results_and_ids_keep_the_order_of_their_lines() {
    let folder = Folder::with(&["http", "ambient"]);
    let url = answering_in_pairs();
    folder.write("requests.ndjson", format!("[\"{url}\", 60000]\n").repeat(8));
    let told = folder.json("record http.wasm --network --operation wait --from requests.ndjson --jobs 2");
    assert_eq!(told.len(), 9);
    assert!(told[..8].iter().all(|line| line["outcome"] == json!({ "returned": true })), "{told:?}");
    // The first ends last.
    folder.write("requests.ndjson", "[300]\n[0]\n[150]\n[0]\n[0]\n[0]\n");
    let told = folder.json("record ambient.wasm --operation sleep-for --from requests.ndjson --jobs 4");
    let lines: Vec<_> = told.iter().filter_map(|line| line["line"].as_u64()).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
    assert!(ids(&told).is_sorted() && ids(&told).len() == 6, "{told:?}");
    let slept = |line: &Json| line["outcome"]["returned"].as_u64().unwrap();
    assert!(slept(&told[0]) >= 300_000_000 && slept(&told[2]) >= 150_000_000, "{told:?}");
}

#[test]
fn a_sample_is_of_the_same_lines_however_many_run_at_once() {
    let folder = Folder::shop();
    folder.write("requests.ndjson", "[\"apple\", 1]\n".repeat(60));
    folder
        .write("playback.toml", "[record]\nsampling-seed = 7\n[category.quote]\nsampling = { rate = 0.5 }\n");
    let sampled = |jobs: usize| {
        let told = folder.json(&format!("{RECORD} --operation quote --jobs {jobs}"));
        let kept = told.iter().filter(|line| !line["recording"].is_null());
        kept.filter_map(|line| line["line"].as_u64()).collect::<Vec<_>>()
    };
    let one_by_one = sampled(1);
    assert!((10..50).contains(&one_by_one.len()), "{one_by_one:?}");
    assert_eq!(sampled(16), one_by_one);
}

#[test]
fn a_shared_provider_is_asked_in_the_order_of_the_lines_whatever_jobs_says() {
    let folder = Folder::with(&["chatty", "chatty_provider"]);
    folder.write("requests.ndjson", "[1]\n".repeat(20));
    folder.write(
        "playback.toml",
        "[service]\nproviders = [{ component = \"chatty_provider.wasm\", shared = true }]\n",
    );
    let expected: Vec<_> = (1..=20).map(|n| json!([n * 100 + 6])).collect();
    for (jobs, warns) in [("", false), ("--jobs 8", true)] {
        let ran = folder
            .run(&format!("record chatty.wasm --operation same --from requests.ndjson --format json {jobs}"));
        let told: Vec<Json> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let rolled: Vec<_> = told[..20].iter().map(|line| line["outcome"]["returned"].clone()).collect();
        assert_eq!(rolled, expected, "{jobs}");
        assert_eq!(ran.stderr.starts_with("warning: `--jobs 8` is ignored: `"), warns, "{}", ran.stderr);
    }
}

#[tokio::test]
async fn operations_share_a_provider_that_remembers_and_a_directory_that_may_be_written() {
    let shares = |providers: Providers, directories: &[(&str, DirectoryAccess)]| {
        let granted =
            |&(host, access): &(&str, _)| Directory { host: host.into(), guest: "d".to_owned(), access };
        let directories = directories.iter().map(granted).collect();
        let recorder = Recorder::builder(&service("chatty")).providers(providers).build().unwrap();
        let grants = ServiceGrants::default().directories(directories);
        recorder.to_builder().grants(grants).build().unwrap().shared_state()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let written = Some(SharedState::Directory(path.into()));
    assert_eq!(shares(provider("chatty_provider"), &[(path, DirectoryAccess::ReadOnly)]), None);
    assert_eq!(shares(provider("chatty_provider"), &[(path, DirectoryAccess::ReadWrite)]), written);
    let component = |directories| {
        let grants = Grants::default().directories(directories);
        ProviderComponent::from_file(engine(), guest("chatty_provider"), grants).unwrap()
    };
    let directory =
        Directory { host: path.into(), guest: "d".to_owned(), access: DirectoryAccess::ReadWrite };
    assert_eq!(shares(Providers::default().component(component(vec![directory])), &[]), written);
    let shared = component(vec![]).shared().unwrap();
    let name = shared.name().to_owned();
    assert_eq!(shares(Providers::default().component(shared), &[]), Some(SharedState::Provider(name)));
}

#[test]
fn exceptions_are_counted_and_fail_the_command_only_if_asked() {
    let folder = Folder::shop();
    folder.write("requests.ndjson", "[\"apple\", 1]\n[\"trap\", 1]\n[\"bread\", 2]\n");
    let record = format!("{RECORD} --operation quote");
    let told = folder.ok(&record);
    assert!(
        told.starts_with(
            "3 operations recorded as `quote` in `./cassette`, 1 with an exception\n  requests.ndjson:2  "
        ),
        "{told}"
    );
    assert_eq!(folder.run(&format!("{record} --fail-on-exception")).code, 1);
    let with =
        |value| ran(&folder.command(&record).env("PLAYBACK_FAIL_ON_EXCEPTION", value).output().unwrap()).code;
    assert_eq!((with("1"), with("0")), (1, 0));
    folder.write("playback.toml", "[record]\nfail-on-exception = true\n");
    assert_eq!(folder.run(&record).code, 1);
    let call = r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("NAME", 1)'"#;
    assert_eq!(folder.run(&call.replace("NAME", "trap")).code, 1);
    assert_eq!(folder.run(&call.replace("NAME", "apple")).code, 0);
    assert_eq!(folder.json("list").len(), 17, "all are recorded");
}
