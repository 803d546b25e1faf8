"""Which runs a command acts on, as people write it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from core.builders import NOON, at
from tock.cli.errors import UsageError
from tock.cli.input.when import Here
from tock.cli.input.where import Where, where_of
from tock.core.run.status import RunSource, RunStatus

HERE = Here(now=NOON, zone=ZoneInfo("Asia/Tokyo"))


def test_conditions_are_separated_by_commas_or_by_options() -> None:
    one = where_of(
        ["status=failed, status=timed_out,agent=digest,since=2h,source=schedule,subject=trigger:morning"], here=HERE
    )
    several = where_of(
        ["status=failed", "status=timed_out", "agent=digest,since=2h", "source=schedule", "subject=trigger:morning"],
        here=HERE,
    )

    wanted = Where(
        statuses=(RunStatus.FAILED, RunStatus.TIMED_OUT),
        agent="digest",
        source=RunSource.SCHEDULE,
        subject="trigger:morning",
        since=NOON - timedelta(hours=2),
    )
    assert one == several == wanted
    assert wanted.query == {
        "status": ["failed", "timed_out"],
        "agent": "digest",
        "trigger": None,
        "source": "schedule",
        "subject": "trigger:morning",
        "since": at("10:00"),
        "until": None,
    }


def test_times_are_those_of_every_other_option() -> None:
    found = where_of(["since=2027-01-01T09:00:00+01:00,until=10m"], here=HERE)
    local = where_of(["since=yesterday,until=2027-01-01T20:00"], here=HERE)

    assert (found.since, found.until) == (at("08:00"), at("11:50"))
    assert (local.since, local.until) == (HERE.past("yesterday", option=""), at("11:00"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("failed", "'failed' is no condition"),
        ("", "'' is no condition"),
        ("state=failed", "'state=failed' is no condition (did you mean status?)"),
        ("trigerr=a", "'trigerr=a' is no condition (did you mean trigger?)"),
        ("zzz=a", "'zzz=a' is no condition"),
        ("agent=", "'agent=' is no condition"),
        ("status=done", "status=done is not known: choose one of held, queued, running"),
        ("status=cancled", "status=cancled is not known (did you mean cancelled?): choose one of held"),
        ("source=cron", "source=cron is not known: choose"),
        ("agent=a,agent=b", "agent comes 2 times: give it once"),
        ("since=soon", "--where since: 'soon' is no time."),
        ("since=9999999999d", "--where since: '9999999999d'"),
    ],
)
def test_what_says_nothing_is_refused_with_a_remedy(text: str, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        where_of([text], here=HERE)

    assert says in str(raised.value)
    if "no condition" in says:
        assert "status=failed,agent=digest" in raised.value.details[0]
