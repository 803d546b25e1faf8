// What the list of runs does with JavaScript: it folds its filters on a narrow screen, lets people choose many rows, and
// stands still while somebody chooses.
"use strict";

function boxes() {
  return [...document.querySelectorAll("input[name=run][form=bulk]")];
}

function chosen() {
  return boxes().filter((box) => box.checked);
}

function showChosen() {
  const form = document.querySelector("#bulk");
  const all = document.querySelector("[data-choose-all]");
  if (!form || !all) return;
  const count = chosen().length;
  const takesAll = form.elements.all.checked;
  const text = takesAll ? "All that match are chosen." : `${count} chosen.`;
  const told = form.querySelector("[data-chosen]");
  told.textContent = count || takesAll ? text : "Choose runs below, or all.";
  for (const button of form.querySelectorAll("button")) button.disabled = !count && !takesAll;
  all.hidden = false;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
}

// On a narrow screen the filters would fill it, so they are folded until somebody wants them.
function foldFilters() {
  const box = document.querySelector(".filter-box");
  const isNarrow = matchMedia("(max-width: 760px)");
  const fold = () => (box.open = !isNarrow.matches || box.dataset.narrowed === "yes");
  isNarrow.addEventListener("change", fold);
  fold();
}

function watchChoice() {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    showChosen();
  });
  // Rows that move under the pointer would be chosen by mistake, so the list stands still meanwhile.
  const isChoosing = () => chosen().length > 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "live" && isChoosing()) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "live" && isChoosing()) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", showChosen);
  addEventListener("pageshow", showChosen);
}

foldFilters();
watchChoice();
