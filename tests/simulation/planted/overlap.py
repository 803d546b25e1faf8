"""Wrong ways to keep runs of one trigger, or of one subject, apart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import tock.app.execution.admission.apply_overlap
import tock.app.execution.cancel
import tock.app.execution.execute
import tock.app.execution.run_commit
import tock.app.execution.settle
import tock.app.manage.triggers.create_trigger
import tock.app.manage.triggers.withdraw
import tock.app.start.launch
import tock.app.start.requested_run
import tock.app.tick.claim_triggers
import tock.app.tick.sweep
import tock.app.tick.tick
from tock.app.execution.run_commit import RunCommit, run_commit
from tock.app.services import Services
from tock.core.ids.derived import keyed_run_id
from tock.core.run.admission.overlap import Hold, Start, decide
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Delete, Versioned, Write


def sweep_skips_held_runs(patch: pytest.MonkeyPatch) -> None:
    """The sweep does not promote held runs."""

    async def nothing(_services: Services, _run: Versioned[Run], **_given: Any) -> None:
        return

    patch.setattr(tock.app.tick.sweep, "_look_after_held", nothing)


def lock_is_never_released(patch: pytest.MonkeyPatch) -> None:
    """A run that ends does not release its lock."""

    async def keeping(services: Services, before: Versioned[Run], after: Run) -> RunCommit:
        commit = await run_commit(services, before, after)
        return replace(commit, writes=tuple(write for write in commit.writes if not isinstance(write, Delete)))

    _everywhere(patch, keeping)


def launch_without_lock(patch: pytest.MonkeyPatch) -> None:
    """A manual run takes no lock of its subject."""
    writes = tock.app.start.launch._writes

    def unlocked(run: Run, **given: Any) -> list[Write]:
        return writes(run.model_copy(update={"lock": None}), **given)

    patch.setattr(tock.app.start.launch, "_writes", unlocked)


def keys_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """Two requests with one idempotency key start two runs."""
    numbers = iter(range(10**9))

    def fresh(*, project: str, key: str) -> str:
        return keyed_run_id(project=project, key=f"{key} {next(numbers)}")

    patch.setattr(tock.app.start.requested_run, "keyed_run_id", fresh)


def skip_follows_one_pointer(patch: pytest.MonkeyPatch) -> None:
    """The policy `skip` looks only at the run just before."""

    def near(run: Run, earlier: Sequence[Run | None], **given: Any) -> Any:
        if earlier and earlier[0] is not None and earlier[0].status.terminal:
            return Start()
        return decide(run, earlier, **given)

    patch.setattr(tock.app.execution.admission.apply_overlap, "decide", near)


def queue_without_depth(patch: pytest.MonkeyPatch) -> None:
    """The policy `queue` holds any number of runs."""

    def deep(run: Run, earlier: Sequence[Run | None], **given: Any) -> Any:
        return decide(run.model_copy(update={"queue_depth": 100}), earlier, **given)

    patch.setattr(tock.app.execution.admission.apply_overlap, "decide", deep)


def replace_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    """The policy `replace` starts the new run while the one it replaces is still working."""

    def at_once(run: Run, earlier: Sequence[Run | None], **given: Any) -> Any:
        decision = decide(run, earlier, **given)
        return Start() if isinstance(decision, Hold) and decision.replace else decision

    patch.setattr(tock.app.execution.admission.apply_overlap, "decide", at_once)


def settlement_promotes_no_run(patch: pytest.MonkeyPatch) -> None:
    """A run that ends leaves the promotion of the next one to the sweep."""

    async def alone(_services: Services, before: Versioned[Run], after: Run) -> RunCommit:
        writes: list[Write] = [Change(before=before, after=after)]
        queued = (after,) if after.status is RunStatus.QUEUED else ()
        return RunCommit(writes=tuple(writes), queued=queued)

    _everywhere(patch, alone)


def _everywhere(patch: pytest.MonkeyPatch, substitute: Callable[..., Any]) -> None:
    for module in (
        tock.app.execution.settle,
        tock.app.tick.sweep,
        tock.app.execution.cancel,
        tock.app.execution.execute,
        tock.app.execution.admission.apply_overlap,
    ):
        patch.setattr(module, "run_commit", substitute)
    patch.setattr(tock.app.manage.triggers.withdraw, "run_commit", substitute)
