//! The application behind both proxies: a process of its own that answers HTTP/1.1 with a body it has at hand.

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

/// Makes this program the application.
pub(crate) const FLAG: &str = "--application";
/// What the end of a path asks for.
pub(crate) const LARGE: &str = "/1m";

/// Serves for ever.
pub(crate) fn serve(port: u16) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the application's port is free");
        let answers = [answer(1024), answer(1 << 20)].map(|answer| &*Box::leak(answer.into_boxed_slice()));
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, answers));
            }
        }
    });
}

fn answer(length: usize) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    bytes.resize(bytes.len() + length, b'x');
    bytes
}

async fn converse(mut stream: TcpStream, [small, large]: [&'static [u8]; 2]) {
    stream.set_nodelay(true).expect("a socket option");
    let mut buffer = vec![0; 64 * 1024];
    let mut filled = 0;
    loop {
        while let Some(end) = memchr::memmem::find(&buffer[..filled], b"\r\n\r\n").map(|at| at + 4) {
            let head = std::str::from_utf8(&buffer[..end]).expect("a head in ASCII");
            let wants_large = head.split(' ').nth(1).is_some_and(|path| path.ends_with(LARGE));
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            let mut body: usize = length.unwrap_or(0);
            let here = body.min(filled - end);
            body -= here;
            buffer.copy_within(end + here..filled, 0);
            filled -= end + here;
            while body > 0 {
                let most = body.min(buffer.len());
                let Ok(read @ 1..) = stream.read(&mut buffer[..most]).await else { return };
                body -= read;
            }
            if stream.write_all(if wants_large { large } else { small }).await.is_err() {
                return;
            }
        }
        let Ok(read @ 1..) = stream.read(&mut buffer[filled..]).await else { return };
        filled += read;
    }
}
