"""A run's git workspace: what it begins with, what is told of it, and what a later run goes on with."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from executors.command.deployment import Remote, executor, git
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded, Workspace
from tock.executors.command.executor import CommandExecutor
from tock.ports.executor import RunContext
from waiting import until

pytestmark = pytest.mark.anyio

CONFIG = {"command": "work", "repository": "shop"}
COMMIT = "echo new > new.txt; git add .; git commit --quiet -m New"
DIRTY = "echo more >> README.md; echo draft > draft.txt; rm src/till.py"
RESULT = """echo '{"result": "done"}'"""


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


def _shell(tmp_path: Path, remote: Remote, code: str, **options: Any) -> CommandExecutor:
    return executor(tmp_path, ["/bin/sh", "-ec", code], url=remote.url, **options)


@pytest.fixture
def begun(context_with: Callable[..., RunContext]) -> RunContext:
    return context_with(attempt=1)


async def test_commits_and_changed_files_are_told_and_kept(
    tmp_path: Path, remote: Remote, begun: RunContext, recorder: Recorder
) -> None:
    code = f"{COMMIT}; git log -1 --format=%an; {RESULT}"

    await _shell(tmp_path, remote, code).execute(CONFIG, begun)

    left = recorder.left[-1]
    head = git(remote.bare, "rev-parse", "refs/tock/runs/run-1^1")
    assert left == Workspace(
        repository="shop",
        branch="tock/run-1",
        commit=head,
        start_commit=git(remote.bare, "rev-parse", "main"),
        files=("new.txt",),
        changed=1,
        ref="refs/tock/runs/run-1",
    )
    assert git(remote.bare, "rev-list", "--count", "main..refs/tock/runs/run-1^1") == "1"
    assert remote.refs() == ["refs/heads/main", "refs/tock/runs/run-1"]


async def test_uncommitted_work_is_kept_and_told_as_a_warning(
    tmp_path: Path, remote: Remote, begun: RunContext, recorder: Recorder
) -> None:
    outcome = await _shell(tmp_path, remote, f"{COMMIT}; {DIRTY}; {RESULT}").execute(CONFIG, begun)

    left = recorder.left[-1]
    assert isinstance(outcome, Succeeded)
    assert (left.dirty, left.warning) == (True, "There is work that no commit of the agent's holds.")
    assert left.files == ("README.md", "draft.txt", "new.txt", "src/till.py")
    assert remote.show("refs/tock/runs/run-1:draft.txt") == "draft"
    assert left.commit == git(remote.bare, "rev-parse", "refs/tock/runs/run-1^1")
    assert git(remote.bare, "ls-tree", "--name-only", left.commit) == "README.md\nnew.txt\nsrc"


async def test_a_resumed_run_gets_the_same_state_on_a_branch_of_its_own(
    tmp_path: Path, remote: Remote, begun: RunContext, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    await _shell(tmp_path, remote, f"{COMMIT}; {DIRTY}; {RESULT}").execute(CONFIG, begun)
    [source] = recorder.left
    before = git(remote.bare, "rev-parse", "refs/tock/runs/run-1")
    resumed = context_with(run="run-2", attempt=1, resumed_from="run-1")
    code = f"""
        test "$(git rev-parse HEAD)" = {source.commit}
        test "$(git symbolic-ref --short HEAD)" = tock/run-2
        test "$(git status --porcelain | sort | tr '\\n' ';')" = " D src/till.py; M README.md;?? draft.txt;"
        echo further > further.txt; {RESULT}"""

    outcome = await _shell(tmp_path / "another-instance", remote, code).execute(CONFIG, resumed)

    left = recorder.left[-1]
    assert isinstance(outcome, Succeeded)
    assert (left.files, left.commit, left.ref) == (("further.txt",), source.commit, "refs/tock/runs/run-2")
    assert git(remote.bare, "rev-parse", "refs/tock/runs/run-1") == before
    assert remote.show("refs/tock/runs/run-2:draft.txt") == "draft"


async def test_the_next_leg_goes_on_where_the_run_stopped(
    tmp_path: Path, remote: Remote, begun: RunContext, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    wait = """echo '{"wait": {"for": "approval"}}'"""
    await _shell(tmp_path, remote, f"{DIRTY}; {wait}").execute(CONFIG, begun)

    asked = recorder.left[-1]
    outcome = await _shell(tmp_path, remote, f"cat draft.txt; {RESULT}").execute(CONFIG, context_with(attempt=2))

    assert isinstance(outcome, Succeeded)
    assert (asked.ref, asked.dirty) == ("refs/tock/runs/run-1", True)
    assert recorder.left[-1].files == ("README.md", "draft.txt", "src/till.py")


async def test_the_attempt_after_a_lost_one_begins_anew(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    await _shell(tmp_path, remote, f"{COMMIT}; {RESULT}").execute(CONFIG, context_with(attempt=2))

    assert recorder.left[-1].files == ("new.txt",)


async def test_a_stopped_attempt_keeps_what_it_did(
    tmp_path: Path, remote: Remote, begun: RunContext, recorder: Recorder
) -> None:
    code = f"""{COMMIT}; {DIRTY}; echo '{{"event": "ready"}}'; sleep 1000"""
    task = asyncio.create_task(_shell(tmp_path, remote, code).execute(CONFIG, begun))
    await until(lambda: recorder.events)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert remote.show("refs/tock/runs/run-1:draft.txt") == "draft"
    [left] = recorder.left
    assert (left.ref, left.dirty) == ("refs/tock/runs/run-1", True)
    assert left.files == ("README.md", "draft.txt", "new.txt", "src/till.py")


async def test_an_attempt_that_lost_its_run_does_not_overwrite_what_the_next_one_kept(
    tmp_path: Path, remote: Remote, begun: RunContext, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    flag = tmp_path / "go"
    slow = f"""echo '{{"event": "ready"}}'; while ! test -e {flag}; do sleep 0.02; done; echo old > old.txt; {RESULT}"""
    first = asyncio.create_task(_shell(tmp_path, remote, slow).execute(CONFIG, begun))
    await until(lambda: recorder.events)
    await _shell(tmp_path, remote, f"{COMMIT}; {RESULT}").execute(CONFIG, context_with(attempt=2))
    kept = git(remote.bare, "rev-parse", "refs/tock/runs/run-1")

    flag.touch()
    await first
    left = recorder.left[-1]

    assert git(remote.bare, "rev-parse", "refs/tock/runs/run-1") == kept
    assert left.ref is None
    assert left.warning is not None
    assert "could not be kept" in left.warning


async def test_a_failed_attempt_tells_of_its_workspace_too(
    tmp_path: Path, remote: Remote, begun: RunContext, recorder: Recorder
) -> None:
    outcome = await _shell(tmp_path, remote, f"{COMMIT}; exit 1").execute(CONFIG, begun)

    assert isinstance(outcome, Failed)
    assert recorder.left[-1].files == ("new.txt",)


async def test_a_run_begins_with_the_ref_that_it_asks_for(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    remote.commit({"old.txt": "old\n"}, branch="release")
    git(remote.person, "tag", "-a", "v1", "-m", "One")
    git(remote.person, "push", "--quiet", "origin", "v1")
    show = f"cat old.txt; {RESULT}"

    for ref in ("release", "v1"):
        outcome = await _shell(tmp_path, remote, show).execute(CONFIG, context_with(run=ref, attempt=1, ref=ref))

        assert isinstance(outcome, Succeeded), outcome


async def test_a_clone_is_fetched_again_for_each_run(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    command = _shell(tmp_path, remote, f"cat *.txt; {RESULT}")
    remote.commit({"a.txt": "a\n"})
    await command.execute(CONFIG, context_with(run="first", attempt=1))
    new = remote.commit({"b.txt": "b\n"})

    await asyncio.gather(
        *(command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1)) for number in range(3))
    )

    assert [left.commit for left in recorder.left[1:]] == [new] * 3


async def test_runs_that_work_at_once_see_nothing_of_each_other(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    beside = tmp_path / "both have written"
    beside.mkdir()
    code = f"""
        echo mine > "$TOCK_RUN.txt"; echo mine > till.txt; git checkout --quiet -b "topic-$TOCK_RUN"
        touch "{beside}/$TOCK_RUN"; while [ "$(ls "{beside}" | wc -l)" -lt 2 ]; do sleep 0.02; done
        test "$(ls run-*.txt)" = "$TOCK_RUN.txt"
        test "$(git branch --list 'topic-*' --format='%(refname:short)')" = "topic-$TOCK_RUN"; {RESULT}"""
    command = _shell(tmp_path, remote, code)

    outcomes = await asyncio.gather(
        *(command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1)) for number in (1, 2))
    )

    assert [isinstance(outcome, Succeeded) for outcome in outcomes] == [True, True], outcomes
    kept = {left.ref: left.files for left in recorder.left}
    assert kept == {
        "refs/tock/runs/run-1": ("run-1.txt", "till.txt"),
        "refs/tock/runs/run-2": ("run-2.txt", "till.txt"),
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ref": "gone"}, "The repository 'shop' has no branch or tag 'gone': push it, or give the run another ref."),
        (
            {"resumed_from": "run-0"},
            (
                "The repository 'shop' keeps nothing of the run run-0 any more, which this run resumes: start a new run"
                " instead."
            ),
        ),
    ],
    ids=["a ref", "a source"],
)
async def test_what_is_gone_fails_the_run_finally(
    values: dict[str, Any],
    message: str,
    tmp_path: Path,
    remote: Remote,
    context_with: Callable[..., RunContext],
) -> None:
    outcome = await _shell(tmp_path, remote, RESULT).execute(CONFIG, context_with(attempt=1, **values))

    assert outcome == Failed("ref_missing", message, retryable=False)


async def test_a_remote_that_does_not_answer_fails_the_attempt_and_may_answer_later(
    tmp_path: Path, begun: RunContext
) -> None:
    command = executor(tmp_path, [sys.executable], url=(tmp_path / "nowhere").as_uri())

    outcome = await command.execute(CONFIG, begun)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("workspace_failed", True)


async def test_work_that_cannot_be_pushed_is_a_warning_on_the_success(
    tmp_path: Path, remote: Remote, begun: RunContext, recorder: Recorder
) -> None:
    hook = remote.bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no pushes with sk-12345678 >&2; exit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    command = _shell(tmp_path, remote, f"{COMMIT}; {RESULT}", secrets={"acme/model": "sk-12345678"})

    outcome = await command.execute(CONFIG, begun)

    left = recorder.left[-1]
    assert isinstance(outcome, Succeeded)
    assert (left.ref, left.files) == (None, ("new.txt",))
    assert left.warning is not None
    assert "no pushes with ***" in left.warning


async def test_a_run_that_repeats_another_begins_with_the_same_commit(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    start = git(remote.bare, "rev-parse", "main")
    remote.commit({"newer.txt": "newer\n"})
    code = f"""test ! -e newer.txt; test "$(git rev-parse HEAD)" = {start}; echo new > new.txt; {RESULT}"""

    outcome = await _shell(tmp_path, remote, code).execute(CONFIG, context_with(attempt=1, start_commit=start))

    assert isinstance(outcome, Succeeded), outcome
    [left] = recorder.left
    assert (left.start_commit, left.files) == (start, ("new.txt",))
    assert recorder.notices == []


async def test_it_finds_that_commit_although_no_branch_leads_to_it_any_more(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    start = remote.commit({"old.txt": "old\n"})
    git(remote.person, "reset", "--quiet", "--hard", "HEAD~1")
    git(remote.person, "push", "--quiet", "--force", "origin", "main")

    outcome = await _shell(tmp_path, remote, f"cat old.txt; {RESULT}").execute(
        CONFIG, context_with(attempt=1, start_commit=start)
    )

    assert isinstance(outcome, Succeeded), outcome


async def test_a_commit_that_is_gone_is_a_warning(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    head, gone = git(remote.bare, "rev-parse", "main"), "1" * 40

    outcome = await _shell(tmp_path, remote, RESULT).execute(CONFIG, context_with(attempt=1, start_commit=gone))

    assert isinstance(outcome, Succeeded)
    assert recorder.left[0].start_commit == head
    text = f"The commit {gone}, with which the run that this one repeats began, is gone: this run begins at {head}."
    assert recorder.notices == [("run.warning", {"text": text})]
