"""The bars of a run's timeline: to scale, and none too thin to be seen."""

from datetime import timedelta

from core.builders import NOON
from tock.web.console.pages.runs.bars import bars
from tock.web.resources.runs.timeline import Segment

MINUTE = timedelta(minutes=1)


def test_a_bar_begins_and_ends_to_scale() -> None:
    segments = (
        Segment("queued", NOON, NOON + MINUTE),
        Segment("attempt 1", NOON + MINUTE, NOON + 3 * MINUTE, note="failed: Broke", works=True),
        Segment("retry wait", NOON + 3 * MINUTE, NOON + 4 * MINUTE),
    )

    found = [(bar.name, bar.x, bar.width, bar.look) for bar in bars(segments)]

    assert found == [
        ("queued", "0.00%", "25.00%", "wait"),
        ("attempt 1", "25.00%", "50.00%", "failed"),
        ("retry wait", "75.00%", "25.00%", "wait"),
    ]


def test_what_is_short_beside_the_whole_is_seen_and_stays_within() -> None:
    wait = Segment("waited", NOON, NOON + timedelta(days=3))
    work = Segment("attempt 2", wait.end, wait.end + timedelta(milliseconds=1), note="succeeded", works=True)

    last = bars((wait, work))[-1]

    assert (last.x, last.width, last.look) == ("99.40%", "0.60%", "work")


def test_a_run_of_which_nothing_has_lasted_yet_has_no_bars() -> None:
    assert bars(()) == ()
