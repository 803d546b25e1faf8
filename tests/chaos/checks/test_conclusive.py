"""An experiment that shows nothing has no verdict: it says what was missing, or refuses to start."""

import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chaos.__main__ import exit_status, main, sentences
from chaos.checks.conclusive import Inconclusive, require_conclusive, require_every_kind, require_set_up
from chaos.checks.sample_records import ALL_WELL
from chaos.faults.plan import SHORT, Kind, make_plan
from chaos.load.work_log import WorkSpan
from chaos.records import Records
from chaos.report import table
from tock.core.errors import StoreUnavailable
from tock.core.proof.occurrence import OccurrenceStatus

INCONCLUSIVE = 2
ALL_KINDS = Counter(dict.fromkeys(Kind, 1))
FIRED = Counter({OccurrenceStatus.FIRED: 3})
STOPPED = tuple(replace(span, outcome="stopped") for span in ALL_WELL.spans)


def test_it_is_conclusive_when_work_was_done_under_every_kind_of_fault() -> None:
    require_conclusive(counts=FIRED, spans=ALL_WELL.spans, injected=ALL_KINDS)


@pytest.mark.parametrize(
    ("counts", "spans", "injected", "missing"),
    [
        (Counter[OccurrenceStatus](), ALL_WELL.spans, ALL_KINDS, "no occurrence was fired"),
        (Counter({OccurrenceStatus.REFUSED: 3}), ALL_WELL.spans, ALL_KINDS, "no occurrence was fired"),
        (FIRED, (), ALL_KINDS, "no agent logged that it did its work"),
        (FIRED, STOPPED, ALL_KINDS, "no agent logged that it did its work"),
        (
            FIRED,
            ALL_WELL.spans,
            Counter[Kind](),
            "not injected: kill, stop, lose tasks, delay, reset, blackhole, lose responses, pause ticks",
        ),
        (FIRED, ALL_WELL.spans, ALL_KINDS - Counter({Kind.LOSE_RESPONSES: 1}), "not injected: lose responses"),
        (FIRED, ALL_WELL.spans, Counter({**ALL_KINDS, Kind.CONCURRENT_TICKS: 0}), "not injected: concurrent ticks"),
    ],
    ids=["empty", "refused", "no log", "nothing done", "no faults", "one kind missing", "one kind in vain"],
)
def test_it_is_inconclusive_without(
    counts: Counter[OccurrenceStatus], spans: tuple[WorkSpan, ...], injected: Counter[Kind], missing: str
) -> None:
    with pytest.raises(Inconclusive, match=missing):
        require_conclusive(counts=counts, spans=spans, injected=injected)


def test_a_plan_without_room_for_every_kind_of_fault_is_refused() -> None:
    plan = make_plan(5, length=timedelta(seconds=10), profile=SHORT)

    with pytest.raises(Inconclusive, match="take more MINUTES"):
        require_every_kind(plan)


def test_a_set_up_that_takes_longer_than_is_reserved_is_refused() -> None:
    reserved = timedelta(seconds=25)

    require_set_up(reserved, reserved=reserved)
    with pytest.raises(Inconclusive, match="took 26 s, and 25 s are reserved"):
        require_set_up(reserved + timedelta(seconds=1), reserved=reserved)


@pytest.mark.parametrize("seed", range(100))
def test_two_minutes_have_room_for_every_kind_of_fault(seed: int) -> None:
    require_every_kind(make_plan(seed, length=timedelta(minutes=2), profile=SHORT))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--triggers", "0"], "with 0 triggers nothing would be due: take 1 or more"),
        (["--triggers", "many"], "invalid"),
        (["--minutes", "0"], "0 minutes are no time for faults"),
        (["--minutes", "nan"], "nan minutes are no time for faults"),
        (["--minutes", "0.2", "--seed", "5"], "inconclusive: there is no time for every kind of fault"),
    ],
)
def test_what_could_show_nothing_is_refused(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["chaos", *arguments])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    try:
        status: object = main()
    except SystemExit as refused:
        status = refused.code

    output = "".join(capsys.readouterr())
    assert status == INCONCLUSIVE
    assert said in output
    assert "Traceback" not in output


def test_whatever_broke_it_off_is_one_sentence() -> None:
    failures = ExceptionGroup(
        "unhandled errors in a TaskGroup",
        [
            ExceptionGroup("unhandled errors in a TaskGroup", [TimeoutError()]),
            StoreUnavailable("Firestore did not answer.\nIts words were long."),
            Inconclusive("nobody came"),
            TimeoutError(),
        ],
    )

    said = sentences(failures)

    assert said == "it ended with TimeoutError; StoreUnavailable: Firestore did not answer.; nobody came"


@pytest.mark.parametrize(("held", "status"), [(True, 0), (False, 1)])
def test_a_verdict_is_the_exit_status(*, held: bool, status: int, tmp_path: Path) -> None:
    assert exit_status(lambda: held, data=tmp_path) == status


@pytest.mark.parametrize("failure", [TimeoutError(), StoreUnavailable("It is silent."), KeyboardInterrupt()])
def test_no_surprise_is_a_verdict(failure: BaseException, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> bool:
        raise failure

    status = exit_status(run, data=tmp_path)

    said = capsys.readouterr().out
    assert status == INCONCLUSIVE
    assert said.startswith("inconclusive: ")
    assert type(failure).__name__ in said
    assert said.count("\n") == 1
    assert "Traceback" in (tmp_path / "traceback.txt").read_text()


def test_no_starts_have_no_lateness() -> None:
    lines = list(
        table(replace(ALL_WELL, runs=(), spans=()).verdict(), Records((), ()), (), faults=Counter(), answers=Counter())
    )

    [line] = [line for line in lines if line.startswith("start after fire time")]
    assert line.split() == ["start", "after", "fire", "time", "none"]
