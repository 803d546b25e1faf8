"""The columns of each list, the most telling of them first to stay."""

from typing import TYPE_CHECKING

from tock.cli.output.columns import Column, Item, Kind
from tock.cli.output.lengths import seconds
from tock.cli.output.spending import dollars, tokens
from tock.cli.output.tables import schedule_words

if TYPE_CHECKING:
    from tock.core.run.run import RunUsage

#: How many characters of a run's id a narrow table shows.
_SHORT_ID = 12


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
    Column("status", "status"),
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
