"""`tock runs cancel` and `retry` with `--where`: do it to many runs, after a look at what would happen."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_runs, whole_run_id
from tock.cli.call.options import client_of
from tock.cli.errors import CommandError, UsageError
from tock.cli.output.moments import moment
from tock.cli.output.tables import console, print_json, print_table

if TYPE_CHECKING:
    # Other commands start faster without these.
    from tock.cli.input.when import Here
    from tock.cli.runs.bulk import Action, Plan, Result
    from tock.client._sync.client import Client
    from tock.web.resources.run import RunResource

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
        "status=failed,agent=digest,since=2h; also trigger, source and until. May be repeated.",
    ),
]
PlanOption = Annotated[bool, typer.Option("--plan", help="With --where: only show what would happen.")]
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="With --where: act without asking for the number of runs.")
]


def require_one(run: str, where: list[str] | None) -> None:
    """Raise CommandError if conditions are given beside a run."""
    if where:
        raise UsageError(f"--where: run {run} is given too.", details=("Give a run's id or conditions, not both.",))


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
    from tock.cli.input.where import where_of  # noqa: PLC0415 - as above
    from tock.cli.runs.bulk import planned, results  # noqa: PLC0415 - other commands start faster

    plan = planned(client, where_of(where, here=here), action)
    if not as_json:
        _print_plan(plan, action, here=here)
    done: list[Result] = []
    if plan.runs and not only_plan:
        if not yes:
            _confirm(len(plan.runs), action)
        for result in _with_progress(results(plan.runs, action), total=len(plan.runs)):
            done.append(result)
            if not as_json:
                _print_result(result)
    failed = sum(result.failed for result in done)
    if as_json:
        print_json(_as_json(plan, done))
    elif done:
        _say(f"{len(done) - failed} of {len(done)} runs {action.done}{f', {failed} failed' if failed else ''}.")
    if failed:
        raise typer.Exit(1)


def _print_plan(plan: "Plan", action: "Action", *, here: "Here") -> None:
    counts = Counter(run.status for run in plan.runs)
    by_status = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    print_table(
        ("run", "of", "scheduled", "status"),
        (
            (run.id, run.trigger or run.agent, moment(run.scheduled_for, now=here.now, zone=here.zone), run.status)
            for run in plan.runs[:SHOWN]
        ),
        empty=f"No run to {action.verb} matches.",
    )
    if len(plan.runs) > SHOWN:
        _say(f"and {len(plan.runs) - SHOWN} more")
    if plan.runs:
        _say(f"\n{_runs(plan.runs)} to {action.verb}: {by_status}.")
    for run, reason in plan.left_alone[:SHOWN]:
        _say(f"Left alone: run {run.id} {reason}.")
    if len(plan.left_alone) > SHOWN:
        _say(f"and {len(plan.left_alone) - SHOWN} more left alone")
    if plan.unreadable:
        _say(f"Not counted: {plan.unreadable} that cannot be read.")


def _confirm(count: int, action: "Action") -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"To {action.verb} {count} runs needs a confirmation.", details=("Give --yes, or --plan.",))
    answer = typer.prompt(f"Type their number, {count}, to {action.verb} them", err=True)
    if str(answer).strip() != str(count):
        raise CommandError(f"{answer!r} is not {count}: nothing was done.")


def _with_progress(found: "Iterator[Result]", *, total: int) -> "Iterator[Result]":
    """Yield the results, with a bar on the terminal's error output if there is one."""
    from rich.progress import track  # noqa: PLC0415 - other commands start faster

    screen = Console(stderr=True)
    yield from track(found, total=total, description="", console=screen, transient=True, disable=not screen.is_terminal)


def _print_result(result: "Result") -> None:
    style = "red" if result.failed else None
    console().print(f"{result.run.id}  {result.said}", style=style, markup=False, highlight=False, soft_wrap=True)


def _as_json(plan: "Plan", done: "Sequence[Result]") -> dict[str, object]:
    return {
        "runs": [run.id for run in plan.runs],
        "left_alone": [{"run": run.id, "reason": reason} for run, reason in plan.left_alone],
        "unreadable": plan.unreadable,
        "results": [{"run": each.run.id, "failed": each.failed, "said": each.said} for each in done],
    }


def _runs(runs: "Sequence[RunResource]") -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs)} runs"


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
