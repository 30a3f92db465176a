"use strict";
// What callers and manifests say is only ever put into text nodes.

const MOST_ROWS = 500;
const by = (id) => document.getElementById(id);
const verdictClass = { allowed: "good", undetermined: "unsure" };
let seen = 0, missed = 0, ofLate = [], connected = false, paused = false, held = [];

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function row(cells) {
  const line = make("tr");
  for (const cell of cells) {
    const td = make("td");
    td.append(cell instanceof Node ? cell : String(cell ?? ""));
    line.append(td);
  }
  return line;
}

function place(from) {
  return from ? `${from.object ?? ""} ${from.place ?? ""}`.trim() : "the default";
}

async function fetched(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

// The mesh

function workload(own) {
  const details = make("details");
  const ports = own.ports.map((port) => `:${port.port} ${port.mode}`).join(", ");
  details.append(make("summary", `${own.name}   ${own.proxy === "none" ? "no proxy" : own.proxy}   ${ports}`));
  details.addEventListener("toggle", () => details.open && showWorkload(details, own), { once: true });
  return details;
}

async function showWorkload(details, own) {
  const list = make("ul");
  const add = (text, where) => {
    const item = make("li", text + " ");
    if (where) item.append(make("span", `${where.file}:${where.line}:${where.column}`, "place"));
    list.append(item);
  };
  add(`runs as ${own.principal}`);
  try {
    const told = await fetched("/mesh/" + own.name.split("/").map(encodeURIComponent).join("/"));
    for (const port of told.mutualTls.ports) {
      const from = port.from ? `${port.from.kind} ${port.from.namespace}/${port.from.name}` : "the default";
      add(`port ${port.port} ${port.protocol}: ${port.mode}, by ${from}`, port.from);
    }
    for (const token of told.tokens) add(`tokens of ${token.issuer}: RequestAuthentication ${token.from.namespace}/${token.from.name}`, token.from);
    for (const policy of told.authorization.policies) {
      const remark = policy.dryRun ? ", dry-run" : "";
      add(`${policy.action} AuthorizationPolicy ${policy.from.namespace}/${policy.from.name} (${policy.why}${remark})`, policy.from);
    }
    add(`what no policy names: ${told.authorization.otherwise}`);
  } catch (error) {
    add(`cannot be told: ${error.message}`);
  }
  details.append(list);
}

async function showMesh() {
  const mesh = await fetched("/mesh");
  by("served").replaceChildren(...mesh.served.flatMap((served) =>
    served.ports.map((port) => row([served.workload, port.port, port.address, port.mode, place(port.modeFrom)]))));
  by("workloads").replaceChildren(...(mesh.workloads ?? []).map(workload));
  const nobody = new Option("nobody (plaintext)", "");
  const callers = (mesh.workloads ?? []).map((own) => new Option(own.proxy === "sidecar" ? own.name : `${own.name} (no sidecar: plaintext)`, own.name));
  by("from").replaceChildren(nobody, ...callers);
  by("to").replaceChildren(...mesh.served.flatMap((served) => served.ports
    .filter((port) => port.protocol !== "tcp")
    .map((port) => {
      const option = new Option(`${served.workload} :${port.port}`);
      Object.assign(option.dataset, { to: served.workload, port: port.port, host: port.host ?? "" });
      return option;
    })));
  chosen();
}

function chosen() {
  by("host").value = by("to").selectedOptions[0]?.dataset.host ?? "";
}

// Decisions

function decisionRow(told) {
  const decision = told.decision;
  const what = told.request ? `${told.request.method} ${told.request.path}` : "connection";
  const why = make("button", what);
  why.type = "button";
  why.addEventListener("click", () => explain(told.id));
  const status = decision.verdict !== "allowed" && decision.httpStatus ? ` ${decision.httpStatus}` : "";
  const verdict = make("span", decision.verdict + status, verdictClass[decision.verdict] ?? "bad");
  const decided = decision.decidedBy;
  const rule = decided?.rule === undefined ? "" : ` rule ${decided.rule}`;
  const from = decided ? make("span", `${decided.namespace}/${decided.name}${rule} `) : make("span", decision.verdict === "allowed" ? "no rule" : decision.message);
  if (decided) from.append(make("span", `${decided.file}:${decided.line}:${decided.column}`, "place"));
  const caller = decision.connection.sourcePrincipal ?? told.connection.source;
  const line = row([told.time.slice(11, 23), `${caller} → ${told.connection.workload}:${told.connection.port}`, why, verdict, from]);
  line.dataset.id = told.id;
  return line;
}

function matches(line) {
  const text = line.textContent.toLowerCase();
  return by("filter").value.toLowerCase().split(/\s+/).filter(Boolean)
    .every((word) => word.length > 1 && word[0] === "-" ? !text.includes(word.slice(1)) : text.includes(word));
}

function show(told) {
  const rows = by("decisions");
  const line = decisionRow(told);
  line.hidden = !matches(line);
  rows.prepend(line);
  while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1);
}

