"""The columns of each list, the most telling of them first to stay."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tock.cli.output.columns import Column, Item, Kind
from tock.cli.output.lengths import seconds
from tock.cli.output.printing import schedule_words
from tock.cli.output.spending import dollars, tokens

if TYPE_CHECKING:
    from tock.core.run.run import RunUsage
    from tock.core.usage.sums import UsageSum

#: How many characters of a run's id a narrow table shows.
_SHORT_ID = 12
#: What a table calls consumption without a trigger or a model.
_NONE = {"trigger": "(no trigger)", "model": "(no model named)"}


def _usage(run: Item) -> "RunUsage":
    from tock.core.run.run import RunUsage  # noqa: PLC0415 - commands that list no runs start faster

    return RunUsage.model_validate(run["usage"])


def _tokens(run: Item) -> int:
    return int(run["usage"]["input_tokens"] + run["usage"]["output_tokens"])


def _enabled(trigger: Item) -> str:
    return "on" if trigger["enabled"] else f"off: {(trigger['paused'] or {}).get('reason')}"


RUNS = (
    # So many characters of an id are enough wherever one is typed.
    Column("run", "id", short=lambda run: str(run["id"])[:_SHORT_ID]),
    Column("of", lambda run: run["trigger"] or run["agent"]),
    Column("source", "source", rank=6),
    Column("scheduled", "scheduled_for", Kind.TIME),
    Column(
        "lateness",
        "lateness_seconds",
        Kind.NUMBER,
        words=lambda run: seconds(run["lateness_seconds"]),
        rank=5,
    ),
    Column(
        "duration",
        "duration_seconds",
        Kind.NUMBER,
        words=lambda run: seconds(run["duration_seconds"]),
        rank=2,
    ),
    Column("attempts", lambda run: len(run["attempts"]), Kind.NUMBER, rank=7),
    Column("tokens", _tokens, Kind.NUMBER, words=lambda run: tokens(_usage(run)), rank=4),
    Column("cost", "usage.cost", Kind.NUMBER, words=lambda run: dollars(_usage(run)), rank=3),
    Column("status", "status", Kind.STATUS),
    Column("reason", lambda run: run["reason"] or (run["error"] or {}).get("message"), Kind.PROSE, rank=1),
)
AGENTS = (
    Column("agent", "id"),
    Column("kind", "kind"),
    Column("enabled", "enabled"),
    Column("revision", "revision", Kind.NUMBER, rank=3),
    Column("updated", "updated.at", Kind.TIME, rank=2),
    Column("description", "description", Kind.PROSE, rank=1),
)
TRIGGERS = (
    Column("trigger", "id"),
    Column("agent", "agent", rank=1),
    Column("schedule", lambda trigger: schedule_words(trigger["schedule"]), Kind.PROSE),
    Column("overlap", "overlap", rank=4),
    Column("enabled", "enabled", words=_enabled, rank=3),
    Column("next", "next_run_at", Kind.TIME),
    Column("last_run", "last_run.started", Kind.TIME, rank=2),
    Column("last_status", "last_run.status", rank=1),
)
#: Versions of a trigger.
REVISIONS = (
    Column("revision", "revision", Kind.NUMBER),
    Column("event", "event", words=lambda each: str(each["event"]).replace("_", " ")),
    Column("changed", lambda each: ", ".join(each["changed"]), Kind.PROSE),
    Column("by", "by", rank=1),
    Column("in_force_from", "in_force_from", Kind.TIME),
)
PROJECTS = (
    Column("project", "id"),
    Column("name", "name", Kind.PROSE),
    Column("created", "created.at", Kind.TIME, rank=1),
)
KEYS = (
    Column("key", "id"),
    Column("name", "name", Kind.PROSE),
    Column("issued_by", "created.by", rank=2),
    Column("issued", "created.at", Kind.TIME, rank=1),
)
UPCOMING = (
    Column("due", "due_at", Kind.TIME),
    Column("of", lambda item: item["trigger"] or item["agent"]),
    Column("agent", "agent", rank=2),
    Column("status", "status", Kind.STATUS),
    Column("run", "run", short=lambda item: str(item["run"] or "")[:_SHORT_ID], rank=1),
    Column("clashes", "clashes", words=lambda item: _clash(item["clashes"])),
    # As the trigger's own clock shows it.
    Column("local", "local", rank=3),
)
#: Attempts of a run.
ATTEMPTS = (
    Column("attempt", "number", Kind.NUMBER),
    Column("status", "status"),
    Column("started", "started", Kind.TIME, rank=1),
    Column("ended", "ended", Kind.TIME, rank=2),
    Column(
        "tokens",
        lambda attempt: attempt["usage"] and _tokens(attempt),
        Kind.NUMBER,
        words=lambda attempt: tokens(attempt["usage"] and _usage(attempt)),
        rank=4,
    ),
    Column(
        "cost",
        "usage.cost",
        Kind.NUMBER,
        words=lambda attempt: dollars(attempt["usage"] and _usage(attempt)),
        rank=3,
    ),
    Column("error", lambda attempt: (attempt["error"] or {}).get("message"), Kind.PROSE),
)
#: Fire times of a preview, in UTC and on the schedule's clock.
FIRES = (Column("time", "time"), Column("local", "local"), Column("clock_change", "clock_change", Kind.PROSE))
#: Runs of the fire times that a clock passed.
FIRED = (
    Column("fire_time", "scheduled_for"),
    Column("trigger", "trigger"),
    Column("status", "status"),
    Column("run", "id", rank=1),
    Column("reason", "reason", Kind.PROSE, rank=2),
)
#: Runs that something is to be done to.
PLANNED = tuple(column for column in RUNS if column.name in {"run", "of", "scheduled", "status"})
#: A fault of a proof, or a late start.
FINDINGS = (
    Column("finding", "finding"),
    Column("fire_time", "fire_time", Kind.TIME),
    Column("run", "run", short=lambda item: str(item["run"] or "")[:_SHORT_ID]),
    Column("problem", "problem", Kind.PROSE),
)
#: How many occurrences of a proof have a status.
COUNTS = (Column("status", "status"), Column("occurrences", "count", Kind.NUMBER))
PROFILES = (
    Column("in_use", "in_use", words=lambda profile: "*" if profile["in_use"] else ""),
    Column("profile", "name"),
    Column("server", "server", Kind.PROSE),
    Column("project", "project"),
    Column("key", "key", rank=1),
)


def usage_of(grouping: str) -> tuple[Column, ...]:
    """Return the columns of what was consumed, added up by agent, trigger, day or model."""
    return (
        Column(grouping, "group", words=lambda item: str(item["group"] or _NONE.get(grouping, ""))),
        Column("attempts", "attempts", Kind.NUMBER, words=_count("attempts"), rank=2),
        Column("input_tokens", "input_tokens", Kind.NUMBER, words=_count("input_tokens")),
        Column("output_tokens", "output_tokens", Kind.NUMBER, words=_count("output_tokens"), rank=1),
        Column(
            "unpriced_tokens",
            "unpriced_tokens",
            Kind.NUMBER,
            words=lambda item: f"{item['unpriced_tokens']:,}" if item["unpriced_tokens"] else "",
            rank=3,
        ),
        Column("cost", "cost", Kind.NUMBER, words=lambda item: dollars(_sum(item))),
    )


def _clash(others: int) -> str:
    return f"with {others} other{'s' if others > 1 else ''}" if others else ""


def _count(field: str) -> Callable[[Item], str]:
    return lambda item: f"{item[field]:,}"


def _sum(item: Item) -> "UsageSum":
    from tock.core.usage.sums import UsageSum  # noqa: PLC0415 - commands that list no usage start faster

    return UsageSum.model_validate(item)
