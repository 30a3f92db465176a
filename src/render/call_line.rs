//! One call of a caller on one line: time, caller, whom it asked for what, what went on the wire to whom, and what became of it.

use std::io;
use std::io::Write;

use crate::proxy::Call;
use crate::proxy::CallOutcome;
use crate::render::Style;
use crate::render::proxy_line::printable;

/// Writes one call.
///
/// # Errors
/// When the writer fails.
pub fn call_line(out: &mut dyn Write, call: &Call, style: Style) -> io::Result<()> {
    let time = call.at.strftime("%H:%M:%S%.3f").to_string();
    let what = call.request.as_deref().unwrap_or("connection");
    write!(out, "{} {} calls {}:{} {}", style.faint(&time), call.caller, printable(&call.host), call.port, printable(what))?;
    if let Some((workload, port)) = &call.to {
        write!(out, " {} to {workload}:{port}", call.client_tls)?;
    }
    match &call.outcome {
        CallOutcome::Answered(status) => writeln!(out, " {}", style.success(&format!("answered {status}"))),
        CallOutcome::Carried => writeln!(out, " {}", style.success("connected")),
        CallOutcome::Failed { status, why } => {
            let status = status.map(|status| format!(" {status}")).unwrap_or_default();
            writeln!(out, " {}{status} {}", style.error("failed"), printable(why))
        }
    }
}
