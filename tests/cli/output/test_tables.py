"""Tables fit 60, 80 and 120 columns; the files in `golden/` hold each as it is printed.

After a change on purpose, `GOLDEN=write pytest tests/cli/output` writes them anew: look at what git says differs.
"""

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from tock.cli.output import lists
from tock.cli.output.columns import Column, Item, Kind, plain
from tock.cli.output.fitting import laid_out
from tock.cli.output.listing import print_table, table_of

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2027, 1, 1, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def _run(name: str, at: str, status: str, **fields: Any) -> dict[str, Any]:
    usage = {"input_tokens": 0, "output_tokens": 0, "cost": 0.0, "unpriced_tokens": 0}
    return {
        "id": (name * 24)[:24],
        "trigger": "morning-digest",
        "agent": "digest",
        "source": "schedule",
        "scheduled_for": at,
        "due_at": at,
        "lateness_seconds": 0.012,
        "duration_seconds": 31.5,
        "attempts": [{"status": status}],
        "usage": usage | fields.pop("usage", {}),
        "status": status,
        "reason": None,
        "error": None,
        **fields,
    }


RUNS = [
    _run("0b1c", "2027-01-01T09:29:10Z", "running", duration_seconds=None),
    _run("f00d", "2027-01-01T08:00:00Z", "succeeded", usage={"input_tokens": 120_000, "cost": 1.25}),
    _run(
        "beef",
        "2026-12-31T08:00:00Z",
        "failed",
        attempts=[{"status": "failed"}] * 3,
        error={
            "type": "agent_error",
            "message": "The repository could not be read: the token of Zürich\x1b[2J expired.",
        },
    ),
    _run("c0de", "2027-01-02T08:00:00Z", "queued", trigger=None, attempts=[], source="manual", lateness_seconds=None),
    _run("d1ce", "2027-01-01T09:00:00Z", "queued", due_at="2027-01-01T09:31:00Z", attempts=[{"status": "failed"}]),
]
TRIGGERS = [
    {
        "id": "morning-digest",
        "agent": "digest",
        "schedule": {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
        "overlap": "skip",
        "enabled": True,
        "paused": None,
        "next_run_at": "2027-01-04T08:00:00Z",
        "last_run": {"started": "2027-01-01T08:00:00Z", "status": "succeeded"},
    },
    {
        "id": "pulse",
        "agent": "pulse",
        "schedule": {"every": "PT10S"},
        "overlap": "queue",
        "enabled": False,
        "paused": {"reason": "disabled"},
        "next_run_at": None,
        "last_run": None,
    },
]
AGENTS = [
    {
        "id": "digest",
        "kind": "python",
        "enabled": True,
        "revision": 12,
        "updated": {"at": "2026-11-27T10:00:00Z"},
        "description": "Reads what was merged and says what matters. 東京 is eight hours ahead.",
    },
    {
        "id": "reviewer-of-pull-requests",
        "kind": "command",
        "enabled": False,
        "revision": 1,
        "updated": {"at": "2024-01-01T00:00:00Z"},
        "description": "",
    },
]
SEVERAL_LINES = [{"id": "a", "note": "one\ntwo", "last": "x"}, {"id": "b", "note": "", "last": "y"}]
PROJECTS = [
    {"id": "acme", "name": "The shop", "created": {"at": "2026-12-31T23:30:00Z"}},
    {"id": "reports-for-the-management", "name": "", "created": {"at": "2024-02-29T12:00:00Z"}},
]
KEYS = [
    {
        "id": "0123456789abcdef",
        "name": "the deployment of the shop, in continuous integration",
        "created": {"at": "2027-01-01T08:00:00Z", "by": "key:fedcba9876543210"},
    },
    {"id": "fedcba9876543210", "name": "", "created": {"at": "2026-06-01T08:00:00Z", "by": "admin"}},
]
UPCOMING = [
    {
        "due_at": "2027-01-01T09:29:10Z",
        "local": "2027-01-01T10:29:10+01:00",
        "status": "running",
        "trigger": None,
        "agent": "digest",
        "scheduled_for": "2027-01-01T09:29:10Z",
        "run": "0b1c" * 6,
        "clashes": 0,
    },
    *(
        {
            "due_at": at,
            "local": local,
            "status": status,
            "trigger": "morning-digest",
            "agent": "digest",
            "scheduled_for": at,
            "run": run,
            "clashes": clashes,
        }
        for at, local, status, run, clashes in (
            ("2027-01-01T09:29:59Z", "2027-01-01T10:29:59+01:00", "due", None, 0),
            ("2027-01-01T10:00:00Z", "2027-01-01T11:00:00+01:00", "queued", "beef" * 6, 2),
            ("2027-01-02T10:00:00Z", "2027-01-02T11:00:00+01:00", "to_come", None, 12),
        )
    ),
]
FINDINGS = [
    {
        "finding": "lost",
        "fire_time": "2026-12-31T08:00:00Z",
        "run": None,
        "problem": "No record says what became of it, and no tick will claim it any more.",
    },
    {
        "finding": "late, no fault",
        "fire_time": "2027-01-01T08:00:00Z",
        "run": "beef" * 6,
        "problem": "It started 3 min 20 s after its fire time.",
    },
]
USAGE = [
    {
        "group": "reviewer-of-pull-requests",
        "attempts": 12_345,
        "input_tokens": 123_456_789,
        "output_tokens": 2_345_678,
        "cost": 1234.5,
        "unpriced_tokens": 9_000,
    },
    {
        "group": None,
        "attempts": 1,
        "input_tokens": 100,
        "output_tokens": 0,
        "cost": 0.000123,
        "unpriced_tokens": 0,
    },
]
PROFILES = [
    {
        "in_use": True,
        "name": "work",
        "server": "https://tock-api-1234567890.europe-west1.run.app",
        "project": "acme",
        "key": "API key 0123456789abcdef",
    },
    {"in_use": False, "name": "home", "server": "http://127.0.0.1:8470", "project": "demo", "key": "none"},
]
#: Each list with its columns, entries, and the column of which every table shows at least the beginning.
LISTS: dict[str, tuple[tuple[Column, ...], list[Any], str]] = {
    "runs": (lists.RUNS, RUNS, "run"),
    "triggers": (lists.TRIGGERS, TRIGGERS, "trigger"),
    "agents": (lists.AGENTS, AGENTS, "agent"),
    "projects": (lists.PROJECTS, PROJECTS, "project"),
    "keys": (lists.KEYS, KEYS, "key"),
    "upcoming": (lists.UPCOMING, UPCOMING, "of"),
    "proof": (lists.FINDINGS, FINDINGS, "finding"),
    "spend": (lists.usage_of("trigger"), USAGE, "cost"),
    "profiles": (lists.PROFILES, PROFILES, "profile"),
}


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", LISTS)
def test_a_table_fits_and_looks_as_it_did(name: str, width: int) -> None:
    columns, items, telling = LISTS[name]
    [column] = [column for column in columns if column.name == telling]

    shown = _printed(columns, items, width=width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert all((column.words(item) if column.words else plain(column.value(item)))[:12] in shown for item in items)
    assert shown == _golden(f"{name}_{width}.txt", shown)


@pytest.mark.parametrize("name", LISTS)
def test_without_a_terminal_every_column_is_shown_in_full(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    columns, items, _ = LISTS[name]

    layout = laid_out(columns, items, width=None, now=NOW, zone=BERLIN)

    assert (layout.columns, layout.hidden) == (columns, ())
    has_times = any(column.kind is Kind.TIME for column in columns)
    assert any("+0100 (" in text for row in layout.rows for text in row) == has_times
    print_table(columns, items, now=NOW, zone=BERLIN)
    printed = capsys.readouterr().out
    assert all(text in printed for row in layout.rows for text in row)


def test_a_pipe_gets_every_text_in_full_one_row_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("run", "id"), Column("cost", "cost", Kind.NUMBER), Column("result", "result", Kind.PROSE))
    items = [
        {"id": "a" * 255, "cost": 12, "result": "done " * 100 + "東京"},
        {"id": "b", "cost": 7, "result": "short\x1b[2J"},
    ]

    print_table(columns, items, now=NOW)

    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"{'run':<255}  cost  result"
    assert second == f"{'a' * 255}    12  {'done ' * 100}東京"
    assert third == f"{'b':<255}     7  short\\x1b[2J"


def test_a_cell_of_several_lines_keeps_its_columns_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print_table((Column("id", "id"), Column("note", "note"), Column("last", "last")), SEVERAL_LINES, now=NOW)

    assert capsys.readouterr().out.splitlines() == ["id  note  last", "a   one   x", "    two", "b         y"]


def test_columns_that_were_chosen_stay_and_are_folded() -> None:
    columns = tuple(Column(f"name_{n}", "id", rank=n) for n in range(9))

    layout = laid_out(columns, [{"id": "x" * 10}], width=40, now=NOW, zone=BERLIN, keep=True)

    assert (layout.columns, layout.hidden) == (columns, ())


def test_the_column_of_the_highest_rank_gives_way_first() -> None:
    columns = (
        Column("id", "id"),
        Column("often", "id", rank=1),
        Column("seldom", "id", rank=3),
        Column("sometimes", "id", rank=2),
    )

    shown = [
        laid_out(columns, [{"id": "x" * 10}], width=width, now=NOW, zone=None).columns for width in (46, 45, 33, 5)
    ]

    assert [[column.name for column in each] for each in shown] == [
        ["id", "often", "seldom", "sometimes"],
        ["id", "often", "sometimes"],
        ["id", "often"],
        ["id"],
    ]


def test_a_control_character_is_shown_and_not_obeyed() -> None:
    shown = _printed((Column("text", "text", Kind.PROSE),), [{"text": "red\x1b[31m\x07\r\nnext [bold]"}], width=80)

    assert shown.splitlines()[1:] == [r"red\x1b[31m\x07\r", "next [bold]"]


def _printed(columns: tuple[Column, ...], items: list[Item], *, width: int) -> str:
    out = Console(file=io.StringIO(), width=width, force_terminal=False)
    out.print(table_of(laid_out(columns, items, width=width, now=NOW, zone=BERLIN)))
    return "".join(f"{line.rstrip()}\n" for line in out.file.getvalue().splitlines())  # type: ignore[attr-defined]


def _golden(name: str, shown: str) -> str:
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_text(shown, encoding="utf-8")
    return (GOLDEN / name).read_text(encoding="utf-8")
