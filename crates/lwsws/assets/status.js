// Shows what status.ws sends each second. No library, no inline style, nothing from elsewhere.
"use strict";

const SAMPLES = 120;
const RETRY_MS = [1000, 2000, 5000, 10000];

const byId = (id) => document.getElementById(id);
const show = (id, text) => {
  byId(id).textContent = text;
};

const count = (n) => n.toLocaleString("en").replaceAll(",", "\u2009");

function bytes(n) {
  if (n === null) return "\u2013";
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const step = n < 1024 ? 0 : Math.min(Math.floor(Math.log2(n) / 10), units.length - 1);
  const scaled = n / 1024 ** step;
  return `${scaled.toFixed(step > 0 && scaled < 100 ? 1 : 0)} ${units[step]}`;
}

function micros(us) {
  return us < 1000 ? `${us} \u00b5s` : `${(us / 1000).toFixed(1)} ms`;
}

function age(s) {
  const [days, hours, minutes] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${Math.floor(s % 60)} s` : `${Math.floor(s)} s`;
}

/// The last two minutes of one number, as a line from its zero to its greatest value.
class Graph {
  constructor(id) {
    this.values = [];
    this.line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    byId(id).append(this.line);
  }

  add(value) {
    this.values.push(value);
    if (this.values.length > SAMPLES) this.values.shift();
    const most = Math.max(...this.values, 1e-9);
    const from = SAMPLES - this.values.length;
    const points = this.values.map((v, i) => `${from + i},${(31 - (30 * v) / most).toFixed(2)}`);
    this.line.setAttribute("points", points.join(" "));
  }
}

const graphs = {};
for (const id of ["connections", "request-rate", "rx-rate", "tx-rate", "latency", "rss"]) {
  graphs[id] = new Graph(`${id}-graph`);
}

function update(s) {
  show("version", s.version);
  show("uptime", age(s.uptime_s));
  show("connections", s.connections);
  show("requests", s.requests);
  const open = Object.entries(s.roles).filter(([, n]) => n > 0);
  const roles = open.map(([name, n]) => `${n} ${name}`);
  show("roles", roles.length > 0 ? roles.join(", ") : "none");
  show("request-rate", s.requests_per_s.toFixed(1));
  show("rx-rate", bytes(s.rx_bytes_per_s));
  show("tx-rate", bytes(s.tx_bytes_per_s));
  show("rx", bytes(s.rx_bytes));
  show("tx", bytes(s.tx_bytes));
  show("latency", micros(s.longest_turn_us));
  show("rss", bytes(s.rss_bytes));
  for (const name of ["accepted", "refused", "timeouts", "protocol_errors", "panics", "messages_in", "messages_out", "log_dropped"]) {
    show(name.replaceAll("_", "-"), count(s[name]));
  }
  graphs.connections.add(s.connections);
  graphs["request-rate"].add(s.requests_per_s);
  graphs["rx-rate"].add(s.rx_bytes_per_s);
  graphs["tx-rate"].add(s.tx_bytes_per_s);
  graphs.latency.add(s.longest_turn_us);
  graphs.rss.add(s.rss_bytes ?? 0);
}

function state(text, off) {
  show("state", text);
  byId("state").classList.toggle("off", off);
}

function connect(failures) {
  // A token in this page's address opens the socket, too.
  const url = new URL("status.ws" + location.search, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onmessage = (event) => {
    failures = 0;
    state("live", false);
    update(JSON.parse(event.data));
  };
  socket.onclose = () => {
    state("not connected, trying again", true);
    setTimeout(() => connect(failures + 1), RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
  };
}

byId("json").search = location.search;
byId("metrics").search = location.search;
connect(0);
