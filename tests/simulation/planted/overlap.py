"""Wrong ways to keep runs of one trigger, or of one subject, apart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import tock.app.cancel
import tock.app.claim
import tock.app.create_trigger
import tock.app.edit_trigger
import tock.app.execute
import tock.app.finish
import tock.app.launch
import tock.app.overlap
import tock.app.run_now
import tock.app.settle
import tock.app.sweep
import tock.app.tick
from tock.app.finish import Finish, finish
from tock.app.parts import Parts
from tock.core.ids import keyed_run_id
from tock.core.run.overlap import Hold, Start, decide
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Delete, Versioned, Write


def sweep_forgets_the_held(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks after runs that wait for another."""

    async def nothing(_parts: Parts, _run: Versioned[Run], **_given: Any) -> None:
        return

    patch.setattr(tock.app.sweep, "_look_after_held", nothing)


def lock_is_never_released(patch: pytest.MonkeyPatch) -> None:
    """A run that ends keeps its lock."""

    async def keeping(parts: Parts, before: Versioned[Run], after: Run) -> Finish:
        finished = await finish(parts, before, after)
        return replace(finished, writes=tuple(write for write in finished.writes if not isinstance(write, Delete)))

    _everywhere(patch, keeping)


def launch_without_lock(patch: pytest.MonkeyPatch) -> None:
    """A run by hand does not keep others off its subject."""
    writes = tock.app.launch._writes

    def unlocked(run: Run, **given: Any) -> list[Write]:
        return writes(run.model_copy(update={"lock": None}), **given)

    patch.setattr(tock.app.launch, "_writes", unlocked)


def keys_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """An idempotency key does not decide which run is meant."""
    numbers = iter(range(10**9))

    def fresh(*, project: str, key: str) -> str:
        return keyed_run_id(project=project, key=f"{key} {next(numbers)}")

    patch.setattr(tock.app.run_now, "keyed_run_id", fresh)


def skip_follows_one_pointer(patch: pytest.MonkeyPatch) -> None:
    """Only the run just before is looked at."""

    def near(run: Run, earlier: Sequence[Run | None]) -> Any:
        if earlier and earlier[0] is not None and earlier[0].status.terminal:
            return Start()
        return decide(run, earlier)

    patch.setattr(tock.app.overlap, "decide", near)


def queue_without_depth(patch: pytest.MonkeyPatch) -> None:
    """Any number may wait."""

    def deep(run: Run, earlier: Sequence[Run | None]) -> Any:
        return decide(run.model_copy(update={"queue_depth": 100}), earlier)

    patch.setattr(tock.app.overlap, "decide", deep)


def replace_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    """The new run starts although the one it replaces is still at work."""

    def at_once(run: Run, earlier: Sequence[Run | None]) -> Any:
        decision = decide(run, earlier)
        return Start() if isinstance(decision, Hold) and decision.replace else decision

    patch.setattr(tock.app.overlap, "decide", at_once)


def settlement_promotes_nobody(patch: pytest.MonkeyPatch) -> None:
    """The run that waits is left to the sweep."""

    async def alone(_parts: Parts, before: Versioned[Run], after: Run) -> Finish:
        writes: list[Write] = [Change(before=before, after=after)]
        queued = (after,) if after.status is RunStatus.QUEUED else ()
        return Finish(writes=tuple(writes), queued=queued)

    _everywhere(patch, alone)


def _everywhere(patch: pytest.MonkeyPatch, substitute: Callable[..., Any]) -> None:
    for module in (tock.app.settle, tock.app.sweep, tock.app.cancel, tock.app.execute, tock.app.overlap):
        patch.setattr(module, "finish", substitute)
    patch.setattr(tock.app.edit_trigger, "finish", substitute)
