"""How the console shows the reasons that Tock records."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tock.web.console.reasons import reason_text

NOW = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [
        (
            "run 8037d9303623747d889eeb46 has been running since 2027-01-01T11:34:50.307011Z; overlap is skip",
            "run 8037d930 has been running since 12:34:50; overlap is skip",
        ),
        (
            "run 8037d9303623747d889eeb46 was about to start: it was due at 2027-01-01T11:34:50Z",
            "run 8037d930 was about to start: it was due at 12:34:50",
        ),
        (
            "it could not start in time and is PT1M3S late; catch-up is latest, and the fire time 2027-01-01T11:34:50Z",
            "it could not start in time and is 1 min 3 s late; catch-up is latest, and the fire time 12:34:50",
        ),
        (
            "no tick came within PT1H; the PTA and P are no lengths",
            "no tick came within 1 h; the PTA and P are no lengths",
        ),
        ("no news since 2027-99-01T11:34:50Z", "no news since 2027-99-01T11:34:50Z"),
        ("cancelled on request", "cancelled on request"),
    ],
    ids=["an active run", "one that was due", "a late one", "a length", "no time", "neither"],
)
def test_a_reason_has_short_ids_and_times_of_the_reader(recorded: str, shown: str) -> None:
    told = reason_text(recorded, now=NOW, zone=ZoneInfo("Europe/Berlin"))

    assert told == shown
