"""Reads the schedules of a GitHub Actions workflow (`on.schedule`)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from tock.manifest.document import read_yaml
from tock.manifest.imports.found import Finding, Found, Left, bounded_timeout, slug

#: How long a job may take unless it says otherwise (GitHub, "Workflow syntax", jobs.<job_id>.timeout-minutes).
_DEFAULT_MINUTES = 360
_ALWAYS = (
    "GitHub may start it late or not at all, makes up for none, and repeats none: Tock starts it at its second, "
    "catch_up is none, retries 0"
)


def read_github(text: str, *, name: str) -> Iterator[Finding]:
    """Yield what each schedule becomes; GitHub's are in UTC unless they say otherwise. Raises DocumentRefused."""
    document = read_yaml(text)
    workflow: Any = document.value
    events = workflow.get("on") if isinstance(workflow, Mapping) else None
    schedules = events.get("schedule") if isinstance(events, Mapping) else None
    if not isinstance(schedules, list):
        yield Left(name, "the workflow", "has no on.schedule: what else starts it has no time")
        return
    for event in events if isinstance(events, Mapping) else ():
        if event != "schedule":
            yield Left(f"{name}:{document.line(('on', event))}", f"on.{event}", "is an event without a time")
    for index, each in enumerate(schedules):
        place = f"{name}:{document.line(('on', 'schedule', index))}"
        if not isinstance(each, Mapping) or not isinstance(each.get("cron"), str):
            yield Left(place, str(each), "has no cron")
            continue
        yield _trigger(workflow, each, place=place, name=name)


def _trigger(workflow: Mapping[str, Any], schedule: Mapping[str, Any], *, place: str, name: str) -> Found:
    overlap, notes = _overlap(workflow)
    timeout, shorter = bounded_timeout(timedelta(minutes=_minutes(workflow)))
    title = workflow.get("name") or PurePath(name).stem
    return Found(
        place,
        slug(PurePath(name).stem),
        {
            "schedule": {"cron": schedule["cron"], "time_zone": schedule.get("timezone", "UTC")},
            "description": f"GitHub workflow {title}",
            "input": {"payload": {"workflow": PurePath(name).name}},
            "overlap": overlap,
            "catch_up": {"mode": "none"},
            "retry": {"max_retries": 0},
            "timeout": timeout,
        },
        notes=(_ALWAYS, *shorter, *notes),
    )


def _overlap(workflow: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    concurrency = workflow.get("concurrency")
    if concurrency is None:
        return "parallel", ()
    replaces = isinstance(concurrency, Mapping) and concurrency.get("cancel-in-progress") is True
    note = "the concurrency group is kept among the runs of this trigger only"
    return ("replace" if replaces else "queue"), (note,)


def _minutes(workflow: Mapping[str, Any]) -> float:
    """Return how long the longest job may take."""
    jobs = workflow.get("jobs")
    limits = [
        job.get("timeout-minutes", _DEFAULT_MINUTES)
        for job in (jobs.values() if isinstance(jobs, Mapping) else ())
        if isinstance(job, Mapping)
    ]
    return max((limit for limit in limits if isinstance(limit, int | float)), default=_DEFAULT_MINUTES)
