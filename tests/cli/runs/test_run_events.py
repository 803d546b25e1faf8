"""What `tock runs follow`, `tock runs logs`, `tock tail` and the messages to a run show and send."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from client.shown import a_page, shown_agent, shown_events, shown_project, shown_run, shown_signal, shown_trigger
from tock import Client
from tock.cli.commands.runs import run_events
from tock.cli.errors import CommandError
from tock.cli.input.when import Here
from tock.cli.main import app
from tock.cli.runs.event_words import told
from tock.cli.runs.tail import Tail
from tock.client._sync import event_stream
from tock.core.run.events.event import Event

NOW = datetime(2027, 1, 1, 12, 2, 4, tzinfo=UTC)
#: Half an hour is no whole offset of any machine that runs tests.
HERE = Here(now=NOW, zone=timezone(timedelta(hours=5, minutes=30)))
END = {"reason": "settled", "status": "succeeded"}
PROGRESS = {"seq": 1_000_001, "at": "2027-01-01T12:00:00Z", "attempt": 1, "kind": "progress", "data": {"read": 3}}


class Api(ThreadingHTTPServer):
    """An API that answers with what `answers` has, and sends one of `streams` after the other."""

    daemon_threads = True
    answers: dict[str, Any]
    #: What each stream sends; a text that ends without an `end` breaks off.
    streams: list[str]
    #: Whether such a text breaks off within the answer, or the answer has ended with it.
    breaks_off = True
    #: The Last-Event-ID of each stream.
    resumed_after: list[str]
    posted: list[tuple[str, Any]]
    #: What this path is answered with, one after the other, and then that it is not there.
    turns: Mapping[str, list[Any]] = {}
    #: What an answer to a request that starts a run warns of.
    warnings: Sequence[str] = ()

    def changed(self, path: str) -> dict[str, Any]:
        """What a change of this resource is answered with."""
        if path.endswith(":steer"):
            return shown_signal(number=3)
        kinds = {"": shown_project, "/agents/digest": shown_agent, "/triggers": shown_trigger}
        return kinds[path]() if path in kinds else shown_run(status="queued", warnings=list(self.warnings))


class _Answer(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        path = self.path.removeprefix("/v1/projects/p")
        if path.endswith(":stream") and self.server.streams:
            self._stream()
        elif path.partition("?")[0] in self.server.turns:
            left = self.server.turns[path.partition("?")[0]]
            self._answer(left.pop(0) if left else None)
        else:
            self._answer(self.server.answers.get(path, self.server.answers.get(path.partition("?")[0])))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path.removeprefix("/v1/projects/p"), json.loads(body)))
        self._answer(self.server.changed(self.path.removeprefix("/v1/projects/p")))

    def do_PATCH(self) -> None:
        self.do_POST()

    def _stream(self) -> None:
        self.server.resumed_after.append(self.headers["Last-Event-ID"])
        body = self.server.streams.pop(0).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        # One byte more than comes: the connection breaks within the answer unless the reader leaves before.
        self.send_header("Content-Length", str(len(body) + self.server.breaks_off))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, found: Any) -> None:
        body = json.dumps(found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, settled_run: dict[str, Any]) -> Iterator[Api]:
    monkeypatch.setattr(event_stream, "PAUSE", 0)
    with Api(("127.0.0.1", 0), _Answer) as api:
        api.answers, api.streams, api.resumed_after, api.posted = {"/runs/r": settled_run}, [], [], []
        thread = Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        yield api
        api.shutdown()
        thread.join()


def tock(api: Api, *words: str, exit_code: int = 0) -> str:
    done = CliRunner().invoke(app, ["--server", f"http://127.0.0.1:{api.server_port}", "--project", "p", *words])
    assert done.exit_code == exit_code, done.output
    return done.stdout


def refused(api: Api, *words: str) -> CommandError:
    done = CliRunner().invoke(app, ["--server", f"http://127.0.0.1:{api.server_port}", "--project", "p", *words])
    assert isinstance(done.exception, CommandError), done.output
    return done.exception


def sent(*events: dict[str, Any], end: dict[str, Any] | None = END) -> str:
    messages = [f"id: {each['seq']}\nevent: {each['kind']}\ndata: {json.dumps(each)}\n\n" for each in events]
    return (
        "retry: 1000\n\n: quiet\n\n" + "".join(messages) + (f"event: end\ndata: {json.dumps(end)}\n\n" if end else "")
    )


def an_event(seq: int, kind: str, data: Any, *, attempt: int = 1) -> dict[str, Any]:
    return {"seq": seq, "at": "2027-01-01T12:02:03Z", "attempt": attempt, "kind": kind, "data": data}


def a_log(seq: int, text: str) -> dict[str, Any]:
    return an_event(seq, "log", {"level": "error", "text": text})


def test_a_run_is_followed_to_its_end(api: Api, settled_run: dict[str, Any]) -> None:
    api.streams = [sent(PROGRESS)]

    shown = tock(api, "runs", "follow", "r")

    assert 'progress  {"read": 3}' in shown
    assert settled_run["warnings"][0] in shown


def test_events_that_cannot_be_read_are_named(api: Api) -> None:
    unreadable = 'id: 8\nevent: unreadable\ndata: {"id": "7-8", "problem": "events: holds no JSON text"}\n\n'
    api.streams = [unreadable + sent(PROGRESS)]

    assert "event 7-8 cannot be read: events: holds no JSON text" in tock(api, "runs", "follow", "r")


def test_a_stream_that_broke_goes_on_after_the_last_event(api: Api) -> None:
    later = {**PROGRESS, "seq": 1_000_002, "data": {"read": 4}}
    api.streams = [sent(PROGRESS, end=None), sent(later)]

    shown = tock(api, "runs", "follow", "r")

    assert (shown.count('{"read": 3}'), shown.count('{"read": 4}')) == (1, 1)
    assert api.resumed_after == ["0", "1000001"]


@pytest.mark.parametrize("breaks_off", [True, False], ids=["within the answer", "behind it"])
def test_who_cannot_follow_any_more_is_told_that_the_run_goes_on(api: Api, breaks_off: bool) -> None:  # noqa: FBT001 - a parameter
    api.breaks_off = breaks_off
    api.streams = [sent(end=None)] * (event_stream.MOST_BREAKS + 5)

    error = refused(api, "runs", "follow", "r")

    assert error.details[-1] == "The run goes on whether you follow it or not. Follow it again: tock runs follow r"
    assert len(api.resumed_after) == event_stream.MOST_BREAKS + 1
    assert api.posted == []


def test_a_run_that_cannot_be_followed_at_all_is_an_error(api: Api) -> None:
    assert "404" in str(refused(api, "runs", "follow", "r"))


def words(*events: dict[str, Any]) -> list[str]:
    return [text.partition("  ")[2] for text in told(map(Event.model_validate, events), here=lambda: HERE)]


BROKE = {"status": "failed", "error": {"type": "ValueError", "message": "no such repo", "retryable": True}}


def test_a_failure_and_what_follows_are_one_line() -> None:
    retry = {"attempt": 2, "of": 3, "at": "2027-01-01T12:03:02Z"}
    shown = words(
        an_event(1_000_000, "run.started", {}),
        an_event(1_499_998, "run.attempt_ended", BROKE),
        an_event(1_499_999, "run.retry_scheduled", retry),
        an_event(2_499_998, "run.attempt_ended", {"status": "succeeded"}, attempt=2),
        an_event(2_999_999, "run.settled", {"status": "succeeded"}, attempt=2),
    )

    assert shown == [
        "attempt 1 started",
        "attempt 1 failed: ValueError: no such repo; attempt 2 of 3 at 17:33:02 (in 58s)",
        "run succeeded",
    ]


def test_the_last_failure_is_followed_by_the_end() -> None:
    shown = words(an_event(1_499_998, "run.attempt_ended", BROKE), an_event(1_999_999, "run.settled", BROKE))

    assert shown == ["attempt 1 failed: ValueError: no such repo", "run failed: ValueError: no such repo"]


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("run.held", {"behind": "q"}, "held behind run q"),
        ("run.promoted", {"behind": "q"}, "run q has ended: goes on"),
        ("run.held", {"in_line": "agent:a"}, "in line for a slot of agent:a"),
        ("run.promoted", {"in_line": "agent:a"}, "a slot of agent:a is free: goes on"),
        ("run.answered", {"approved": True, "by": "ada", "note": "Go."}, "approved by ada: Go."),
        ("run.answered", {"approved": False, "by": "ada", "note": ""}, "rejected by ada"),
        ("run.answered", {"by": "ada"}, "answered by ada"),
        ("run.signal", {"by": "ada", "message": "left"}, "ada to the agent: left"),
        ("run.settled", {"status": "cancelled", "cancelled_by": "ada", "reason": "x"}, "run cancelled by ada: x"),
        ("log", {"text": "two\nlines"}, "two\nlines"),
        ("run.new_kind", [1], "run.new_kind  [1]"),
        (
            "run.settled",
            {"status": "succeeded", "result": [1], "untaken_messages": 1},
            "run succeeded (1 message came too late for its agent)",
        ),
        ("run.cancel_requested", {"by": "ada", "reason": "enough"}, "ada asks to stop the run: enough"),
        ("run.settled", "odd", 'run.settled  "odd"'),
    ],
)  # fmt: skip
def test_an_event_in_words(kind: str, data: Any, text: str) -> None:
    assert words(an_event(1, kind, data)) == [text]


@pytest.mark.parametrize(
    ("left", "form", "shown"),
    [
        (timedelta(seconds=119), "%H:%M:%S", "in 1m"),
        (timedelta(minutes=90), "%H:%M:%S", "in 1h"),
        (timedelta(days=1), "%Y-%m-%d %H:%M:%S", "in 24h"),
    ],
)
def test_a_deadline_that_is_far_away_has_its_day(left: timedelta, form: str, shown: str) -> None:
    deadline = (NOW + left).isoformat()
    at = (NOW + left).astimezone(HERE.zone).strftime(form)

    said = words(an_event(1, "run.waiting", {"wait_for": "approval", "deadline": deadline, "question": "Send?"}))

    assert said == [f"waits for approval until {at} ({shown}): Send?"]


def test_logs_have_real_lines(api: Api) -> None:
    page = shown_events(PROGRESS, a_log(1_000_002, "Traceback:\n  a line\n[bold]x"), since=1_000_002)
    api.answers |= {"/runs/r/events?since=0&limit=500": page}
    api.answers |= {"/runs/r/events?since=1000002&limit=500": shown_events(since=1_000_002)}

    shown = tock(api, "runs", "logs", "r")

    assert shown.partition("  ")[2] == "Traceback:\n  a line\n[bold]x\n"


def test_logs_are_followed(api: Api) -> None:
    api.streams = [sent(PROGRESS, a_log(1_000_002, "read"), a_log(1_000_003, "done"))]

    shown = tock(api, "runs", "logs", "r", "--follow")

    assert [line.partition("  ")[2] for line in shown.splitlines()] == ["read", "done"]


def test_a_tail_shows_what_is_new_in_all_runs(api: Api, settled_run: dict[str, Any]) -> None:
    old, active = {**settled_run, "id": "old"}, {**settled_run, "id": "active", "finished": None}
    api.answers |= {
        "/runs": a_page("runs", active, old),
        "/runs/active/events?since=0&limit=500": shown_events(PROGRESS, since=1_000_001),
        "/runs/active/events?since=1000001&limit=500": shown_events(since=1_000_001),
    }
    client = Client(f"http://127.0.0.1:{api.server_port}", project="p")
    tail = Tail(client)
    first = list(tail.look())

    new, other = a_log(1_000_002, "more"), {**settled_run, "id": "other"}
    api.answers |= {
        "/runs": a_page("runs", other, active, old),
        "/runs/active/events?since=1000001&limit=500": shown_events(new, since=1_000_002),
        "/runs/active/events?since=1000002&limit=500": shown_events(since=1_000_002),
        "/runs/other/events?since=0&limit=500": shown_events(PROGRESS, since=1_000_001, status="succeeded"),
        "/runs/other/events?since=1000001&limit=500": shown_events(since=1_000_001, status="succeeded"),
    }

    second, third = list(tail.look()), list(tail.look())
    client.close()

    assert (first, third) == ([], [])
    assert [(run.id, event) for run, event in second] == [
        ("active", Event.model_validate(new)),
        ("other", Event.model_validate(PROGRESS)),
    ]


def test_events_are_json_lines_and_nothing_else_is_printed(api: Api) -> None:
    failed = an_event(1_999_999, "run.settled", {"status": "failed"})
    api.streams = [sent(PROGRESS, failed)]
    api.answers["/runs/r"] |= {"status": "failed"}

    lines = tock(api, "runs", "follow", "r", "--ndjson", exit_code=3).splitlines()

    assert [json.loads(line) for line in lines] == [each | {"truncated": False} for each in (PROGRESS, failed)]


def test_logs_are_json_lines(api: Api) -> None:
    log = a_log(1_000_002, "two\nlines")
    api.streams = [sent(PROGRESS, log)]

    lines = tock(api, "runs", "logs", "r", "--follow", "--ndjson").splitlines()

    assert [json.loads(line) for line in lines] == [log | {"truncated": False}]


def test_a_tail_of_json_lines_names_the_run_of_each_event(
    api: Api, settled_run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_events, "LOOK_EVERY", 0)
    begun = {**settled_run, "id": "new"}
    api.answers |= {
        "/runs/new/events?since=0&limit=500": shown_events(PROGRESS, since=1_000_001, status="succeeded"),
        "/runs/new/events?since=1000001&limit=500": shown_events(since=1_000_001, status="succeeded"),
    }
    # The third look finds no answer, which ends it.
    api.turns = {"/runs": [a_page("runs"), a_page("runs", begun)]}

    done = CliRunner().invoke(
        app, ["--server", f"http://127.0.0.1:{api.server_port}", "--project", "p", "tail", "--ndjson"]
    )

    assert isinstance(done.exception, CommandError)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"run": "new", "trigger": begun["trigger"], "agent": begun["agent"], **PROGRESS, "truncated": False}
    ]


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        (("steer", "r", "Go left."), "/runs/r:steer", {"message": "Go left."}),
        (("steer", "r", "Then stop.", "--after"), "/runs/r:steer", {"message": "Then stop.", "mode": "follow_up"}),
        (("approve", "r"), "/runs/r:approve", {}),
        (("approve", "r", "--note", "Go."), "/runs/r:approve", {"note": "Go."}),
        (("reject", "r", "--note", "No.", "--attempt", "2"), "/runs/r:reject", {"note": "No.", "attempt": 2}),
        (("answer", "r", '{"branch": "main"}'), "/runs/r:answer", {"value": {"branch": "main"}}),
        (("answer", "r", "the main one", "--note", "n"), "/runs/r:answer", {"value": "the main one", "note": "n"}),
        (("answer", "r", "main", "--attempt", "2"), "/runs/r:answer", {"value": "main", "attempt": 2}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_messages_to_a_run(api: Api, given: tuple[str, ...], path: str, body: Any) -> None:
    shown = tock(api, "runs", *given)

    assert api.posted == [(path, body)]
    assert "r" in shown


def test_a_run_is_resumed_with_feedback_and_a_model(api: Api) -> None:
    shown = tock(api, "runs", "resume", "old", "Shorter", "--model", "large")
    tock(api, "runs", "resume", "old")

    assert shown == "Run r is queued. Follow it: tock runs follow r\n"
    assert api.posted == [
        ("/runs/old:resume", {"feedback": "Shorter", "model": "large"}),
        ("/runs/old:resume", {}),
    ]


def test_a_resumed_run_is_followed_to_its_end(api: Api) -> None:
    api.streams = [sent(PROGRESS)]

    shown = tock(api, "runs", "resume", "old", "Shorter", "--wait")

    assert 'progress  {"read": 3}' in shown
    assert "succeeded" in shown


def test_a_command_runs_with_its_arguments_and_timeout(api: Api) -> None:
    tock(api, "runs", "exec", "old", "start", "--attempt-timeout", "90s", "--", "--port", "8080")
    tock(api, "runs", "exec", "old", "build")

    assert api.posted == [
        ("/runs/old:exec", {"command": "start", "arguments": ["--port", "8080"], "timeout": "PT1M30S"}),
        ("/runs/old:exec", {"command": "build", "arguments": []}),
    ]


def test_what_a_retry_cannot_restore_is_shown(api: Api) -> None:
    api.warnings = ["The conversation went on."]

    shown = tock(api, "runs", "retry", "old")

    assert "Warning: The conversation went on." in shown


def test_a_project_and_an_agent_are_changed(api: Api) -> None:
    tock(api, "projects", "edit", "p", '{"concurrency": 5}')
    tock(api, "agents", "edit", "digest", '{"concurrency": 2}')

    assert api.posted == [("", {"concurrency": 5}), ("/agents/digest", {"concurrency": 2})]


def test_a_trigger_is_created_with_its_policies(api: Api) -> None:
    given = ("--every", "1h", "--overlap", "parallel", "--max-parallel", "3")
    shown = tock(api, "triggers", "create", "t", "--agent", "a", *given, "--json")

    assert json.loads(shown) == shown_trigger()
    [(path, body)] = api.posted
    assert (path, body["overlap"], body["max_parallel"]) == ("/triggers", "parallel", 3)
