"""`tock runs cancel` and `retry` with `--where`: do it to many runs, after a look at what would happen."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_runs, whole_run_id
from tock.cli.call.options import client_of
from tock.cli.errors import UsageError
from tock.cli.exit_status import ExitStatus
from tock.cli.input.confirmation import confirm
from tock.cli.output import lists
from tock.cli.output.listing import print_table
from tock.cli.output.printing import print_json, say
from tock.cli.output.progress import progress

if TYPE_CHECKING:
    # Other commands start faster without these.
    from tock.cli.input.when import Here
    from tock.cli.runs.bulk import Action, Plan, Result
    from tock.client._sync.client import Client
    from tock.web.resources.runs.run import RunResource

#: How many of the runs a plan lists.
SHOWN = 20
SomeRun = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]",
        help="The run's id, or its first four characters or more. Default: those of --where.",
        callback=whole_run_id,
        autocompletion=complete_runs,
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="The runs to act on instead of one: conditions with commas between, such as "
        "status=failed,agent=digest,since=2h; also trigger, source, subject and until. May be repeated.",
    ),
]
PlanOption = Annotated[bool, typer.Option("--plan", help="With --where: only show what would happen.")]


def require_one(run: str, where: list[str] | None, *, plan: bool) -> None:
    """Raise CommandError if what is for many runs is given beside a run; `--yes` does no harm there."""
    if where:
        raise UsageError(f"--where: run {run} is given too.", details=("Give a run's id or conditions, not both.",))
    if plan:
        raise UsageError(f"--plan: is for --where, and run {run} is given.", details=(f"See it: tock runs show {run}",))


def refuse_with_many(given: bool, option: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise CommandError if an option is given that is for one run."""
    if given:
        raise UsageError(f"{option}: is for one run, not for --where: leave it out")


def on_many(
    context: typer.Context,
    action: "Callable[[Client], Action]",
    where: list[str] | None,
    *,
    plan: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Act on the runs that match the conditions. Raises CommandError without any, typer.Exit with 1 if one failed."""
    if not where:
        remedy = "Such as --where status=failed,agent=digest,since=2h."
        raise UsageError("Give a run's id, or --where with conditions.", details=(remedy,))
    here = here_of(context)
    with client_of(context) as client:
        _act(client, action(client), where, here=here, only_plan=plan, yes=yes, as_json=as_json)


def _act(
    client: "Client",
    action: "Action",
    where: Sequence[str],
    *,
    here: "Here",
    only_plan: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Find the runs, print what would happen, ask for their number unless `yes`, and act on each."""
    from tock.cli.input.where import where_of  # noqa: PLC0415 - other commands start faster
    from tock.cli.runs.bulk import planned  # noqa: PLC0415 - as above

    plan = planned(client, where_of(where, here=here), action)
    if not as_json:
        _print_plan(plan, action, here=here)
    acts = bool(plan.runs) and not only_plan
    done: list[Result] = []
    if acts:
        question = f"{action.verb.capitalize()} {_runs(plan.runs)}?"
        confirm(question, yes=yes, number=len(plan.runs), as_json=as_json, look="--plan")
        done = _done(plan, action, as_json=as_json)
    is_stopped = acts and len(done) < len(plan.runs)
    if as_json:
        print_json(_as_json(plan, done) | {"stopped": is_stopped})
    elif acts:
        _print_sum(plan, done, action)
    if is_stopped:
        raise typer.Exit(ExitStatus.INTERRUPTED)
    if any(result.failed for result in done):
        raise typer.Exit(ExitStatus.FAILED)


def _done(plan: "Plan", action: "Action", *, as_json: bool) -> "list[Result]":
    """Act on each run, print what came of it, and return that; after Ctrl-C only of those that had begun."""
    from tock.cli.runs.bulk import results  # noqa: PLC0415 - other commands start faster
    from tock.cli.runs.interrupt import stopped_by_interrupt  # noqa: PLC0415 - as above

    done: list[Result] = []
    with stopped_by_interrupt() as stopping, closing(results(plan.runs, action, stopping=stopping)) as found:
        for result in progress(found, doing=f"{action.doing} runs", total=len(plan.runs)):
            done.append(result)
            if not as_json:
                _print_result(result)
    return done


def _print_plan(plan: "Plan", action: "Action", *, here: "Here") -> None:
    counts = Counter(run.status for run in plan.runs)
    by_status = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    items = [run.model_dump(mode="json", by_alias=True) for run in plan.runs[:SHOWN]]
    print_table(lists.PLANNED, items, now=here.now, zone=here.zone, empty=f"No run to {action.verb} matches.")
    if len(plan.runs) > SHOWN:
        say(f"and {len(plan.runs) - SHOWN} more")
    if plan.runs:
        say(f"\n{_runs(plan.runs)} to {action.verb}: {by_status}.")
    for run, reason in plan.left_alone[:SHOWN]:
        say(f"Left alone: run {run.id} {reason}.")
    if len(plan.left_alone) > SHOWN:
        say(f"and {len(plan.left_alone) - SHOWN} more left alone")
    if plan.unreadable:
        say(f"Not counted: {plan.unreadable} that cannot be read.")


def _print_sum(plan: "Plan", done: "Sequence[Result]", action: "Action") -> None:
    failed, left = sum(result.failed for result in done), len(plan.runs) - len(done)
    stopped = f"Stopped. {left} are as they were: " if left else ""
    say(
        f"{stopped}{len(done) - failed} of {len(plan.runs)} runs {action.done}{f', {failed} failed' if failed else ''}."
    )


def _print_result(result: "Result") -> None:
    style = "red" if result.failed else None
    say(f"{result.run.id}  {result.said}", style=style)


def _as_json(plan: "Plan", done: "Sequence[Result]") -> dict[str, object]:
    return {
        "runs": [run.id for run in plan.runs],
        "left_alone": [{"run": run.id, "reason": reason} for run, reason in plan.left_alone],
        "unreadable": plan.unreadable,
        "results": [{"run": each.run.id, "failed": each.failed, "said": each.said} for each in done],
    }


def _runs(runs: "Sequence[RunResource]") -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs)} runs"
