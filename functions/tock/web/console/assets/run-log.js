// The page of a run: its log as it comes, and a reminder for the rest of the page when something has happened.
"use strict";

// ---------------------------------------------------------------- lines

// Rows have one height, so that the place of each is known without drawing it.
const ROW = 20;
// Rows above and below what is seen, so that scrolling shows no gap.
const MARGIN = 20;
// The most rows that are kept; the whole log has the others.
const MOST_ROWS = 50000;

// The rows of a run: one for each line of each text. `shown` are those that fit the filter.
class Rows {
  constructor() {
    this.all = [];
    this.shown = [];
    this.wanted = "";
    this.dropped = false;
  }

  add(line) {
    const texts = line.text.split("\n");
    if (texts.length > 1 && texts.at(-1) === "") texts.pop();
    texts.forEach((text, index) => {
      const row = { line, text, isFirst: index === 0 };
      this.all.push(row);
      if (this.fits(row)) this.shown.push(row);
    });
    if (this.all.length > MOST_ROWS * 1.2) this.drop();
  }

  drop() {
    this.dropped = true;
    this.all = this.all.slice(-MOST_ROWS);
    this.filter(this.wanted);
  }

  filter(wanted) {
    this.wanted = wanted.toLowerCase();
    this.shown = this.wanted ? this.all.filter((row) => this.fits(row)) : [...this.all];
  }

  fits(row) {
    const { kind, label } = row.line;
    return !this.wanted || [row.text, kind, label].some((text) => text.toLowerCase().includes(this.wanted));
  }
}

// ---------------------------------------------------------------- what is seen of them

// The server may know a zone that this browser does not.
function clockOf(timeZone) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "medium" });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", timeStyle: "medium" });
  }
}

class LogView {
  constructor(section) {
    this.rows = new Rows();
    this.view = section.querySelector(".log-view");
    this.counted = section.querySelector(".log-count");
    this.state = section.querySelector(".log-state");
    this.follow = section.querySelector("#log-follow");
    this.filter = section.querySelector("#log-filter");
    this.isAsked = false;
    this.pending = [];
    this.said = "";
    this.clock = clockOf(section.dataset.zone);
    this.build(section);
    this.watch();
  }

  build(section) {
    const tools = section.querySelector(".log-tools");
    tools.hidden = false;
    tools.addEventListener("submit", (event) => event.preventDefault());
    section.querySelector(".first")?.remove();
    this.space = document.createElement("div");
    this.part = document.createElement("div");
    this.part.className = "log-rows";
    this.part.setAttribute("role", "list");
    this.view.replaceChildren(this.space, this.part);
  }

  watch() {
    this.view.addEventListener("scroll", () => {
      // Whoever scrolls up reads; whoever comes back to the end follows it again.
      const isAtEnd = this.view.scrollTop + this.view.clientHeight >= this.view.scrollHeight - ROW;
      if (this.follow.checked !== isAtEnd && !this.isScrolling) this.follow.checked = isAtEnd;
      this.isScrolling = false;
      this.ask();
    });
    this.follow.addEventListener("change", () => this.ask());
    this.filter.addEventListener("input", () => {
      this.rows.filter(this.filter.value.trim());
      this.ask();
    });
    new ResizeObserver(() => this.ask()).observe(this.view);
  }

  take(line) {
    this.pending.push(line);
    this.ask();
  }

  say(text) {
    this.said = text;
    this.ask();
  }

