// What the editor of triggers does with JavaScript. Without it, links choose presets and a button shows the preview.
"use strict";

const editor = document.querySelector("#editor");

// ---------------------------------------------------------------- presets

// A preset fills the builder in place, so that nothing that was typed elsewhere is lost.
function watchPresets() {
  editor.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-preset]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const [name, values] of Object.entries(JSON.parse(link.dataset.preset))) {
      for (const control of editor.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (["radio", "checkbox"].includes(control.type)) control.checked = values.includes(control.value);
        else control.value = values[0];
      }
    }
    editor.dispatchEvent(new CustomEvent("tock:preset"));
  });
}

// ---------------------------------------------------------------- errors

// An error that the preview brought marks the control that it stands beside.
function markErrors() {
  for (const error of editor.querySelectorAll(".wrong[id$='-wrong']")) {
    const control = document.getElementById(error.id.slice(0, -"-wrong".length));
    if (!control) continue;
    if (error.textContent.trim()) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

// ---------------------------------------------------------------- the browser's time zone

// The zone of this browser is a proposal for the schedule: a button fills it in while another one stands there.
function offerOwnZone() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const button = editor.querySelector("button[data-fill]");
  const field = document.getElementById(button.dataset.fill);
  const show = () => {
    button.parentElement.hidden = !own || field.value.trim() === own;
  };
  button.textContent = `Use ${own}, this browser's zone`;
  button.addEventListener("click", () => {
    field.value = own;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  editor.addEventListener("input", show);
  show();
}

watchPresets();
offerOwnZone();
document.addEventListener("htmx:afterSettle", markErrors);
editor.querySelector("button.preview").hidden = true;
