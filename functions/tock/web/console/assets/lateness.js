// The plot of lateness, drawn from the numbers of the table below it.
"use strict";

function colour(name) {
  // A canvas takes no light-dark(): an element's computed colour is what the theme makes of it.
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function seconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

// The times of the axis as the rest of the page writes them, in the reader's zone.
function timeText(zone, at, step) {
  const parts = step < 86400 ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...parts }).format(new Date(at * 1000));
}

function drawLateness() {
  const section = document.querySelector("#lateness");
  const place = section?.querySelector(".plot");
  if (!place || typeof uPlot === "undefined") return;
  const rows = [...section.querySelectorAll("tr[data-at]")].map((row) => row.dataset);
  const numbers = [rows.map((row) => +row.at), rows.map((row) => +row.median), rows.map((row) => +row.p99)];
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
  const zone = place.dataset.zone;
  // While the pointer is elsewhere the legend tells the latest values.
  const showLatest = (shown) => {
    if (shown.cursor.idx === null || shown.cursor.idx === undefined || shown.cursor.left < 0) shown.setLegend({ idx: rows.length - 1 });
  };
  const points = { show: true, size: 6 };
  const plot = new uPlot(
    {
      width: place.clientWidth - 16,
      height: 200,
      hooks: { ready: [showLatest], setCursor: [showLatest] },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
      series: [
        { label: "From", value: (_, at) => (at === null ? "–" : timeText(zone, at, 1)) },
        { label: "p50", stroke: colour("--accent"), width: 2, points, value: (_, value) => seconds(value) },
        { label: "p99", stroke: colour("--wait"), width: 2, dash: [6, 4], points, value: (_, value) => seconds(value) },
      ],
      scales: { x: { range: [+place.dataset.since, +place.dataset.until] }, y: { range: (_, low, high) => [0, Math.max(high * 1.1, 0.1)] } },
      axes: [{ ...axis, values: (_, times, axisIndex, space, step) => times.map((at) => timeText(zone, at, step)) }, { ...axis, size: 70, values: (_, values) => values.map(seconds) }],
    },
    numbers,
    place,
  );
  addEventListener("resize", () => plot.setSize({ width: place.clientWidth - 16, height: 200 }));
}

drawLateness();
