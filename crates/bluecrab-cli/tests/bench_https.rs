//! `bluecrab bench` with a remote app that needs HTTPS and a function key.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Answers each GET request that has the key with `ok`, and reports the time of its stages. Returns the port.
async fn serve(key: &'static str, certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    let private = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let chain = vec![certified.cert.der().clone()];
    let tls = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate fails here.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = Vec::new();
                while let Ok(1..) = stream.read_buf(&mut request).await {
                    if !request.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    let text = String::from_utf8_lossy(&request).to_lowercase();
                    let known = text.contains(&format!("\r\nx-functions-key: {key}\r\n"));
                    let status = if known { "200 OK" } else { "401 Unauthorized" };
                    let answer =
                        format!("HTTP/1.1 {status}\r\nserver-timing: db;dur=2.5\r\ncontent-length: 2\r\n\r\nok");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    request.clear();
                }
            });
        }
    });
    port
}

fn bench(folder: &Path, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bluecrab"));
    command.args(["bench", "scenario.toml", "--json", "results.json"]).current_dir(folder);
    command.env_remove("SSL_CERT_DIR").envs(environment.iter().copied()).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn measures_an_app_with_https_and_a_key() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let port = serve("s3cret", &certified).await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("ours.pem"), certified.cert.pem()).unwrap();
    fs::write(folder.join("other.pem"), other.cert.pem()).unwrap();
    let text = format!(
        r#"
rounds = 1
seconds = 0.1
warm_up = 0.05
apps = {{ cloud = "https://localhost:{port}/" }}
[[functions]]
name = "one"
baseline = true
headers = {{ x-functions-key = "$CLOUD_KEY" }}
[[functions]]
name = "two"
headers = {{ x-functions-key = "$CLOUD_KEY" }}
"#
    );
    fs::write(folder.join("scenario.toml"), text).unwrap();
    let fails = |environment: &[(&str, &str)], says: &str| {
        let output = bench(folder, environment);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && error.contains(says), "{error}");
    };
    fails(
        &[("SSL_CERT_FILE", "ours.pem")],
        "scenario.toml:6: the header `x-functions-key` takes its value from the environment variable CLOUD_KEY",
    );
    fails(
        &[("SSL_CERT_FILE", "ours.pem"), ("CLOUD_KEY", "wrong")],
        "one with no body fails: calling https://localhost",
    );
    fails(&[("SSL_CERT_FILE", "other.pem"), ("CLOUD_KEY", "s3cret")], "certificate");
    fails(&[("SSL_CERT_FILE", "none.pem"), ("CLOUD_KEY", "s3cret")], "https needs the certificates of this system");

    let output = bench(folder, &[("SSL_CERT_FILE", "ours.pem"), ("CLOUD_KEY", "s3cret")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json = fs::read_to_string(folder.join("results.json")).unwrap();
    assert!(!json.contains("s3cret"), "the key is in the results");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["functions"][0]["cold_starts"], serde_json::json!([]));
    assert_eq!(json["measurements"][0]["rounds"][0]["cpu_seconds"], serde_json::Value::Null);
    assert!(!json["measurements"][1]["rounds"][0]["latencies"].as_array().unwrap().is_empty());
    let stage = &json["measurements"][1]["stages"][0];
    assert!(stage["name"] == "db" && stage["durations"][0][0].as_u64().unwrap().abs_diff(2_500_000) < 5_000, "{stage}");
}
