//! Connections: taken, counted, and ended when the proxy ends.

use std::cell::Cell;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::task::JoinSet;
use tokio::task::spawn_local;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::timeout_at;

/// The process has no file descriptor left, as Linux and macOS number it.
const EMFILE: i32 = 24;
/// The system has none left.
const ENFILE: i32 = 23;

/// How many connections are open.
#[derive(Debug, Clone, Default)]
pub(super) struct Count(Rc<Cell<usize>>);

/// One of them, as long as it lives.
struct Counted(Count);

impl Count {
    pub(super) fn get(&self) -> usize {
        self.0.get()
    }

    fn one_more(&self) -> Counted {
        self.0.set(self.0.get() + 1);
        Counted(self.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.set(self.0.0.get().saturating_sub(1));
    }
}

/// Who takes connections on a listener.
pub(super) trait Takes: 'static {
    /// How many may be open, and are.
    fn most(&self) -> usize;

    /// Counts them.
    fn count(&self) -> &Count;

    /// Tells something in words.
    fn notice(&self, text: String) -> impl Future<Output = ()>;

    /// Serves one to its end.
    fn serve(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + 'static;
}

/// Listeners and the connections taken on them.
#[derive(Debug)]
pub(super) struct Acceptor {
    listeners: Vec<AbortHandle>,
    tasks: Rc<RefCell<JoinSet<()>>>,
    drain: watch::Sender<bool>,
}

impl Acceptor {
    /// None yet. `drain` tells connections to end.
    pub(super) fn new(drain: watch::Sender<bool>) -> Self {
        Self { listeners: Vec::new(), tasks: Rc::default(), drain }
    }

    /// Takes connections on one more listener.
    pub(super) fn listen(&mut self, listener: TcpListener, taker: impl Takes) {
        self.listeners.push(spawn_local(accept(listener, taker, Rc::clone(&self.tasks))).abort_handle());
    }

    /// Takes no more connections, lets what is under way end, and after this time ends what is left. Returns how many that were.
    pub(super) async fn drain(self, patience: Duration) -> usize {
        for listener in &self.listeners {
            listener.abort();
        }
        // Nobody listens only when no connection is open.
        let _ = self.drain.send(true);
        let deadline = Instant::now() + patience;
        let mut tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        while let Ok(Some(_)) = timeout_at(deadline, tasks.join_next()).await {}
        let left = tasks.len();
        tasks.shutdown().await;
        left
    }
}

async fn accept(listener: TcpListener, taker: impl Takes, tasks: Rc<RefCell<JoinSet<()>>>) {
    // What goes on failing is told once.
    let (mut is_failing, mut is_full) = (false, false);
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_failing {
                    taker.notice(format!("no connection can be taken: {error}; {}", what_to_do(&error))).await;
                }
                is_failing = true;
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        is_failing = false;
        let most = taker.most();
        if taker.count().get() >= most {
            drop(stream);
            if !is_full {
                let text = format!("{peer}: closed, there are {most} connections already; allow more with `--max-connections`");
                taker.notice(text).await;
            }
            is_full = true;
            continue;
        }
        is_full = false;
        let counted = taker.count().one_more();
        let mut tasks = tasks.borrow_mut();
        while tasks.try_join_next().is_some() {}
        let serving = taker.serve(stream, peer);
        tasks.spawn_local(async move {
            Box::pin(serving).await;
            drop(counted);
        });
    }
}

/// What helps against a connection that could not be taken.
fn what_to_do(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(EMFILE | ENFILE) => "allow more files with `ulimit -n`, or fewer connections with `--max-connections`",
        Some(_) | None => "it is tried again",
    }
}