function filter() {
  for (const line of by("decisions").rows) line.hidden = !matches(line);
  tell();
}

function tell() {
  const now = Date.now();
  ofLate = ofLate.filter((time) => time > now - 5000);
  const rate = (ofLate.length / 5).toFixed(1);
  const lost = missed ? `, ${missed} went by unseen` : "";
  by("state").textContent = `${connected ? "connected" : "not connected"}: ${seen} decisions, ${rate}/s${lost}`;
  const rows = [...by("decisions").rows];
  const waiting = held.length ? `, ${held.length} wait` : "";
  by("shown").textContent = `${rows.filter((line) => !line.hidden).length} of ${rows.length} shown${waiting}`;
}

function pause() {
  paused = !paused;
  by("pause").setAttribute("aria-pressed", String(paused));
  by("pause").textContent = paused ? "Go on" : "Pause";
  if (!paused) held.splice(0).forEach(show);
  tell();
}

async function explain(id) {
  const why = by("why");
  try {
    const told = await fetched(`/decisions/${id}`);
    why.textContent = told.explanation + (told.decision.trace ? "" : "\nWhat was looked at is kept only while a page like this one is open, of the last hundred decisions.");
  } catch (error) {
    why.textContent = error.message;
  }
  by("why-hint").hidden = true;
  why.hidden = false;
  why.focus();
}

function listen() {
  const events = new EventSource("/decisions/stream");
  events.onopen = () => { connected = true; tell(); };
  events.onerror = () => { connected = false; tell(); };
  events.onmessage = (event) => {
    const told = JSON.parse(event.data);
    seen += 1;
    ofLate.push(Date.now());
    if (!paused) show(told);
    else if (held.push(told) > MOST_ROWS) held.shift();
  };
  events.addEventListener("missed", (event) => { missed += Number(event.data); });
}

// Sending

async function send(event) {
  event.preventDefault();
  const to = by("to").selectedOptions[0]?.dataset;
  if (!to) return;
  const headers = by("headers").value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const colon = line.indexOf(":", 1);
    return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const wish = {
    from: by("from").value, to: to.to, port: Number(to.port), method: by("method").value.trim(), path: by("path").value,
    host: by("host").value.trim(), headers, token: by("token").value.trim(), body: by("body").value,
  };
  by("sent").textContent = "sending";
  const answer = await fetch("/send", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wish) });
  if (!answer.ok) {
    by("sent").textContent = (await answer.text()).trim();
    by("answer").hidden = true;
    return;
  }
  const told = await answer.json();
  const verdict = told.decision ? `${told.decision.decision.verdict}: ` : "";
  by("sent").textContent = `${verdict}${told.failed ?? told.answer.status} (${told.sentAs})`;
  const lines = told.answer ? [`HTTP ${told.answer.status}`, ...told.answer.headers.map(([name, value]) => `${name}: ${value}`), "", told.answer.body] : [told.failed];
  if (told.answer?.isCut) lines.push("", "(the rest is not shown)");
  if (told.decision) lines.push("", "decision", told.decision.explanation);
  by("answer").textContent = lines.join("\n");
  by("answer").hidden = false;
}

by("filter").addEventListener("input", filter);
by("pause").addEventListener("click", pause);
by("to").addEventListener("change", chosen);
by("send").addEventListener("submit", (event) => send(event).catch((error) => { by("sent").textContent = error.message; }));
setInterval(tell, 1000);
showMesh().then(listen, (error) => { by("state").textContent = error.message; });