  // However many lines come, what is seen is drawn once a frame.
  ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.draw();
    });
  }

  draw() {
    for (const line of this.pending) this.rows.add(line);
    this.pending = [];
    const count = this.rows.shown.length;
    this.space.style.height = `${count * ROW}px`;
    if (this.follow.checked) this.scrollToEnd();
    const first = Math.max(Math.floor(this.view.scrollTop / ROW) - MARGIN, 0);
    const last = Math.min(first + Math.ceil(this.view.clientHeight / ROW) + 2 * MARGIN, count);
    this.part.style.top = `${first * ROW}px`;
    this.part.replaceChildren(...this.rows.shown.slice(first, last).map((row, index) => this.element(row, first + index + 1, count)));
    this.tell(count);
  }

  scrollToEnd() {
    const end = this.view.scrollHeight - this.view.clientHeight;
    if (Math.abs(this.view.scrollTop - end) < 1) return;
    this.isScrolling = true;
    this.view.scrollTop = end;
  }

  element(row, place, count) {
    const element = document.createElement("div");
    element.className = `log-row ${row.line.level}`;
    element.setAttribute("role", "listitem");
    element.setAttribute("aria-posinset", place);
    element.setAttribute("aria-setsize", count);
    const { line } = row;
    const shown = row.isFirst ? [line.time ? this.clock.format(new Date(line.time)) : "", line.attempt || "", line.label] : ["", "", ""];
    for (const [name, text] of [["time", shown[0]], ["attempt", shown[1]], ["kind", shown[2]], ["text", row.text]]) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      element.append(part);
    }
    if (row.isFirst) element.title = `${line.time ?? ""} ${line.kind}`;
    return element;
  }

  // How many lines there are is no news for who listens to the page; that the stream broke or ended is.
  tell(count) {
    const all = this.rows.all.length;
    const lines = `${count === all ? all : `${count} of ${all}`} ${all === 1 ? "line" : "lines"}`;
    this.write(this.counted, this.rows.dropped ? `${lines}, earlier ones are in the whole log` : lines);
    this.write(this.state, this.said && ` · ${this.said}`);
  }

  write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
}

// ---------------------------------------------------------------- the stream

// How long it takes until a stream that the server refused is opened again, and at most, in milliseconds.
const SOONEST = 1000;
const LATEST = 30000;

class Stream {
  constructor(address, view, onEvent) {
    this.address = address;
    this.view = view;
    this.onEvent = onEvent;
    this.last = 0;
    this.wait = SOONEST;
  }

  // The browser opens a stream that broke again by itself, and says with which event it was. It gives up when the
  // server answers with anything but a stream, as a server that starts does.
  open() {
    const source = new EventSource(`${this.address}?since=${this.last}`);
    source.onopen = () => {
      this.wait = SOONEST;
      this.view.say("live");
    };
    source.onmessage = (event) => {
      const line = JSON.parse(event.data);
      if (line.seq <= this.last) return;
      this.last = line.seq;
      this.view.take(line);
      this.onEvent(line);
    };
    source.addEventListener("end", (event) => {
      source.close();
      const { reason } = JSON.parse(event.data);
      if (reason === "too_long" || reason === "shutdown") return this.again();
      this.view.say(reason === "gone" ? "the run is gone" : "complete");
      this.onEvent({ seq: Infinity, kind: "run.end" });
    });
    source.onerror = () => {
      this.view.say("the connection broke, and is tried again");
      if (source.readyState === EventSource.CLOSED) this.again();
    };
  }

  again() {
    setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LATEST);
  }
}

// ---------------------------------------------------------------- the rest of the page

// At most once in this time, in milliseconds, the rest of the page is read again.
const PAUSE = 1000;

// An event of Tock's own changes what the rest of the page shows: it reads itself again, soon but not for each of many.
class Rest {
  constructor() {
    this.timer = null;
    this.read = 0;
  }

  hear(line) {
    const seen = Number(document.querySelector("#live")?.dataset.seen ?? Infinity);
    const isNews = line.kind === "run.end" ? !this.isSettled() : line.kind.startsWith("run.") && line.seq > seen;
    if (!isNews || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.read = Date.now();
      document.querySelector("#live")?.dispatchEvent(new CustomEvent("tock:changed"));
    }, Math.max(this.read + PAUSE - Date.now(), 100));
  }

  isSettled() {
    return !document.querySelector("#live")?.hasAttribute("hx-get");
  }
}

// What somebody is typing stays as it is while the page around it changes.
function keepWhatIsTyped() {
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (before, after) => !(before.dataset?.keep && before.dataset.keep === after.dataset?.keep);
}

function begin() {
  const section = document.querySelector("#log");
  if (!section) return;
  keepWhatIsTyped();
  const rest = new Rest();
  const view = new LogView(section);
  new Stream(section.dataset.stream, view, (line) => rest.hear(line)).open();
}

begin();
