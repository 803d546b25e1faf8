"""The demo's agents and triggers, as bodies of the API's create requests."""

from datetime import datetime, timedelta
from typing import Any

from tock.core.time.instant import instant_text
from tock.local.stack.session import PROJECT

#: The module with the demo's Python agents.
MODULE = "tock.local.demo.agents"


def agents(*, reviewer_url: str) -> list[dict[str, Any]]:
    """Return the agents: five of kind `python`, and one of kind `http`."""
    python = [
        {"id": name, "kind": "python", "config": {"callable": f"{MODULE}:{function}"}, "description": description}
        for name, function, description in (
            ("pulse", "pulse", "Returns its run's fire time."),
            ("digest", "digest", "Writes a digest of a git repository's last week."),
            ("flaky", "flaky", "Fails twice, then succeeds."),
            ("long-job", "long_job", "Works for some seconds in blocking code."),
            ("writer", "writer", "Writes a text, takes messages, and asks before it is published."),
        )
    ]
    reviewer = {
        "id": "reviewer",
        "kind": "http",
        "config": {"url": reviewer_url, "secret": f"{PROJECT}/REVIEWER"},
        "description": "Reviews a message; called over HTTP in a separate process.",
    }
    return [*python, reviewer]


def lasting_triggers(*, repository: str) -> list[dict[str, Any]]:
    """Return the triggers of `tock dev --demo`, which never end."""
    return [
        _trigger("pulse", "pulse", {"cron": "* * * * * */10"}, name="Every ten seconds"),
        _trigger(
            "review",
            "reviewer",
            {"every": "PT30S"},
            name="Every half minute, over HTTP",
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
    """Return the scenario's triggers: repeating ones end at `until`, except the nightly one; the others fire once."""
    end = {"end": instant_text(until)}

    def at(seconds: int) -> dict[str, str]:
        return {"at": instant_text((now + timedelta(seconds=seconds)).replace(microsecond=0))}

    retry = {"max_retries": 2, "delay": "PT1S"}
    subject = {"message": "Please review {{payload.subject}}", "payload": {"subject": "the minutes of this demo"}}
    return [
        # In parallel: the killed function may lose an attempt of these triggers too, whose run then ends late.
        _trigger("pulse", "pulse", {"cron": "* * * * * */10"}, overlap="parallel", **end),
        _trigger("review", "reviewer", {"every": "PT30S"}, input=subject, overlap="parallel", **end),
        _trigger("digest", "digest", at(8), input={"payload": {"repo": repository}, "model": "demo-small"}),
        _trigger("flaky", "flaky", at(9), retry=retry),
        _trigger("long-job", "long-job", at(10), input={"payload": {"steps": 8}}),
        nightly(),
    ]


def nightly() -> dict[str, Any]:
    """Return a trigger whose local fire time is skipped or repeated at clock changes."""
    schedule = {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"}
    return _trigger("nightly", "pulse", schedule, name="Daily at 02:30 in Berlin")


def _trigger(identifier: str, agent: str, schedule: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"id": identifier, "agent": agent, "schedule": schedule} | more
