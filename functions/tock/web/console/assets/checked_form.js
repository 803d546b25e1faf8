// Forms with data-check: what somebody types is checked as they type, and can be sent once the server would take it.
"use strict";

// How long somebody pauses before the server is asked, in milliseconds.
const PAUSE = 250;
const checks = new WeakMap();

function watchCheckedForms() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-check]");
    if (form) checkSoon(form);
  });
  document.querySelector("#dialog").addEventListener("tock:opened", beginChecks);
  beginChecks();
}

// A form that was just refused keeps its messages until somebody types: a check knows less than the refusal. What is to
// be filled in first is not yet wrong: data-check-from="input".
function beginChecks() {
  for (const form of document.querySelectorAll("form[data-check]:not([data-check-from=input])")) {
    if (!checks.has(form) && !form.querySelector("[data-others] > *, [data-wrong]:not([hidden])")) checkSoon(form);
  }
}

function checkSoon(form) {
  const check = checks.get(form) ?? { number: 0, timer: 0, said: true };
  checks.set(form, check);
  clearTimeout(check.timer);
  check.number += 1;
  const here = problemsHere(form);
  if (Object.keys(here).length || !form.checkValidity()) return show(form, here, [], false);
  check.timer = setTimeout(() => askServer(form, check, check.number), PAUSE);
}

// What the browser knows to be wrong without the server: text that should be JSON and is none.
function problemsHere(form) {
  const found = {};
  for (const field of form.querySelectorAll("[data-json]")) {
    if (!field.value.trim()) continue;
    try {
      JSON.parse(field.value);
    } catch (error) {
      found[field.name] = `is not JSON: ${error.message}`;
    }
  }
  return found;
}

// Answers may come in another order than questions were asked: only that to the last one counts.
async function askServer(form, check, number) {
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (check.number !== number) return;
    // Whatever else may be wrong, the form itself is then answered with a sentence.
    if (!answer.ok) return show(form, {}, [], true);
    const { fields, others } = await answer.json();
    show(form, fields, others, !Object.keys(fields).length && !others.length);
  } catch {
    if (check.number === number) show(form, {}, [], true);
  }
}

function show(form, fields, others, isValid) {
  for (const place of form.querySelectorAll("[data-wrong]")) {
    const message = fields[place.dataset.wrong] ?? "";
    const field = form.elements.namedItem(place.dataset.wrong);
    if (place.textContent !== message) place.textContent = message;
    place.hidden = !message;
    if (message) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
  const above = form.querySelector("[data-others]");
  above?.replaceChildren(
    ...others.map((message) => {
      const line = document.createElement("p");
      line.className = "message bad";
      line.setAttribute("role", "alert");
      line.textContent = message;
      return line;
    }),
  );
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = !isValid;
}

watchCheckedForms();
