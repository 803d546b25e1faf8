"""Prints a trigger's schedule in words, its next fire times, and previews of them."""

from collections.abc import Mapping
from typing import Any

from tock.cli.tables import console, print_table


def print_schedule(trigger: Mapping[str, Any], *, event: str) -> None:
    """Print what happened to a trigger, its schedule in words, and its next fire times in local time."""
    name, times = trigger["id"], ", ".join(trigger["next_fire_times"]) or "none"
    _print(f"Trigger {name} {event}: {trigger['schedule_text']}.")
    _print(f"Next fire times: {times}. More: tock triggers preview {name}")


def print_preview(preview: Mapping[str, Any]) -> None:
    """Print the fire times of a preview, what clock changes skip, and whether the trigger is disabled."""
    _print(f"{preview['schedule_text'][:1].upper()}{preview['schedule_text'][1:]}.")
    if not preview["enabled"]:
        _print("The trigger is disabled: it fires at none of these times unless it is enabled before.")
    rows = ((fire["time"], fire["local"], fire["clock_change"]) for fire in preview["fires"])
    print_table(("fire time (UTC)", "local", "clock change"), rows, empty="The trigger has no further fire time.")
    for skipped in preview["skipped"]:
        first, last, instead = skipped["first"], skipped["last"], skipped["fires_at"]
        local = first if first == last else f"{skipped['count']} times from {first} to {last}"
        then = f"fires at {instead} instead" if instead else "does not fire"
        _print(f"Skipped by a clock change: {local} {then} ({skipped['clock_change']}).")


def _print(text: str) -> None:
    console().print(text, markup=False, highlight=False)
