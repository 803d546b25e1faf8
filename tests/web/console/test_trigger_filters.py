"""The filters of the list of triggers."""

import pytest

from core.builders import NOON, a_trigger
from tock.core.errors import InvalidArgument
from tock.core.trigger.trigger import ClaimedRun, Pause, PauseReason
from tock.web.console.pages.triggers.listing.filters import Filters

TRIGGER = a_trigger(id="digest-1", name="Morning Digest", labels={"team": "shop", "empty": ""})


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), True),
        (Filters(state="enabled"), True),
        (Filters(state="disabled"), False),
        (Filters(label="team=shop"), True),
        (Filters(label=" team = shop "), True),
        (Filters(label="team"), True),
        (Filters(label="team=web"), False),
        (Filters(label="team="), False),
        (Filters(label="empty="), True),
        (Filters(label="owner"), False),
        (Filters(text="morning"), True),
        (Filters(text="DIGEST-1"), True),
        (Filters(text="evening"), False),
        (Filters(text="morning", label="team=web"), False),
    ],
    ids=repr,
)
def test_a_trigger_is_kept_if_every_filter_keeps_it(filters: Filters, *, kept: bool) -> None:
    assert filters.keeps(TRIGGER, now=NOON) is kept


def test_a_trigger_counts_as_enabled_until_its_last_fire_time_has_come() -> None:
    claimed = (ClaimedRun(run="run-1", fire_time=NOON),)
    paused = Pause(reason=PauseReason.EXHAUSTED, at=NOON, by="scheduler")
    trigger = a_trigger(enabled=False, paused=paused, next_run_at=None, claimed=claimed)

    assert Filters(state="enabled").keeps(trigger, now=NOON.replace(hour=11))
    assert Filters(state="disabled").keeps(trigger, now=NOON)


def test_an_address_names_the_filters_that_are_set() -> None:
    filters = Filters.of({"agent": " reader ", "state": "", "text": "a", "page_token": "x"})

    assert filters == Filters(agent="reader", text="a")
    assert filters.query == {"agent": "reader", "text": "a"}
    assert filters.looks_at_each
    assert not Filters(agent="reader").looks_at_each


def test_a_state_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="takes enabled or disabled"):
        Filters.of({"state": "paused"})
