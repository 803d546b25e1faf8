"""`tock cost`, which contacts no server."""

import json
import sys
from typing import Any

import pytest

from tock.cli.main import main


@pytest.fixture
def tock(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tock", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out + output.err

    return run


def test_the_table_shows_every_line_its_sums_and_what_stands_beside_it(tock: Any) -> None:
    code, output = tock("cost", "--runs-per-month", "1000000", "--seconds-per-run", "25", "--concurrency", "10")

    rows = [line.split() for line in output.splitlines()]
    assert code == 0
    assert "1,000,000 runs a month of 25 s, 100 agents, 10 runs per instance; without free tiers" in output
    assert ["runs:", "writes", "4,000,000", "$0.09", "per", "100,000", "document", "writes", "3.60", "3.60"] in rows
    assert ["=", "fixed", "0.40", "0.40"] in rows
    assert ["=", "scheduling", "9.40", "9.40"] in rows
    assert [row[:5] for row in rows if row[:1] in (["Cloud"], ["EventBridge"], ["Temporal"])] == [
        ["Cloud", "Scheduler,", "a", "job", "for"],
        ["EventBridge", "Scheduler", "and", "Lambda", "1.20"],
        ["Temporal", "Cloud,", "plan", "Developer", "220.00"],
    ]
    assert "prices not verified" in output
    assert "looked up on 2026-11-21" in output
    assert "counted on 2026-11-26 by `make bench-ops`" in output


def test_json_holds_the_same_for_programs_with_the_source_of_each_price(tock: Any) -> None:
    code, output = tock("cost", "--runs-per-month", "1000", "--free-tier", "--json")

    answer = json.loads(output)
    assert (code, answer["runs_per_month"], answer["free_tier"]) == (0, 1000, True)
    assert [bill["verified"] for bill in answer["bills"]] == [True, True, False, True]
    assert all(line["price"]["source"] for bill in answer["bills"] for line in bill["lines"])
    tock_bill = answer["bills"][0]
    assert sum(line["dollars_per_month"] for line in tock_bill["lines"] if line["part"] != "agent") == pytest.approx(
        tock_bill["dollars_per_month"]["scheduling"]
    )
    assert tock_bill["scheduling_dollars_per_million_runs"] == pytest.approx(
        tock_bill["dollars_per_month"]["scheduling"] * 1000
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--runs-per-month", "9" * 400), (",999 is not from 1", "Give the number of runs in a month.")),
        (("--runs-per-month", "0"), ("--runs-per-month: 0 is not from 1", "Give the number of runs in a month.")),
        (("--runs-per-month", "many"), ("'--runs-per-month': 'many' is not a whole number", "such as 100000")),
        (("--runs-per-month", "9", "--agents", "-1"), ("--agents: -1 is not from 1", "Give the number of agents")),
        (("--runs-per-month", "9", "--seconds-per-run", "1741"), ("--seconds-per-run: 1741", "as several runs")),
        (("--runs-per-month", "9", "--seconds-per-run", "nan"), ("--seconds-per-run: nan", "as several runs")),
        (("--runs-per-month", "9", "--concurrency", "0.5"), ("--concurrency: 0.5", "1 to 1,000 at once")),
        (("--runs-per-month", "9", "--concurrency", "x"), ("'--concurrency': 'x' is not a number", "such as 30")),
        ((), ("--runs-per-month",)),
    ],
    ids=" ".join,
)
def test_a_mistake_is_named_with_option_value_and_remedy(tock: Any, words: Any, said: tuple[str, ...]) -> None:
    code, output = tock("cost", *words)

    plain = " ".join(output.replace("│", " ").split())
    assert code != 0
    assert "Traceback" not in output
    assert [part for part in said if part not in plain] == []


def test_the_help_says_what_each_option_means(tock: Any) -> None:
    code, output = tock("cost", "--help")

    assert code == 0
    for option in ("--runs-per-month", "--agents", "--seconds-per-run", "--concurrency", "--free-tier", "--json"):
        assert option in output
