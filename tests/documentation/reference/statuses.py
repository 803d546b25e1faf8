"""Statuses, reasons and errors: each closed set of words that the API answers with, and what each word means."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum

import tock.core.run.transition
import tock.executors
from documentation.reference.markdown import code, joined, line, prose, table
from documentation.reference.source import calls, comments_of
from tock.app.execution import execute
from tock.app.execution.attempt import leased_attempt, run_attempt
from tock.app.follow_run import EndReason
from tock.app.start.retry import ConfigChoice
from tock.core.health.orphan import OrphanReason
from tock.core.policies import CatchUpMode, Overlap, SessionMode
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run.gate import outcome
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import OnDeadline, WaitFor
from tock.core.run.status import LEGAL_MOVES, AttemptStatus, RunSource, RunStatus
from tock.core.trigger.trigger import PauseReason
from tock.ports.executor import Ability
from tock.store.documents import commit
from tock.web.resources.health import HealthStatus

#: The sets of words by their headings. A set without comments needs none: its docstring says what the words mean.
_SETS: dict[str, type[StrEnum]] = {
    "Sources of runs": RunSource,
    "Statuses of attempts": AttemptStatus,
    "Statuses of occurrences in a proof": OccurrenceStatus,
    "Why a trigger is disabled": PauseReason,
    "Overlap policies": Overlap,
    "Catch-up policies": CatchUpMode,
    "Conversations of a trigger": SessionMode,
    "What a run waits for": WaitFor,
    "What happens at the deadline of a wait": OnDeadline,
    "Messages to a run": SignalKind,
    "Configurations of a retry": ConfigChoice,
    "Why a stream of events ends": EndReason,
    "Abilities of agents": Ability,
    "Health": HealthStatus,
    "Orphans": OrphanReason,
}
#: What makes the errors of runs.
_MAKERS = frozenset({"Failed", "RunError"})


def page() -> str:
    """Return the page."""
    return joined(
        "# Statuses, reasons and errors",
        "The words that the API, the command line and the client show. [Events](events.md) has the kinds of events, "
        "the [API](operations.md#errors) the codes of refused requests.",
        "## Statuses of runs",
        prose(RunStatus.__doc__ or ""),
        _statuses(),
        *(part for heading, words in _SETS.items() for part in (f"## {heading}", *_set(words))),
        "## Errors of attempts and runs",
        "An attempt that failed has an `error` with one of these types. An agent's own errors have the types that it "
        "gives them: the class of a Python exception, `http_` and the status of an answer, or the word that a service "
        "sends.",
        table(("type", "another attempt may help"), error_types()),
    )


def error_types() -> list[tuple[str, str]]:
    """Return the types of Tock's own errors, each with whether another attempt follows."""
    found: dict[str, set[str]] = {}
    for module in _modules():
        for call in calls(module, names=_MAKERS):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            kind, retryable = given.get("type"), given.get("retryable")
            if isinstance(kind, ast.Constant):
                says = str(retryable.value) if isinstance(retryable, ast.Constant) else "it depends"
                found.setdefault(str(kind.value), set()).add(says)
    words = {"True": "yes", "False": "no"}
    return [(code(kind), words.get("".join(says), "it depends")) for kind, says in sorted(found.items())]


def _modules() -> Iterator[object]:
    yield from (execute, leased_attempt, run_attempt, outcome, commit)
    for package in (tock.executors, tock.core.run.transition):
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(each.name)


def _statuses() -> str:
    said = comments_of(RunStatus)
    return table(
        ("status", "meaning", "may become"),
        (
            (
                code(status),
                line(said[status.name]),
                ", ".join(code(each) for each in RunStatus if each in _next(status)),
            )
            for status in RunStatus
        ),
    )


def _next(status: RunStatus) -> frozenset[RunStatus]:
    return LEGAL_MOVES[status] - {status}


def _set(words: type[StrEnum]) -> tuple[str, str]:
    said = comments_of(words)
    return prose(words.__doc__ or ""), table(
        ("word", "meaning"), ((code(word), line(said.get(word.name, ""))) for word in words)
    )
