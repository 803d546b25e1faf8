"""By which clock a command reckons, and in which time zone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from client.scripted import Answer, Scripted, scripted
from client.shown import a_page
from tock.bootstrap.moved_clock import SIZE, MovedClock
from tock.cli.main import app

#: Years away from every machine that runs tests.
THEN = datetime(2127, 3, 28, 0, 50, tzinfo=UTC)
NOTHING = dict.fromkeys(("TOCK_SERVER", "TOCK_PROJECT", "TOCK_KEY", "TOCK_IDENTITY_TOKEN", "TOCK_PROFILE", "TOCK_ZONE"))
RUNS = ("runs", "list", "--since", "2h")


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted([Answer(body=a_page("runs"))]) as server:
        yield server


@pytest.fixture
def clock(server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """The clock of a stack that stands at THEN; `tock` is called in a folder below the stack's."""
    data = tmp_path / ".tock"
    (tmp_path / "acme").mkdir()
    data.mkdir()
    (data / "clock").write_bytes(bytes(SIZE))
    # As `tock dev --at` writes it, from its own folder.
    address = {"api": server.url, "project": "demo", "movable": {"clock": ".tock/clock"}}
    (data / "stack.json").write_text(json.dumps(address))
    monkeypatch.chdir(tmp_path / "acme")
    clock = MovedClock.shared(data / "clock")
    clock.stand_at(THEN)
    return clock


def since(server: Scripted, *words: str, **variables: str) -> str:
    """What `tock runs list --since 2h` asks a server."""
    done = CliRunner().invoke(app, [*words, *RUNS], env=NOTHING | variables)
    assert done.exit_code == 0, (done.output, done.exception)
    return server.requests[-1].path.partition("since=")[2].partition("&")[0].replace("%3A", ":")


@pytest.mark.usefixtures("clock")
def test_a_command_reckons_by_the_clock_of_the_stack_that_it_asks(server: Scripted) -> None:
    assert since(server) == "2127-03-27T22:50:00Z"
    assert since(server, TOCK_SERVER=f"{server.url}/", TOCK_PROJECT="demo") == "2127-03-27T22:50:00Z"
    assert len(server.requests) == 2


@pytest.mark.usefixtures("clock")
def test_another_server_than_that_of_the_folder_goes_by_the_machine_s_clock(server: Scripted) -> None:
    with scripted([Answer(body=a_page("runs"))]) as other:
        assert since(other, "--server", other.url, "--project", "p") < "2127"
    assert server.requests == []


def test_a_stack_whose_clock_is_gone_or_damaged_goes_by_the_machine_s(clock: MovedClock, server: Scripted) -> None:
    file = Path("../.tock/clock")
    clock.move_to(THEN + timedelta(hours=1))
    moved = since(server)
    file.write_bytes(b"")
    damaged = since(server)
    file.unlink()

    assert (moved, damaged < "2127", since(server) < "2127") == ("2127-03-27T23:50:00Z", True, True)


@pytest.mark.usefixtures("clock")
def test_times_of_the_day_are_those_of_the_zone_on_the_day_of_that_clock(server: Scripted) -> None:
    words = ["runs", "list", "--since", "today", "--zone", "Asia/Tokyo"]

    done = CliRunner().invoke(app, words, env=NOTHING)

    assert done.exit_code == 0, done.output
    assert "since=2127-03-27T15%3A00%3A00Z" in server.requests[0].path
