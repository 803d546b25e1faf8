"""The tree of errors is complete, and each error has its sentence."""

import inspect
import re

import pytest

from tock.core import errors
from tock.core.errors import (
    AbilityMissing,
    ActiveRun,
    AlreadyExists,
    AttemptEnded,
    BeingDeleted,
    CommitConflict,
    DocumentUnreadable,
    FailedPrecondition,
    IdRetained,
    IllegalTransition,
    InUse,
    InvalidArgument,
    KeyReused,
    NotFound,
    QueueUnavailable,
    RevisionMismatch,
    RunBusy,
    RunNotSettled,
    RunNotWaiting,
    RunSettled,
    SessionMoved,
    StoreUnavailable,
    TockError,
    Unavailable,
)
from tock.core.unreadable import Unreadable

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__ and kind is not TockError
]


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn, branch = [], ""
    for indent, name in re.findall(r"^(.*)[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE):
        drawn.append((branch if indent else "TockError", name))
        branch = branch if indent else name

    assert sorted(drawn) == sorted((kind.__mro__[1].__name__, kind.__name__) for kind in CLASSES)


SENTENCES: dict[str, tuple[TockError, str]] = {
    "InvalidArgument": (
        InvalidArgument(field="schedule", value=3, remedy="write an object"),
        "schedule: write an object",
    ),
    "FailedPrecondition": (
        FailedPrecondition(field="agent", value="reader", remedy="enable it first"),
        "agent: enable it first",
    ),
    "NotFound": (NotFound("trigger", "digest"), "There is no trigger 'digest'."),
    "AlreadyExists": (AlreadyExists("agent", "reader"), "The agent 'reader' exists already."),
    "InUse": (
        InUse("agent", "reader", needed_by="trigger digest"),
        "The agent 'reader' is needed by trigger digest: delete or change that first.",
    ),
    "RevisionMismatch": (
        RevisionMismatch("trigger", "digest", expected="1", actual="2"),
        "The trigger 'digest' is at revision 2, not 1: read it again and repeat the change.",
    ),
    "ActiveRun": (
        ActiveRun(subject="issue-7", run="run-1"),
        "The subject 'issue-7' has an active run, run-1: wait for it, or cancel it first.",
    ),
    "KeyReused": (
        KeyReused(key="k-1", run="run-1"),
        "The Idempotency-Key 'k-1' belongs to run run-1, which another request started: use a new key.",
    ),
    "RunNotSettled": (
        RunNotSettled("run-1", status="running", verb="retry"),
        "Run run-1 is running: retry needs a settled run. Wait for it, or cancel it first.",
    ),
    "RunBusy": (
        RunBusy("run-1", status="running"),
        "Run run-1 is running, so its runner numbers the events: send them again in some seconds.",
    ),
    "RunSettled": (
        RunSettled("run-1", status="failed", verb="cancel"),
        "Run run-1 is failed already: cancel needs an active run.",
    ),
    "SessionMoved": (
        SessionMoved("s-1", run="run-2"),
        "The session 's-1' went on in run run-2: let one run at a time go on with it.",
    ),
    "RunNotWaiting": (
        RunNotWaiting("run-1", status="running", wanted="approval", waits_for=None),
        "Run run-1 is running, and does not wait for approval: nothing was answered.",
    ),
    "AbilityMissing": (
        AbilityMissing(run="run-1", kind="http", verb="steer", able=["python", "llm"]),
        "Run run-1 is of an agent of kind 'http', which cannot steer. The kinds that can: python, llm.",
    ),
    "AttemptEnded": (AttemptEnded(), "The attempt has ended: nothing that its agent asks for is done any more."),
    "IllegalTransition": (
        IllegalTransition("run-1", source="failed", target="queued"),
        "Run run-1 cannot go from failed to queued.",
    ),
    "DocumentUnreadable": (
        DocumentUnreadable(
            Unreadable(kind="run", project="library", id="run-1", version=1, problem="status: is missing")
        ),
        "The run 'run-1' is stored, but cannot be read: status: is missing. Delete it.",
    ),
    "IdRetained": (
        IdRetained("library", expires="2027-01-01T00:00:00Z"),
        (
            "The id 'library' belonged to a project that was deleted, and its records stay stored until about "
            "2027-01-01T00:00:00Z: choose another id."
        ),
    ),
    "BeingDeleted": (
        BeingDeleted("library"),
        "The project 'library' is being deleted: delete it again to finish that, or change it to keep it.",
    ),
    "CommitConflict": (CommitConflict("digest moved on"), "The commit lost a race: digest moved on"),
    "Unavailable": (Unavailable("Nothing answered."), "Nothing answered."),
    "StoreUnavailable": (StoreUnavailable("Firestore did not answer."), "Firestore did not answer."),
    "QueueUnavailable": (QueueUnavailable("Cloud Tasks did not answer."), "Cloud Tasks did not answer."),
}


@pytest.mark.parametrize(("error", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_an_error_writes_its_own_sentence(error: TockError, sentence: str) -> None:
    assert str(error) == sentence


def test_every_error_has_a_sentence_here() -> None:
    assert set(SENTENCES) == {kind.__name__ for kind in CLASSES}


@pytest.mark.parametrize("error", [error for error, _ in SENTENCES.values()], ids=SENTENCES)
def test_only_a_part_that_did_not_answer_is_transient(error: TockError) -> None:
    assert error.transient == isinstance(error, Unavailable)


def test_an_active_run_tells_which() -> None:
    error = ActiveRun(subject="issue-7", run="run-1")

    assert (error.subject, error.run) == ("issue-7", "run-1")
