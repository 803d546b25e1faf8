// The timeline: the arrow keys go from mark to mark, and what happens now grows. Without it the picture stands still.
"use strict";

// ---------------------------------------------------------------- keys

// Of each row one mark can be reached with Tab; Left and Right go along the row, Up and Down to the nearest of another one.
function watchKeys() {
  document.addEventListener("keydown", (event) => {
    const mark = event.target.closest?.(".timeline a.mark");
    const next = mark && nextMark(mark, event.key);
    if (!next) return;
    event.preventDefault();
    for (const each of marksOf(next.closest(".row"))) each.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}

function nextMark(mark, key) {
  const row = mark.closest(".row");
  const marks = marksOf(row);
  const place = marks.indexOf(mark);
  switch (key) {
    case "ArrowLeft": return marks[place - 1];
    case "ArrowRight": return marks[place + 1];
    case "Home": return marks[0];
    case "End": return marks.at(-1);
    case "ArrowUp": return nearest(rowBeside(row, -1), mark);
    case "ArrowDown": return nearest(rowBeside(row, 1), mark);
    default: return null;
  }
}

function marksOf(row) {
  return [...row.querySelectorAll("a.mark")];
}

function rowBeside(row, step) {
  const rows = [...row.parentNode.querySelectorAll(".row")].filter((each) => marksOf(each).length > 0);
  return rows[rows.indexOf(row) + step];
}

function nearest(row, mark) {
  if (!row) return null;
  const x = mark.getBoundingClientRect().x;
  const away = (each) => Math.abs(each.getBoundingClientRect().x - x);
  return marksOf(row).reduce((best, each) => (away(each) < away(best) ? each : best));
}

// ---------------------------------------------------------------- now

// The line of the present and the bars of running runs go on between two looks at the server.
function moveNow() {
  const picture = document.querySelector("svg.timeline");
  const line = picture?.querySelector("line.now");
  if (!line) return;
  const { since, until } = picture.dataset;
  const x = Math.min(100, (100 * (serverTime() / 1000 - since)) / (until - since));
  // It never goes back behind what the server drew.
  if (x < parseFloat(line.getAttribute("x1"))) return;
  line.setAttribute("x1", `${x}%`);
  line.setAttribute("x2", `${x}%`);
  for (const bar of picture.querySelectorAll("rect.bar.running")) {
    bar.setAttribute("width", `${Math.max(0, x - parseFloat(bar.getAttribute("x")))}%`);
  }
}

// A narrow screen shows a part of the picture: that before now.
function scrollToNow() {
  const place = document.querySelector(".picture");
  const line = place?.querySelector("line.now");
  if (line) place.scrollLeft = (place.scrollWidth * parseFloat(line.getAttribute("x1"))) / 100 - place.clientWidth * 0.8;
}

// The names of rows stay in view, however far the picture is scrolled; a new picture begins without that.
function keepNames() {
  const place = document.querySelector(".picture");
  for (const name of place?.querySelectorAll(".name") ?? []) name.setAttribute("transform", `translate(${place.scrollLeft} 0)`);
}

watchKeys();
scrollToNow();
keepNames();
// A scroll does not bubble.
document.addEventListener("scroll", keepNames, { capture: true, passive: true });
document.addEventListener("htmx:afterSettle", keepNames);
setInterval(moveNow, 1000);
