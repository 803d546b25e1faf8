"""When the reports are due around a night in which the clocks change, and what a report is without its service."""

import tock.testing

from agents import TRIGGERS, report


def test_reports_are_due_at_nine_on_both_sides_of_a_clock_change() -> None:
    due = tock.testing.fire_times(TRIGGERS["berlin"], "2027-03-26T00:00:00Z", "2027-03-30T00:00:00Z")

    assert [f"{time:%a %H:%M} UTC" for time in due] == ["Fri 08:00 UTC", "Mon 07:00 UTC"]


def test_a_second_attempt_falls_back_to_the_last_report() -> None:
    last = tock.testing.Previous(result={"office": "tokyo", "numbers": "5 orders"})

    run = tock.testing.run(report, payload={"office": "tokyo"}, attempt=2, previous=last)

    assert run.result == {"office": "tokyo", "numbers": "5 orders"}
    assert run.emitted == (("fallback", {"numbers": "5 orders"}),)
