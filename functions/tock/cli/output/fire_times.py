"""Prints a trigger's schedule in words, its next fire times, and previews of them."""

from typing import TYPE_CHECKING

from tock.cli.output import lists
from tock.cli.output.listing import print_table
from tock.cli.output.printing import say
from tock.core.time.instant import instant_text

if TYPE_CHECKING:
    from tock.web.resources.triggers.preview import Preview
    from tock.web.resources.triggers.trigger import TriggerResource


def print_schedule(trigger: "TriggerResource", *, event: str) -> None:
    """Print what happened to a trigger, its schedule in words, and its next fire times in local time."""
    times = ", ".join(trigger.next_fire_times) or "none"
    say(f"Trigger {trigger.id} {event}: {trigger.schedule_text}.")
    say(f"Next fire times: {times}. More: tock triggers preview {trigger.id}")


def print_preview(preview: "Preview") -> None:
    """Print the fire times of a preview, what clock changes skip, and whether the trigger is disabled."""
    say(f"{preview.schedule_text[:1].upper()}{preview.schedule_text[1:]}.")
    if not preview.enabled:
        say("The trigger is disabled: it fires at none of these times unless it is enabled before.")
    print_table(lists.FIRES, preview.model_dump(mode="json")["fires"], empty="The trigger has no further fire time.")
    for skipped in preview.skipped:
        first, last = skipped.first, skipped.last
        local = first if first == last else f"{skipped.count} times from {first} to {last}"
        then = "does not fire" if skipped.fires_at is None else f"fires at {instant_text(skipped.fires_at)} instead"
        say(f"Skipped by a clock change: {local} {then} ({skipped.clock_change}).")
