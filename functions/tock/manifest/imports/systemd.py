"""Reads timers of systemd: systemd.timer(5)."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from tock.manifest.imports.found import Finding, Found, Left, bounded_timeout, slug
from tock.manifest.imports.on_calendar import NotACronError, schedule_of

_MONOTONIC = {
    "OnActiveSec": "counts from when the timer started: there is no such instant here",
    "OnBootSec": "counts from when the machine started: there is no machine",
    "OnStartupSec": "counts from when systemd started: there is no machine",
    "OnUnitActiveSec": "counts from the last start: write an interval, such as schedule: {every: 15m}",
    "OnUnitInactiveSec": "counts from the last end: write an interval, such as schedule: {every: 15m}",
    "OnClockChange": "is no time",
    "OnTimezoneChange": "is no time",
}
_IGNORED = {
    "RandomizedDelaySec": "RandomizedDelaySec is not kept: it starts at its second",
    "FixedRandomDelay": "FixedRandomDelay is not kept: it starts at its second",
    "WakeSystem": "WakeSystem is not kept: there is no machine to wake",
}


def read_systemd(text: str, *, name: str, time_zone: str) -> Iterator[Finding]:
    """Yield what each OnCalendar of a timer becomes; `time_zone` is that of the machine."""
    settings = list(_settings(text))
    last = {key: value for _, key, value in settings}
    notes = [note for key, note in _IGNORED.items() if last.get(key, "0") not in {"0", "false", "no", ""}]
    persistent = last.get("Persistent", "").lower() in {"1", "yes", "true", "on"}
    timeout, longer = bounded_timeout(None)
    unit = last.get("Unit", f"{PurePath(name).stem}.service")
    for number, key, value in settings:
        place = f"{name}:{number}"
        if key in _MONOTONIC:
            yield Left(place, f"{key}={value}", _MONOTONIC[key])
        if key != "OnCalendar" or not value:
            continue
        try:
            schedule = schedule_of(value, time_zone=time_zone)
        except NotACronError as exc:
            yield Left(place, f"{key}={value}", str(exc))
            continue
        fields: dict[str, Any] = {
            "schedule": schedule,
            "description": f"systemd timer {PurePath(name).name}: {value}",
            "input": {"payload": {"unit": unit}},
            "overlap": "skip",
            "catch_up": {"mode": "latest", "window": "P7D"} if persistent else {"mode": "none"},
            "retry": {"max_retries": 0},
            "timeout": timeout,
        }
        yield Found(place, slug(PurePath(name).stem), fields, notes=(*longer, *notes))


def _settings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, key and value of each setting in the section [Timer]; an empty OnCalendar clears those before."""
    section = ""
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if line.startswith("["):
            section = line
        elif section == "[Timer]" and "=" in line and not line.startswith(("#", ";")):
            key, _, value = (part.strip() for part in line.partition("="))
            if key == "OnCalendar" and not value:
                found = [each for each in found if each[1] != "OnCalendar"]
            found.append((number, key, value))
    yield from found
