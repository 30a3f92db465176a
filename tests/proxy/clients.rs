//! Clients that others wrote, against a proxy.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use meshsec::pki::KeyType;

use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::SERVER;
use crate::mesh;
use crate::process::wait_until;
use crate::running::Running;

fn skipped(test: &str, lacks: &str) {
    std::io::stderr().write_all(format!("SKIPPED {test}: no {lacks}\n").as_bytes()).unwrap();
}

fn start(folder: &Path, port: &str, more: &str, arguments: &[&str]) -> Running {
    let deny = mesh::policy("deny", "DENY", &["{to: [{operation: {paths: [\"/admin\", \"/shop.Cart/Empty\"]}}]}".to_owned()]);
    fs::write(folder.join("mesh.yaml"), mesh::workload(&[(port, 8080)]) + &deny + more).unwrap();
    let first = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1"];
    Running::start(folder, 1, &[&first[..], arguments].concat())
}

/// A server in Python that says its port and ends with the test.
struct Server(Child);

impl Server {
    fn start(python: &str, folder: &Path, program: &str) -> (Self, String) {
        let port = folder.join("port");
        let mut command = Command::new(python);
        command.args(["-c", program]).arg(&port).stdin(Stdio::piped());
        let server = Self(command.spawn().unwrap());
        let read = || fs::read_to_string(&port).unwrap_or_default();
        wait_until("the server", || read().ends_with('\n'));
        (server, format!("127.0.0.1:{}", read().trim()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Python with a library, where it is installed.
fn python_with(library: &str) -> Option<String> {
    let python = std::env::var("MESHSEC_PYTHON").ok()?;
    let has = Command::new(&python).args(["-c", &format!("import {library}")]).stderr(Stdio::null()).status().ok()?.success();
    has.then_some(python)
}

fn run(python: &str, program: &str, argument: &str) -> String {
    let output = Command::new(python).args(["-c", program, argument]).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn h2load_gets_every_answer() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), "http", "", &["--echo"]);
    for (protocol, path, expected) in [
        ("h2c", "/open", "2000 2xx, 0 3xx, 0 4xx"),
        ("h2c", "/admin", "0 2xx, 0 3xx, 2000 4xx"),
        ("http/1.1", "/open", "2000 2xx"),
    ] {
        let url = format!("http://{}{path}", proxy.address(8080));
        let output = Command::new("h2load").args(["-n", "2000", "-c", "10", "-m", "20", "-p", protocol, &url]).output();
        let Ok(output) = output else { return skipped("h2load_gets_every_answer", "h2load") };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("2000 done") && said.contains("0 errored") && said.contains(expected), "{protocol} {path}: {said}");
    }
}

#[test]
fn openssl_speaks_to_a_strict_port_with_a_workloads_identity() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("mesh", KeyType::EcdsaP256);
    let certificates = folder.path().join("certs");
    fs::create_dir(&certificates).unwrap();
    let (server, client) = (authority.issue(SERVER), authority.issue(CLIENT));
    for (name, text) in [
        ("cert-chain.pem", &server.chain),
        ("key.pem", &server.key),
        ("root-cert.pem", &authority.bundle()),
        ("client.pem", &client.chain),
        ("client.key", &client.key),
    ] {
        fs::write(certificates.join(name), text).unwrap();
    }
    let proxy = start(folder.path(), "http", &mesh::mode("STRICT"), &["--echo", "--svid-dir", "certs"]);
    let address = proxy.address(8080).to_string();
    let common =
        ["s_client", "-connect", &address, "-CAfile", "certs/root-cert.pem", "-verify_return_error", "-ign_eof", "-quiet"];
    let mine = ["-cert", "certs/client.pem", "-cert_chain", "certs/client.pem", "-key", "certs/client.key"];
    let ask = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(common).args(arguments).current_dir(folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        // A refused handshake takes no request.
        let _ = child.stdin.take().unwrap().write_all(b"GET /a HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n");
        let output = child.wait_with_output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
    };
    let name = "openssl_speaks_to_a_strict_port_with_a_workloads_identity";
    let Some(said) = ask(&mine) else { return skipped(name, "openssl") };
    assert!(said.contains("HTTP/1.1 200 OK") && said.contains(CLIENT), "{said}");
    let said = ask(&["-tls1_3"]).unwrap();
    assert!(!said.contains("HTTP/1.1"), "without a certificate: {said}");
    wait_until("the line of the refused", || proxy.output().lines().count() == 2);
}

