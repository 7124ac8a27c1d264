// Replaces the live part of the page with each event of the server, and keeps focus and scrolling.
"use strict";
for (const live of document.querySelectorAll("[data-live]")) {
  const status = document.querySelector(".live");
  const say = (text) => { if (status && status.textContent !== text) status.textContent = text; };
  let events;

  const replace = (html) => {
    const focused = document.activeElement && live.contains(document.activeElement)
      ? document.activeElement.id : "";
    const scrolled = [...live.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    live.innerHTML = html;
    live.querySelectorAll(".scroll").forEach((box, at) => { box.scrollLeft = scrolled[at] || 0; });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };

  const open = () => {
    events = new EventSource(live.dataset.live);
    events.onopen = () => say("this page updates by itself");
    events.onerror = () => say(events.readyState === EventSource.CLOSED
      ? "updates have ended: reload the page" : "connection lost, trying again");
    events.onmessage = (event) => replace(JSON.parse(event.data));
  };

  // A browser opens at most six connections to one server, so only a visible page keeps a connection.
  const follow = () => {
    events?.close();
    if (document.visibilityState === "visible") open();
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}
