// What every page of the console does with JavaScript. Without it all pages and forms still work.
"use strict";

// ---------------------------------------------------------------- the reader's time zone

// The server shows times in the zone that a cookie names. A browser without that cookie asks for its own zone, once: it
// may keep no cookies.
function chooseZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const reading = document.querySelector("form.reading");
  if (document.documentElement.dataset.zone === "known" || !zone || !reading || sessionStorage.getItem("zone")) return;
  sessionStorage.setItem("zone", zone);
  reading.elements.zone.value = zone;
  reading.submit();
}

// ---------------------------------------------------------------- time zones

// The names of the time zones are the same on each page, so they are loaded once, when somebody wants to choose one.
function watchZones() {
  document.addEventListener("focusin", async (event) => {
    if (!event.target.matches("input[list=zones]")) return;
    // A browser offers the names that contain what the field holds: what is selected is replaced by what somebody types.
    event.target.select();
    if (document.querySelector("#zones")) return;
    const list = document.createElement("datalist");
    list.id = "zones";
    document.body.append(list);
    const answer = await fetch("/time-zones", { headers: { Accept: "application/json" } });
    if (answer.ok) list.append(...(await answer.json()).map((name) => new Option(name.replaceAll("_", " "), name)));
  });
}

// ---------------------------------------------------------------- relative times

// How far the server's clock is ahead of this machine's, whose clock may be wrong, as that of a local stack is on purpose.
// Less than ten seconds may be how long the page took to come.
const CLOCK_AHEAD = clockAhead();

function clockAhead() {
  const ahead = Date.parse(document.documentElement.dataset.now) - Date.now();
  return Math.abs(ahead) < 10_000 ? 0 : ahead;
}

function serverTime() {
  return Date.now() + CLOCK_AHEAD;
}

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

function relative(instant, now) {
  const seconds = Math.round((instant - now) / 1000);
  if (seconds === 0) return "now";
  const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size);
  const amount = `${Math.floor(Math.abs(seconds) / size)} ${unit}`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

function keepTimesTrue() {
  const now = serverTime();
  for (const part of document.querySelectorAll("time [data-ago]")) {
    const text = relative(Date.parse(part.closest("time").dateTime), now);
    if (part.textContent !== text) part.textContent = text;
  }
}

// Until when something waits that is scheduled: <span data-due="2027-01-01T09:00:00Z">. It never says that its time is past.
function keepCountdownsTrue() {
  for (const part of document.querySelectorAll("[data-due]")) {
    const text = relative(Math.max(Date.parse(part.dataset.due), serverTime()), serverTime());
    if (part.textContent !== text) part.textContent = text;
  }
}

// A list of what is to come leaves out what has passed: <tr data-coming="2027-01-01T09:00:00Z">.
function leaveOutPassed() {
  for (const row of document.querySelectorAll("[data-coming]")) {
    row.hidden = Date.parse(row.dataset.coming) + 1000 <= serverTime();
  }
}

// How long something that goes on has taken, such as a run: <span data-running-since="2027-01-01T09:00:00Z">.
function durationText(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  const parts = UNITS.map(([size, unit], place) => {
    const amount = Math.floor((place ? seconds % UNITS[place - 1][0] : seconds) / size);
    return amount ? `${amount} ${unit}` : "";
  });
  return parts.filter(Boolean).slice(0, 2).join(" ");
}

function keepDurationsTrue() {
  for (const part of document.querySelectorAll("[data-running-since]")) {
    const text = durationText((serverTime() - Date.parse(part.dataset.runningSince)) / 1000);
    if (part.textContent !== text) part.textContent = text;
  }
}

// ---------------------------------------------------------------- live parts

// A part that reads itself again leaves open what somebody opened.
function keepOpen() {
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !(name === "open" && element.matches("details"));
}

// ---------------------------------------------------------------- switches

// However fast somebody switches, requests are sent one after another, and the last one says what was chosen last.
function watchSwitches() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.switch");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const chosen = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-checked", String(chosen));
    form.dataset.chosen = String(chosen);
    if (form.dataset.busy !== "true") sendSwitch(form, button);
  });
}

async function sendSwitch(form, button) {
  form.dataset.busy = "true";
  let sent = null;
  try {
    while (form.dataset.chosen !== sent) {
      const before = sent;
      sent = form.dataset.chosen;
      const answer = await fetch(sent === "true" ? form.dataset.enable : form.dataset.disable, {
        method: "POST",
        headers: { "HX-Request": "true", "X-Form-Token": form.elements.form_token.value },
      });
      if (answer.ok) continue;
      form.dataset.chosen = sent = before ?? String(sent !== "true");
      button.setAttribute("aria-checked", sent);
      showMessage(await answer.text());
    }
  } catch {
    button.setAttribute("aria-checked", String(sent !== "true"));
    showMessage("<p class='message bad' role='alert'>Tock does not answer: nothing was changed.</p>");
  } finally {
    form.dataset.busy = "false";
    form.dispatchEvent(new CustomEvent("tock:switched", { bubbles: true }));
  }
}

function showMessage(html) {
  document.querySelector("#messages").innerHTML = html;
}

// ---------------------------------------------------------------- dialogs

// A link with data-dialog opens the form of its page in a dialog, fetched anew each time.
function watchDialogs() {
  const dialog = document.querySelector("#dialog");
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const answer = await fetch(link.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const content = page.querySelector("[data-dialog-content]");
      if (!content) return location.assign(link.href);
      dialog.replaceChildren(document.adoptNode(content));
      htmx.process(dialog);
      dialog.dispatchEvent(new CustomEvent("tock:opened"));
      dialog.showModal();
    }
    if (event.target.closest("[data-close]") && event.target.closest("dialog")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("close", () => dialog.replaceChildren());
}

// ---------------------------------------------------------------- forms

// A form that is being sent is not sent again, and its button says that it works.
function guardForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("form.switch, form.reading, form[method=get]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "true";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // The browser's back button may show the page as it was left.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
  });
}

chooseZone();
watchZones();
watchSwitches();
watchDialogs();
guardForms();
keepOpen();
keepTimesTrue();
keepCountdownsTrue();
leaveOutPassed();
setInterval(keepTimesTrue, 1000);
setInterval(keepCountdownsTrue, 1000);
setInterval(keepDurationsTrue, 1000);
setInterval(leaveOutPassed, 1000);
