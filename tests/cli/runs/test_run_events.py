"""What `tock runs follow`, `tock runs logs` and `tock tail` show."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from client.shown import a_page, shown_events
from client.streaming_api import PROGRESS, Api, a_log, an_event, refused, sent, tock
from tock import Client
from tock.cli.commands.runs import run_events
from tock.cli.errors import CommandError
from tock.cli.main import app
from tock.cli.runs.tail import Tail
from tock.client._sync import event_stream
from tock.core.run.events.event import Event


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
