// What becomes of the message at the top: it goes once the page shows another state, or when somebody closes it.
"use strict";

// So long a message can be read in any case, in milliseconds.
const READABLE = 6000;

let shownAt = Date.now();

function messages() {
  return document.querySelector("#messages");
}

// Who listens to the page still finds the text where it stood; only who looks at it does not.
function putAway() {
  const place = messages();
  if (place.matches(":hover, :focus-within")) return setTimeout(putAway, 1000);
  place.classList.add("put-away");
  return null;
}

function putAwaySoon() {
  setTimeout(putAway, Math.max(shownAt + READABLE - Date.now(), 0));
}

// A message that replaces another one is a new one.
function watchMessages() {
  new MutationObserver(() => {
    shownAt = Date.now();
    messages().classList.remove("put-away");
    addClosing();
  }).observe(messages(), { childList: true });
  addClosing();
}

function addClosing() {
  const message = messages().querySelector(".message");
  if (!message || message.querySelector("button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "close";
  button.setAttribute("aria-label", "Close this message");
  button.addEventListener("click", () => messages().replaceChildren());
  message.append(button);
}

// A part that reads itself again says in data-state what it shows: run by run, for example, its status.
function watchStates() {
  let before = stateOf(document.querySelector("#live"));
  document.addEventListener("htmx:responseError", () => (messages().dataset.from = "refresh"));
  document.addEventListener("htmx:afterSettle", (event) => {
    const state = stateOf(document.querySelector("#live"));
    // Whatever a failed look at the server said is over once another one succeeds.
    const isAnswered = messages().dataset.from === "refresh" && event.target.id === "live";
    if (isAnswered) delete messages().dataset.from;
    if (isAnswered || state !== before) putAwaySoon();
    before = state;
  });
  // The browser's back button may show the page with the message that it had then.
  addEventListener("pageshow", (event) => event.persisted && putAway());
}

function stateOf(live) {
  return live?.dataset.state;
}

watchMessages();
watchStates();