const WEBSOCKET_SERVER: &str = r"
import asyncio, sys, websockets
async def talk(socket):
    async for message in socket:
        await socket.send(message)
async def main():
    async with websockets.serve(talk, '127.0.0.1', 0) as server:
        open(sys.argv[1], 'w').write('%d\n' % server.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().create_future()
asyncio.run(main())
";
const WEBSOCKET_CLIENT: &str = r"
import asyncio, sys, websockets
async def main():
    async with websockets.connect('ws://%s/open' % sys.argv[1]) as socket:
        for message in ['hello', b'\x00\xff', 'x' * 200000]:
            await socket.send(message)
            print(await socket.recv() == message)
    try:
        await websockets.connect('ws://%s/admin' % sys.argv[1])
    except websockets.exceptions.InvalidStatus as refused:
        print(refused.response.status_code)
asyncio.run(main())
";

#[test]
fn websockets_of_python_talk_through() {
    let name = "websockets_of_python_talk_through";
    let Some(python) = python_with("websockets") else { return skipped(name, "websockets in MESHSEC_PYTHON") };
    let folder = tempfile::tempdir().unwrap();
    let (_server, upstream) = Server::start(&python, folder.path(), WEBSOCKET_SERVER);
    let proxy = start(folder.path(), "http", "", &["--upstream", &upstream]);
    assert_eq!(run(&python, WEBSOCKET_CLIENT, &proxy.address(8080).to_string()), "True\nTrue\nTrue\n403\n");
}

const GRPC_SERVER: &str = r"
import grpc, sys, time
from concurrent import futures
class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == '/shop.Cart/Add':
            return grpc.unary_unary_rpc_method_handler(lambda request, context: request * 2)
        if details.method == '/shop.Cart/Watch':
            return grpc.stream_stream_rpc_method_handler(lambda requests, context: (request for request in requests))
server = grpc.server(futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((Handler(),))
port = server.add_insecure_port('127.0.0.1:0')
server.start()
open(sys.argv[1], 'w').write('%d\n' % port)
server.wait_for_termination()
";
const GRPC_CLIENT: &str = r"
import grpc, sys
channel = grpc.insecure_channel(sys.argv[1])
print(channel.unary_unary('/shop.Cart/Add')(b'ab', timeout=10))
print(list(channel.stream_stream('/shop.Cart/Watch')(iter([b'1', b'2', b'x' * 100000]), timeout=10))[:2])
for method in ['Empty', 'Nothing']:
    try:
        channel.unary_unary('/shop.Cart/' + method)(b'', timeout=10)
    except grpc.RpcError as error:
        print(error.code().name, error.details())
";

#[test]
fn grpc_of_python_is_answered_in_its_own_words() {
    let name = "grpc_of_python_is_answered_in_its_own_words";
    let Some(python) = python_with("grpc") else { return skipped(name, "grpcio in MESHSEC_PYTHON") };
    let folder = tempfile::tempdir().unwrap();
    let (_server, upstream) = Server::start(&python, folder.path(), GRPC_SERVER);
    let proxy = start(folder.path(), "grpc", "", &["--upstream", &upstream]);
    let said = run(&python, GRPC_CLIENT, &proxy.address(8080).to_string());
    let expected = "b'abab'\n[b'1', b'2']\nPERMISSION_DENIED RBAC: access denied\nUNIMPLEMENTED Method not found!\n";
    assert_eq!(said, expected);
}
