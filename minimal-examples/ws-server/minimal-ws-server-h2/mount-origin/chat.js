"use strict";

const url = new URL("/", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const state = document.getElementById("state");
const input = document.getElementById("input");
const log = document.getElementById("log");
const socket = new WebSocket(url, "lws-minimal");

socket.onopen = () => { state.textContent = "connected"; };
socket.onclose = (event) => { state.textContent = `closed (${event.code})`; };
socket.onmessage = (event) => {
  const line = document.createElement("li");
  line.textContent = event.data;
  log.prepend(line);
};

document.getElementById("hop").textContent =
  performance.getEntriesByType("navigation")[0].nextHopProtocol;

document.getElementById("form").onsubmit = (event) => {
  event.preventDefault();
  if (input.value && socket.readyState === WebSocket.OPEN) {
    socket.send(input.value);
    input.value = "";
  }
};
