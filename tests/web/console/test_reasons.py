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
        (
            "As run 8037d9303623747d889eeb46: started at 2027-01-01T11:34:50.2Z (75 s late), it ended after 90.5 s.",
            "As run 8037d930: started at 12:34:50 (1 min 15 s late), it ended after 1 min 30 s.",
        ),
        (
            "one of 2 from 2027-01-01T11:00:00Z to 2027-01-01T11:15:00Z, in force until 2026-12-31T11:00:00Z",
            "one of 2 from 12:00:00 to 12:15:00, in force until 31 Dec 2026 12:00",
        ),
        ("no news since 2027-99-01T11:34:50Z", "no news since 2027-99-01T11:34:50Z"),
        ("cancelled on request", "cancelled on request"),
    ],
    ids=["an active run", "one that was due", "a late one", "a length", "a run", "an interval", "no time", "neither"],
)
def test_a_reason_has_short_ids_and_times_of_the_reader(recorded: str, shown: str) -> None:
    told = reason_text(recorded, now=NOW, zone=ZoneInfo("Europe/Berlin"))

    assert told == shown
