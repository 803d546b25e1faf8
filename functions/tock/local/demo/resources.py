"""The demonstration's agents and triggers, as bodies of the API's create requests."""

from datetime import datetime, timedelta
from typing import Any

from tock.core.time import instant_text
from tock.local.stack.session import PROJECT

#: The module whose callables the demonstration's deployment allows.
MODULE = "tock.local.demo.agents"


def agents(*, reviewer_url: str) -> list[dict[str, Any]]:
    """Return the agents: four in Python, one behind HTTP."""
    python = [
        {"id": name, "kind": "python", "config": {"callable": f"{MODULE}:{function}"}, "description": description}
        for name, function, description in (
            ("pulse", "pulse", "Says which fire time it was started for."),
            ("digest", "digest", "Reads a git repository's last week and writes a digest."),
            ("flaky", "flaky", "Fails twice, then works."),
            ("long-job", "long_job", "Works for some seconds in blocking code."),
        )
    ]
    reviewer = {
        "id": "reviewer",
        "kind": "http",
        "config": {"url": reviewer_url, "secret": f"{PROJECT}/REVIEWER"},
        "description": "Reviews a message; runs behind HTTP in a process of its own.",
    }
    return [*python, reviewer]


def lasting_triggers(*, repository: str) -> list[dict[str, Any]]:
    """Return the triggers of a stack that is left running."""
    return [
        _trigger("pulse", "pulse", {"cron": "* * * * * */10"}, name="Every ten seconds"),
        _trigger(
            "review",
            "reviewer",
            {"every": "PT30S"},
            name="Every half minute, behind HTTP",
            input={"message": "Please review {{payload.subject}}", "payload": {"subject": "the minutes"}},
        ),
        _trigger(
            "morning-digest",
            "digest",
            {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
            name="Workdays at nine in Berlin",
            input={"payload": {"repo": repository}, "model": "demo-small"},
        ),
        nightly(),
    ]


def scenario_triggers(*, repository: str, now: datetime, until: datetime) -> list[dict[str, Any]]:
    """Return the triggers of the scenario; those that repeat end at `until`, the others fire once."""
    end = {"end": instant_text(until)}

    def at(seconds: int) -> dict[str, str]:
        return {"at": instant_text((now + timedelta(seconds=seconds)).replace(microsecond=0))}

    patient = {"max_retries": 2, "delay": "PT1S"}
    subject = {"message": "Please review {{payload.subject}}", "payload": {"subject": "the minutes of this demo"}}
    return [
        # In parallel, since the function that dies may take one of these with it, which then ends late.
        _trigger("pulse", "pulse", {"cron": "* * * * * */10"}, overlap="parallel", **end),
        _trigger("review", "reviewer", {"every": "PT30S"}, input=subject, overlap="parallel", **end),
        _trigger("digest", "digest", at(8), input={"payload": {"repo": repository}, "model": "demo-small"}),
        _trigger("flaky", "flaky", at(9), retry=patient),
        _trigger("long-job", "long-job", at(10), input={"payload": {"steps": 8}}),
        nightly(),
    ]


def nightly() -> dict[str, Any]:
    """Return a trigger whose local time does not exist, or exists twice, when clocks change."""
    schedule = {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"}
    return _trigger("nightly", "pulse", schedule, name="Daily at 02:30 in Berlin")


def _trigger(identifier: str, agent: str, schedule: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"id": identifier, "agent": agent, "schedule": schedule} | more
