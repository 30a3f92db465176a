//! Memory while connections are open and idle.

use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::Resource;
use nix::sys::resource::getrlimit;
use nix::sys::resource::setrlimit;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use crate::Bench;
use crate::policies;
use crate::policies::PATH;
use crate::process::is_there;
use crate::sides;
use crate::sides::Application;
use crate::sides::Side;
use crate::table;

/// What the row is called.
pub(crate) fn name(tls: bool) -> String {
    format!("idle connections, {}", if tls { "mTLS" } else { "plaintext" })
}

/// Opens connections, makes one request on each, and tells what stays resident.
pub(crate) fn measure(bench: &Bench, tls: bool, wanted: usize) {
    let Some(envoy) = bench.envoy.as_ref().filter(|_| is_there("taskset")) else {
        return table::skipped(&name(tls), "ENVOY_BIN does not name an Envoy, or taskset is not installed");
    };
    let Some(count) = room_for(wanted) else {
        return table::skipped(&name(tls), "the limit of open files cannot be read");
    };
    let application = Application::start(&bench.folder);
    let manifests = policies::manifests(application.port, 1, None);
    sides::write(&bench.folder, &manifests);
    let mut first = format!("{} {}", count, name(tls));
    for side in [Side::Envoy, Side::Proxy] {
        let running = side.start(envoy, &bench.folder, &manifests, application.port);
        let configuration = tls.then(client);
        let before = running.process.megabytes();
        let open: Vec<Box<dyn Read>> = (0..count).map(|_| connect(running.address, configuration.as_ref())).collect();
        std::thread::sleep(Duration::from_secs(1));
        let after = running.process.megabytes();
        println!(
            "{first:<58} {:<14} {after:.1} MB resident, {before:.1} MB before; {:.1} KB for each",
            side.name(),
            (after - before) * 1024.0 / open.len().max(1) as f64
        );
        first.clear();
    }
}

/// As many connections as files may be open, some left for other things.
fn room_for(wanted: usize) -> Option<usize> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    // What started here may open as many.
    setrlimit(Resource::RLIMIT_NOFILE, most, most).ok()?;
    Some(wanted.min(usize::try_from(most).ok()?.saturating_sub(500)))
}

fn client() -> Arc<ClientConfig> {
    let sides::Identities { authority, caller } = sides::identities();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.bundle().as_bytes()).expect("a certificate")).expect("a root");
    let chain = CertificateDer::pem_slice_iter(caller.chain.as_bytes()).map(|read| read.expect("a certificate")).collect();
    let key = PrivateKeyDer::from_pem_slice(caller.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut configuration = builder.with_root_certificates(roots).with_client_auth_cert(chain, key).expect("a key that fits");
    configuration.alpn_protocols = vec![b"istio-http/1.1".to_vec(), b"http/1.1".to_vec()];
    configuration.resumption = rustls::client::Resumption::disabled();
    Arc::new(configuration)
}

/// Opens a connection that had its request.
fn connect(address: SocketAddr, configuration: Option<&Arc<ClientConfig>>) -> Box<dyn Read> {
    let stream = TcpStream::connect(address).expect("the proxy accepts");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket option");
    match configuration {
        None => {
            let mut stream = stream;
            ask(&mut stream);
            Box::new(stream)
        }
        Some(configuration) => {
            let name = "server.shop.svc".try_into().expect("a name");
            let session = ClientConnection::new(Arc::clone(configuration), name).expect("a session");
            let mut stream = StreamOwned::new(session, stream);
            ask(&mut stream);
            Box::new(stream)
        }
    }
}

fn ask(stream: &mut (impl Read + Write)) {
    write!(stream, "GET {PATH}/1k HTTP/1.1\r\nhost: web.shop\r\n\r\n").expect("the proxy reads");
    let mut bytes = [0; 8 * 1024];
    let mut filled = 0;
    loop {
        let read = stream.read(&mut bytes[filled..]).expect("the proxy answers");
        assert!(read > 0, "the proxy keeps the connection");
        filled += read;
        if let Some(end) = memchr::memmem::find(&bytes[..filled], b"\r\n\r\n")
            && filled >= end + 4 + 1024
        {
            assert!(bytes.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&bytes[..filled]));
            return;
        }
    }
}
