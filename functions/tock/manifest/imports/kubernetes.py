"""Reads CronJobs of Kubernetes (batch/v1): a file of one or several objects, or of lists of them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tock.core.time.duration import duration_text
from tock.manifest.document import read_yaml_stream
from tock.manifest.imports.crontab import WORDS
from tock.manifest.imports.found import Finding, Found, Left, bounded_timeout, slug

_OVERLAPS = {"Allow": "parallel", "Forbid": "skip", "Replace": "replace"}
#: Kubernetes' defaults: how often a job is repeated, and the first wait.
_BACKOFF_LIMIT, _BACKOFF = 6, "PT10S"
_MOST_RETRIES = 10
_LONGEST = timedelta(days=7)
_KEPT = ("successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def read_kubernetes(text: str, *, name: str, time_zone: str) -> Iterator[Finding]:
    """Yield what each CronJob becomes; `time_zone` is that of the cluster. Raises DocumentRefused."""
    for document in read_yaml_stream(text):
        for path, resource in _objects(document.value, ()):
            place = f"{name}:{document.line(path)}"
            kind = resource.get("kind")
            if kind == "CronJob":
                yield _cron_job(resource, place=place, time_zone=time_zone)
            else:
                yield Left(place, str(kind), "is no CronJob")


def _objects(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    if not isinstance(value, Mapping):
        return
    if isinstance(items := value.get("items"), list):
        for index, item in enumerate(items):
            yield from _objects(item, (*path, "items", index))
    else:
        yield path, value


def _cron_job(resource: Mapping[str, Any], *, place: str, time_zone: str) -> Finding:
    spec, metadata = _part(resource, "spec"), _part(resource, "metadata")
    named = ".".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))
    expression = spec.get("schedule")
    if not isinstance(expression, str):
        return Left(place, named, "has no spec.schedule")
    notes: list[str] = []
    zone = spec.get("timeZone") or time_zone
    if "TZ=" in expression:
        return Left(place, named, "Kubernetes does not accept a time zone within the schedule: write spec.timeZone")
    schedule: dict[str, Any]
    if expression.startswith("@every "):
        schedule = {"every": expression.removeprefix("@every ").strip()}
        notes.append("@every counted from when the controller started; Tock counts from 1970-01-01T00:00:00Z")
    else:
        expression = WORDS.get(expression, expression).replace("?", "*")
        if _meets_either_day(expression):
            reason = "Kubernetes fires if either day matches, because */ counts as set; Tock, like cron, if both match"
            return Left(place, named, f"{reason}: write the days of '{expression}' out")
        schedule = {"cron": expression, "time_zone": zone}
    job = _part(_part(spec, "jobTemplate"), "spec")
    timeout, shorter = bounded_timeout(_seconds(job.get("activeDeadlineSeconds")))
    deadline = _seconds(spec.get("startingDeadlineSeconds"))
    notes += shorter
    retries = int(job.get("backoffLimit", _BACKOFF_LIMIT))
    if retries > _MOST_RETRIES:
        notes.append(f"it is repeated {_MOST_RETRIES} times at most, not {retries}")
    notes += _differences(spec, job)
    payload, lost = _work(job)
    fields: dict[str, Any] = {
        "schedule": schedule,
        "description": f"CronJob {named}",
        "input": {"payload": payload},
        "overlap": _OVERLAPS.get(str(spec.get("concurrencyPolicy", "Allow")), "parallel"),
        "catch_up": {"mode": "latest", "window": _within(deadline or _LONGEST, timedelta(minutes=1))},
        "retry": {"max_retries": min(retries, _MOST_RETRIES), "delay": _BACKOFF},
        "timeout": timeout,
        "enabled": spec.get("suspend") is not True,
    }
    if deadline is not None:
        fields["start_deadline"] = _within(deadline, timedelta(seconds=1))
    return Found(place, slug(named) if "." not in named else named, fields, notes=(*notes, *lost))


def _differences(spec: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[str]:
    if any(key in spec for key in _KEPT) or "ttlSecondsAfterFinished" in job:
        yield "the history's limits are not kept: Tock stores settled runs for 90 days"
    if int(job.get("parallelism", 1)) > 1 or int(job.get("completions") or 1) > 1:
        yield "parallelism and completions are not kept: each fire time is one run"


def _work(job: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the payload: what the first container runs."""
    containers = _part(_part(job, "template"), "spec").get("containers")
    first = containers[0] if isinstance(containers, list) and containers else {}
    payload = {key: first[key] for key in ("image", "command", "args") if key in first}
    lost = []
    if "env" in first or "envFrom" in first:
        lost.append("env is not kept: it may hold secrets, which belong to the agent")
    if isinstance(containers, list) and len(containers) > 1:
        lost.append(f"only the first of {len(containers)} containers is kept")
    return payload, tuple(lost)


def _meets_either_day(expression: str) -> bool:
    """Whether one day field is a step over all days and the other one is set: robfig/cron takes both for set."""
    fields = expression.split()
    if len(fields) != len(("minute", "hour", "day of month", "month", "day of week")):
        return False
    days = (fields[2], fields[4])
    return any(day.startswith("*/") for day in days) and "*" not in days


def _within(value: timedelta, shortest: timedelta) -> str:
    return duration_text(min(max(value, shortest), _LONGEST))


def _seconds(value: object) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, int) and not isinstance(value, bool) else None


def _part(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = holder.get(name)
    return part if isinstance(part, Mapping) else {}
