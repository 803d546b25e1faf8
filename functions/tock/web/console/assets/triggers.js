// What the pages of triggers do with JavaScript.
"use strict";

// A switch that is being moved keeps what was chosen: an answer that was asked for before would show the old state.
// Each change ends with an event that has the page read itself anew.
function keepSwitches() {
  let choices = 0;
  const askedAt = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.target.closest("form.switch")) choices += 1;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "live") return;
    if (document.querySelector("form.switch[data-busy=true]")) event.preventDefault();
    askedAt.set(event.detail.xhr, choices);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "live" && askedAt.get(event.detail.xhr) !== choices) event.detail.shouldSwap = false;
  });
}

keepSwitches();
