// npm's ws at either end. `FOLDER` is where it is installed, `OPTIONS` what its option perMessageDeflate is, as JSON.
//
//   peer_npm.mjs FOLDER client OPTIONS CORPUS URL    says what is in CORPUS, whole and in pieces; all must come back
//   peer_npm.mjs FOLDER server OPTIONS               echoes, large messages in pieces; writes its port first
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [folder, role, optionsText, corpus, url] = process.argv.slice(2);
const { WebSocket, WebSocketServer } = createRequire(join(folder, "x.js"))("ws");
const perMessageDeflate = JSON.parse(optionsText);
const LARGE = 1000;

/** Sends one message, in three pieces if it is large. */
function inPieces(socket, data, binary) {
  if (data.length < LARGE) return socket.send(data, { binary });
  const third = Math.floor(data.length / 3);
  socket.send(data.subarray(0, third), { binary, fin: false });
  socket.send(data.subarray(third, 2 * third), { binary, fin: false });
  socket.send(data.subarray(2 * third), { binary, fin: true });
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

if (role === "server") {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
  server.on("listening", () => console.log(server.address().port));
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => inPieces(socket, data, binary));
    socket.on("error", (error) => fail(error.message));
  });
} else {
  const messages = readdirSync(corpus).sort().map((name) => [readFileSync(join(corpus, name)), name.endsWith(".bin")]);
  const socket = new WebSocket(url, { perMessageDeflate });
  // Each message whole, then in pieces.
  let at = 0;
  const next = () => {
    if (at === 2 * messages.length) return socket.close(1000);
    const [data, binary] = messages[at >> 1];
    if (at % 2 === 0) socket.send(data, { binary });
    else inPieces(socket, data, binary);
  };
  socket.on("open", next);
  socket.on("message", (data, binary) => {
    const [wanted, wasBinary] = messages[at >> 1];
    if (binary !== wasBinary || !wanted.equals(data)) fail(`message ${at >> 1} came back changed`);
    at += 1;
    next();
  });
  socket.on("error", (error) => fail(error.message));
  socket.on("close", (code) => (code === 1000 && at === 2 * messages.length ? process.exit(0) : fail(`closed: ${code} after ${at}`)));
}
