//! What is answered under `--ui`, path by path.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::cli::simulate::proxy::ui::Ui;
use crate::cli::simulate::proxy::ui::sending;
use crate::envoy;
use crate::mesh::WorkloadId;
use crate::policy;
use crate::proxy::Glance;
use crate::proxy::admin::Answer;
use crate::proxy::admin::AnswerBody;
use crate::proxy::admin::Asked;
use crate::proxy::admin::Numbered;
use crate::render;
use crate::render::EffectiveView;

const JSON: &str = "application/json";
/// Version 0.0.4 of Prometheus' text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Decisions that `/decisions` tells at once.
const MOST_AT_ONCE: usize = 1000;
/// Decisions that a watcher is told at once, and how long it has to read them: what comes faster is counted, not told.
const MOST_PER_TURN: usize = 100;
const TURN: Duration = Duration::from_millis(100);
/// A silent stream says now and then that it is still there.
const SILENCE: Duration = Duration::from_secs(15);
const OTHERS: &str = "there is nothing of this name; there are `/`, `/ready`, `/stats/prometheus`, `/config_dump`, `/mesh`, `/decisions?since=N`, \
     `/decisions/N` and `/decisions/stream`";

/// The answer to one request.
pub(super) async fn answer(ui: Rc<Ui>, asked: Asked) -> Answer {
    if asked.acts {
        return match asked.path.as_str() {
            "/send" => sending::answer(&ui, &asked.body).await,
            _ => Answer::text(405, "this is only to be read"),
        };
    }
    match asked.path.as_str() {
        "/" => Answer::new(200, "text/html; charset=utf-8", include_str!("page/page.html")),
        "/page.css" => Answer::new(200, "text/css; charset=utf-8", include_str!("page/page.css")),
        "/page.js" => Answer::new(200, "text/javascript; charset=utf-8", include_str!("page/page.js")),
        "/ready" if ui.is_draining.get() => Answer::text(503, "DRAINING"),
        "/ready" => Answer::text(200, "LIVE"),
        "/stats/prometheus" => {
            let text = render::proxy_metrics(&ui.counters.counted(), ui.glances(), ui.started.elapsed(), ui.is_draining.get());
            Answer::new(200, METRICS, text)
        }
        "/config_dump" => written(|out| render::config_dump(out, ui.glances().iter().flat_map(listeners).collect())),
        "/mesh" => written(|out| render::proxy_mesh(out, ui.glances(), ui.signer.is_some())),
        "/decisions" => match number(&asked, "since") {
            Ok(since) => list(&ui, since.unwrap_or(0)),
            Err(answer) => answer,
        },
        "/decisions/stream" => match number(&asked, "since") {
            Ok(since) => {
                let seen_before = asked.headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
                stream(&ui, seen_before.or(since))
            }
            Err(answer) => answer,
        },
        path => {
            let whole = path.strip_prefix("/decisions/").map(|id| id.parse().ok().and_then(|id| whole(&ui, id)));
            let workload = path.strip_prefix("/mesh/").map(|name| workload(&ui, name));
            match whole.or(workload) {
                Some(Some(answer)) => answer,
                Some(None) => Answer::text(404, "it is not known, or no longer kept"),
                None => Answer::text(404, OTHERS),
            }
        }
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Answer {
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let _ = write(&mut out);
    Answer::new(200, JSON, out)
}

fn number(asked: &Asked, name: &str) -> Result<Option<u64>, Answer> {
    let number = asked.parameter(name).map(str::parse);
    number.transpose().map_err(|_| Answer::text(400, &format!("`{name}` is the number of a decision: a whole number from 0 on")))
}

fn listeners(glance: &Glance) -> Vec<Value> {
    let rules = glance.rules();
    let mesh = rules.enforcer.mesh();
    let translated = envoy::Translated::new(mesh, rules.enforcer.workload());
    let listeners = translated.ok().and_then(|translated| Some(envoy::listeners(&translated.input(mesh)?)));
    listeners.unwrap_or_default()
}

fn list(ui: &Ui, since: u64) -> Answer {
    let kept = ui.history.since(since, MOST_AT_ONCE);
    let entries: Vec<Vec<u8>> = kept.iter().map(|kept| render::decision_entry(kept.id, &kept.record)).collect();
    let missed = kept.first().map_or(0, |first| first.id - since - 1);
    let head = format!("{{\"last\":{},\"missed\":{missed},\"decisions\":[", ui.history.last());
    Answer::new(200, JSON, [head.as_bytes(), &entries.join(&b","[..]), b"]}\n"].concat())
}

/// A decision with all that is kept of it.
fn whole(ui: &Ui, id: u64) -> Option<Answer> {
    Some(Answer::new(200, JSON, render::decision_explained(id, &ui.history.whole(id)?, false)))
}

fn workload(ui: &Ui, name: &str) -> Option<Answer> {
    let rules = ui.glances().first()?.rules();
    let mesh = rules.enforcer.mesh();
    let id = mesh.workloads.iter().position(|workload| workload.display_name() == name)?;
    let effective = policy::effective(mesh, WorkloadId(id))?;
    let view = EffectiveView { mesh, sources: &rules.sources, effective: &effective };
    Some(written(|out| render::effective_json(out, &view)))
}

/// Server-sent events: a decision each, from the one after `since` or from the latest on; `missed` tells how many went by untold.
fn stream(ui: &Rc<Ui>, since: Option<u64>) -> Answer {
    let (parts, body) = mpsc::channel(1);
    let ui = Rc::clone(ui);
    let mut last = since.unwrap_or_else(|| ui.history.last().saturating_sub(MOST_PER_TURN as u64)).min(ui.history.last());
    spawn_local(async move {
        let _looking = ui.look();
        let mut changes = ui.history.changes();
        loop {
            let kept = ui.history.since(last, MOST_PER_TURN);
            if let (Some(first), Some(newest)) = (kept.first(), kept.last()) {
                let missed = first.id - last - 1;
                last = newest.id;
                ui.counters.missed(missed);
                if parts.send(events(missed, &kept)).await.is_err() {
                    return;
                }
                sleep(TURN).await;
            }
            tokio::select! {
                waited = changes.wait_for(|newest| *newest > last) => if waited.is_err() { return },
                () = sleep(SILENCE) => if parts.send(Bytes::from_static(b": nothing new\n\n")).await.is_err() { return },
                () = parts.closed() => return,
            }
        }
    });
    Answer { status: 200, content_type: "text/event-stream", body: AnswerBody::Stream(body) }
}

fn events(missed: u64, kept: &[Numbered]) -> Bytes {
    let mut out = Vec::new();
    if missed > 0 {
        out.extend_from_slice(format!("event: missed\ndata: {missed}\n\n").as_bytes());
    }
    for kept in kept {
        out.extend_from_slice(format!("id: {}\ndata: ", kept.id).as_bytes());
        // A line of JSON has no line end within.
        out.extend_from_slice(&render::decision_entry(kept.id, &kept.record));
        out.extend_from_slice(b"\n\n");
    }
    out.into()
}
