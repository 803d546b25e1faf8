"""The forms of a list: JSON, JSON lines, CSV, chosen columns, and what is behind its limit."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tock.cli.errors import CommandError, UsageError
from tock.cli.output.arranging import arranging
from tock.cli.output.columns import Column
from tock.cli.output.forms import Form, form_of
from tock.cli.output.listing import print_list
from tock.cli.output.pages import MOST_ARRANGED, Found, found

NOW = datetime(2027, 1, 1, tzinfo=UTC)
COLUMNS = (Column("run", "id"), Column("cost", "usage.cost"), Column("at", "at"), Column("note", "note"))
PAGE: dict[str, Any] = {
    "runs": [
        {"id": "a", "usage": {"cost": 0.5}, "at": "2026-12-31T23:00:00Z", "note": "=1+1", "late": False},
        {"id": "b", "usage": {"cost": -2.0}, "at": None, "note": 'says "hello",\nthen leaves', "late": True},
    ],
    "unreadable": [{"id": "c", "problem": "overlap: is none"}],
    "next_page_token": "t",
}


def _print(form: Form, *, names: str | None = None, page: dict[str, Any] | None = None) -> None:
    print_list(
        Found(page or PAGE, name="runs"),
        COLUMNS,
        form=form,
        names=names,
        empty="No runs.",
        more="tock runs list --limit 200",
        now=NOW,
        zone=UTC,
    )


def test_json_is_what_the_server_sent(capsys: pytest.CaptureFixture[str]) -> None:
    _print(Form.JSON)

    assert json.loads(capsys.readouterr().out) == PAGE


def test_json_lines_are_the_resources_and_the_rest_is_said_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _print(Form.NDJSON)

    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == PAGE["runs"]
    assert "c is stored, but cannot be read: overlap: is none" in err
    assert "There are more than these 2: tock runs list --limit 200" in err


def test_csv_has_the_values_of_the_server_and_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    _print(Form.CSV, names="run,usage.cost,at,note,late")

    out, err = capsys.readouterr()
    assert list(csv.reader(io.StringIO(out))) == [
        ["run", "usage.cost", "at", "note", "late"],
        ["a", "0.5", "2026-12-31T23:00:00Z", "'=1+1", "false"],
        ["b", "-2.0", "", 'says "hello",\nthen leaves', "true"],
    ]
    assert "cannot be read" in err


def test_a_table_has_the_columns_that_were_chosen_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    _print(Form.TABLE, names="at, run,late")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["at", "run", "late"]
    assert lines[1].split() == ["2026-12-31T23:00:00Z", "a", "no"]
    assert ["c", "overlap:", "is", "none"] in [line.split() for line in lines]
    assert lines[-1] == "There are more than these 2: tock runs list --limit 200"


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ({"count": 1234, "exact": True}, "These are 2 of 1,234: tock runs list --limit 200"),
        ({"count": 10000, "exact": False}, "These are 2 of more than 10,000: tock runs list --limit 200"),
        (None, "There are more than these 2: tock runs list --limit 200"),
    ],
)
def test_a_list_says_of_how_many_it_shows_the_first_if_the_server_counted_them(
    capsys: pytest.CaptureFixture[str], total: Any, said: str
) -> None:
    _print(Form.TABLE, page=PAGE | {"total": total})

    assert capsys.readouterr().out.splitlines()[-1] == said


def test_an_empty_list_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    _print(Form.TABLE, page={"runs": [], "unreadable": [], "next_page_token": None})

    assert capsys.readouterr().out == "No runs.\n"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ("run,statsu", "there is no column 'statsu'"),
        ("usage.coast", "there is no column 'usage.coast'"),
        (" , ", "names no column: choose from run, cost, at, note"),
    ],
)
def test_a_column_that_is_none_is_refused(names: str, says: str) -> None:
    with pytest.raises(CommandError) as refused:
        _print(Form.TABLE, names=names)

    assert says in str(refused.value)


def test_a_misspelt_column_gets_the_one_that_was_meant() -> None:
    with pytest.raises(CommandError) as refused:
        _print(Form.CSV, names="coste")

    assert refused.value.details[0] == "Did you mean cost?"


@pytest.mark.parametrize(
    ("given", "form"),
    [({}, Form.TABLE), ({"as_json": True}, Form.JSON), ({"as_csv": True, "columns": "run"}, Form.CSV)],
)
def test_an_option_chooses_the_form(given: dict[str, Any], form: Form) -> None:
    assert form_of(**{"as_json": False, "as_ndjson": False, "as_csv": False, "columns": None} | given) is form


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"as_json": True, "as_csv": True}, "--json and --csv exclude each other"),
        ({"as_ndjson": True, "columns": "run"}, "--columns is for tables and --csv, and --ndjson prints whole"),
    ],
)
def test_options_that_exclude_each_other_are_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandError) as refused:
        form_of(**{"as_json": False, "as_ndjson": False, "as_csv": False, "columns": None} | given)

    assert says in str(refused.value)


class Server:
    """A list of numbered entries, some of which cannot be read; keeps the sizes of the pages that were asked for."""

    def __init__(self, count: int, *, unreadable: frozenset[int] = frozenset()) -> None:
        self._count = count
        self._unreadable = unreadable
        self.sizes: list[int] = []

    def read(self, size: int, token: str | None) -> dict[str, Any]:
        self.sizes.append(size)
        first = int(token or 0)
        numbers = range(first, min(first + size, self._count))
        return {
            "runs": [{"id": n} for n in numbers if n not in self._unreadable],
            "unreadable": [{"id": n} for n in numbers if n in self._unreadable],
            "next_page_token": str(first + size) if first + size < self._count else None,
        }


@pytest.mark.parametrize(
    ("count", "limit", "sizes", "rest"),
    [
        (30, 20, [20], "more"),
        (20, 20, [20], ""),
        (250, 230, [100, 100, 30], "more"),
        (150, 1000, [100, 100], ""),
        (0, 10, [10], ""),
    ],
)
def test_as_many_pages_are_read_as_the_limit_needs(count: int, limit: int, sizes: list[int], rest: str) -> None:
    server = Server(count)

    listed = found(server.read, name="runs", limit=limit)

    assert [item["id"] for item in listed.items] == list(range(min(count, limit)))
    assert (server.sizes, listed.has_more) == (sizes, bool(rest))


def test_entries_that_are_kept_are_looked_for_on_page_after_page() -> None:
    server = Server(250)

    some = found(server.read, name="runs", limit=3, keep=lambda run: run["id"] % 60 == 7)
    all_of_them = found(server.read, name="runs", limit=5, keep=lambda run: run["id"] % 60 == 7)

    assert [item["id"] for item in some.items] == [7, 67, 127]
    assert (server.sizes[:2], some.has_more, some.page["next_page_token"]) == ([100, 100], True, None)
    assert ([item["id"] for item in all_of_them.items], all_of_them.has_more) == ([7, 67, 127, 187, 247], False)


def test_a_list_is_put_in_order_as_a_whole_before_it_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(250)

    last = found(server.read, name="runs", limit=2, arrange=arranging(COLUMNS, sort="id", reverse=True))

    assert ([item["id"] for item in last.items], last.has_more) == ([249, 248], True)
    print_list(last, COLUMNS, form=Form.JSON, names=None, empty="", more="tock runs list --limit 20", now=NOW)
    out, err = capsys.readouterr()
    assert (json.loads(out)["next_page_token"], "There are more than these 2" in err) == (None, True)


def test_a_list_that_is_too_long_to_be_put_in_order_is_refused() -> None:
    with pytest.raises(CommandError, match="More than 10,000 are listed"):
        found(Server(MOST_ARRANGED + 1).read, name="runs", limit=2, arrange=arranging(COLUMNS, sort=None, reverse=True))


TIMES = [
    {"id": "b", "at": "2027-01-01T09:00:00.5Z", "count": 10, "name": None},
    {"id": "a", "at": "2027-01-01T09:00:00Z", "count": 9, "name": "z"},
    {"id": "c", "at": "2026-01-01T09:00:00Z", "count": -1, "name": "é"},
]


@pytest.mark.parametrize(
    ("sort", "reverse", "ids"),
    [
        (None, True, "cab"),
        ("run", False, "abc"),
        ("at", False, "cab"),
        ("count", True, "bac"),
        # Without a value is last in either direction.
        ("name", False, "acb"),
        ("name", True, "cab"),
    ],
)
def test_entries_are_put_in_order_by_a_column_or_a_field(sort: str | None, reverse: bool, ids: str) -> None:  # noqa: FBT001 - a parameter
    arrange = arranging(COLUMNS, sort=sort, reverse=reverse)

    assert arrange is not None
    assert [item["id"] for item in arrange(TIMES)] == list(ids)


def test_an_order_by_no_column_is_refused() -> None:
    arrange = arranging(COLUMNS, sort="ta", reverse=False)

    assert arrange is not None
    with pytest.raises(UsageError, match="--sort: there is no column 'ta'"):
        arrange(TIMES)


def test_what_cannot_be_read_counts_and_is_kept_from_every_page() -> None:
    server = Server(210, unreadable=frozenset({3, 150}))

    listed = found(server.read, name="runs", limit=200)

    assert (len(listed.items), [each["id"] for each in listed.unreadable]) == (198, [3, 150])
    assert listed.page["next_page_token"] == "200"
