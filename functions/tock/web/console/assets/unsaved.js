// Forms with data-unsaved: whoever leaves the page without saving what they typed is asked first. It is "true" for a form
// that was refused, whose content is not saved yet as it was shown.
"use strict";

function guardUnsaved(form) {
  const opened = content(form);
  let isSent = false;
  form.addEventListener("submit", (event) => {
    isSent = !event.defaultPrevented;
  });
  addEventListener("beforeunload", (event) => {
    if (!isSent && (form.dataset.unsaved === "true" || content(form) !== opened)) event.preventDefault();
  });
  // The browser's back button may show the page as it was left.
  addEventListener("pageshow", () => {
    isSent = false;
  });
}

function content(form) {
  return new URLSearchParams(new FormData(form)).toString();
}

for (const form of document.querySelectorAll("form[data-unsaved]")) guardUnsaved(form);
