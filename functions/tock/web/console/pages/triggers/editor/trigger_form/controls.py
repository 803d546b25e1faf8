"""The controls of a trigger's form, one for each field that its author writes."""

from collections.abc import Mapping

from tock.core.policies import CatchUpMode, Overlap, SessionMode
from tock.core.schedule.schedule import EPOCH
from tock.web.console.pages.triggers.editor.trigger_form.control import Control
from tock.web.console.pages.triggers.editor.trigger_form.kind import Kind

#: Whether the trigger has conditions of its own for success, instead of its agent's; no field of the resource.
OWN_EVIDENCE = "evidence.own"

_OVERLAP = (
    (Overlap.SKIP, "The new run is recorded as skipped."),
    (Overlap.QUEUE, "The new run is held until the earlier one ends."),
    (Overlap.PARALLEL, "The new run starts beside the earlier one."),
    (Overlap.REPLACE, "The earlier run is cancelled; the new one starts when that has ended."),
)
_CATCH_UP = (
    (CatchUpMode.LATEST, "Only the newest of them runs; the others are recorded as missed."),
    (CatchUpMode.ALL, "All of them run, the oldest first."),
    (CatchUpMode.NONE, "None runs that is more than 60 s late; they are recorded as missed."),
)
_SESSION = (
    (SessionMode.NEW, "Each run begins a conversation of its own."),
    (SessionMode.CONTINUE, "Each run goes on with the conversation of the one before it."),
)

_SCHEDULE = (
    Control(
        "schedule.cron",
        "Cron expression",
        "Minute, hour, day of month, month and day of week. A sixth field, the last, is the second.",
        placeholder="0 9 * * 1-5",
    ),
    Control(
        "schedule.time_zone", "Time zone", "Type a city or a region to find its zone.", placeholder="Europe/Berlin"
    ),
    Control(
        "schedule.every",
        "Every",
        "A length such as 90s, 15m, 2h, 1d or PT15M: elapsed time, whatever the clocks do.",
        Kind.LENGTH,
        placeholder="15m",
    ),
    Control(
        "schedule.anchor",
        "Counted from",
        "The intervals are counted from this time, before and after it. Without one: 1970-01-01 00:00 UTC.",
        Kind.TIME,
        empty=EPOCH,
    ),
    Control("schedule.at", "At", "", Kind.TIME),
)

_OTHERS = (
    Control("agent", "Agent", "What runs at each fire time."),
    Control("name", "Name", "A title for people. Without one, lists show the id."),
    Control("description", "Description", "What the trigger is for.", Kind.LINES, empty=""),
    Control("enabled", "Enabled", "A trigger that is not enabled has no fire times.", Kind.SWITCH),
    Control(
        "input.message",
        "Message",
        "What the agent is told. {{payload.repo}} becomes that value of the payload, {{scheduled_for}} the fire time "
        "in UTC, {{scheduled_for_local}} the same in the schedule's zone, {{time_zone}} that zone's name.",
        Kind.LINES,
        placeholder="Write a digest of {{payload.repo}} for {{scheduled_for_local}}",
    ),
    Control("input.payload", "Payload", "A JSON object that each run gets.", Kind.OBJECT, empty={}, placeholder="{}"),
    Control("input.model", "Model", "The name of the model. Without one, the agent chooses."),
    Control(
        "input.ref",
        "Version or branch",
        "A branch or a tag of the agent's repository, such as main or v1.2. Without one, the agent's own default.",
    ),
    Control("overlap", "When an earlier run is still active", kind=Kind.CHOICE, choices=_OVERLAP),
    Control("queue_depth", "Queue depth", "How many runs the overlap policy queue holds: 1 to 10.", Kind.NUMBER),
    Control(
        "max_parallel",
        "Most in parallel",
        "How many runs the overlap policy parallel lets work at once: 1 to 50. Empty: any number.",
        Kind.NUMBER,
    ),
    Control("session", "Conversation", kind=Kind.CHOICE, choices=_SESSION),
    Control("catch_up.mode", "When fire times come late, as after an outage", kind=Kind.CHOICE, choices=_CATCH_UP),
    Control("catch_up.window", "At most so late", "A fire time that is later is missed: 1m to 7d.", Kind.LENGTH),
    Control(
        "start_deadline",
        "Start deadline",
        "A run that could only start later after its fire time is missed, whatever the cause: 1s to 7d. Empty: none.",
        Kind.LENGTH,
    ),
    Control("retry.max_retries", "Retries", "How many attempts may follow failed ones: 0 to 10.", Kind.NUMBER),
    Control(
        "retry.delay",
        "First wait",
        "The wait before the first retry: 1s to 1h. Each further wait is twice as long, up to 1h, with some jitter.",
        Kind.LENGTH,
    ),
    Control(
        "retry.give_up_at_next",
        "Give up at the next fire time",
        "A run that waits for its retry ends when the next one starts.",
        Kind.SWITCH,
    ),
    Control("timeout", "Timeout", "How long one attempt may take: 1s to 29m.", Kind.LENGTH),
    Control(
        "progress_every",
        "Sign of progress every",
        "An attempt that shows no event, usage, checkpoint or output for so long is stopped: 5s to 29m. Empty: as long "
        "as its agent allows.",
        Kind.LENGTH,
    ),
    Control(
        "evidence.events",
        "Events",
        "Kinds of event, one a line, each of which the agent must have emitted.",
        Kind.WORDS,
        empty=(),
        placeholder="pull_request",
    ),
    Control(
        "evidence.min_tokens", "Least tokens", "How many tokens, input and output, it must have consumed.", Kind.NUMBER
    ),
    Control(
        "evidence.output_schema",
        "Output schema",
        "A JSON Schema (draft 2020-12) that the result must fit.",
        Kind.OBJECT,
        placeholder='{"type": "object"}',
    ),
    Control("start", "Start", "No fire time is before it. Empty: none.", Kind.TIME),
    Control("end", "End", "No fire time is at or after it. Empty: none.", Kind.TIME),
    Control(
        "labels",
        "Labels",
        "Words to find the trigger by, one a line, such as team=shop.",
        Kind.PAIRS,
        empty={},
        placeholder="team=shop",
    ),
)

#: By their paths.
CONTROLS: Mapping[str, Control] = {control.path: control for control in (*_SCHEDULE, *_OTHERS)}
SCHEDULE: Mapping[str, Control] = {control.path: control for control in _SCHEDULE}
#: The controls of everything but the schedule, which has a builder.
OTHERS = _OTHERS
