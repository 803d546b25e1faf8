"""`tock doctor`: looks at a deployment or a local stack, says what is wrong and what to do, and repairs stuck runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import stack_clock
from tock.cli.call.options import AsJson, client_of
from tock.cli.output.printing import console, print_json, say

if TYPE_CHECKING:
    # Other commands start faster without it.
    from tock.cli.doctor.checks import Line

_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red", "not checked": "dim"}


def doctor(
    context: typer.Context,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Repair stuck runs now, as the sweep of each tick does. Default: only look."),
    ] = False,
    google_project: Annotated[
        str | None,
        typer.Option(
            help="The deployment's Google Cloud project, to look at its queues too. Default: that of terraform.tfvars "
            "in this folder or in its folder infra.",
            show_default=False,
        ),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Its region. Default: as for the project.")] = None,
    name: Annotated[str | None, typer.Option(help="The prefix of its resources. Default: as for the project.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether Tock runs on time: ticks, backlog, clock, key, stuck runs, and what Google's APIs tell.

    Exit 1 if something is a problem, 0 for warnings alone. Queues, indexes and permissions are looked at through
    gcloud, where it is logged in.

    Examples: tock doctor; tock doctor --repair; tock doctor --google-project my-project
    """
    from tock.cli.doctor.examination import examined  # noqa: PLC0415 - other commands start faster

    found: list[Line] = []
    with client_of(context) as client:
        for line in examined(client, repair=repair, google=(google_project, region, name), clock=stack_clock(context)):
            found.append(line)
            if not as_json:
                _print(line)
    problems = sum(line.state == "problem" for line in found)
    warnings = sum(line.state == "warning" for line in found)
    if as_json:
        print_json(
            [{"subject": line.subject, "state": line.state, "text": line.text, "remedy": line.remedy} for line in found]
        )
    else:
        say(f"\n{_count(problems, 'problem')}, {_count(warnings, 'warning')}.")
    if problems:
        raise typer.Exit(1)


def _print(line: "Line") -> None:
    screen = console()
    screen.print(f"{line.state:<12}", style=_STYLES[line.state], markup=False, highlight=False, end="")
    screen.print(f"{line.subject:<12}{line.text}", markup=False, highlight=False, soft_wrap=True)
    if line.remedy:
        screen.print(f"{'':<24}{line.remedy}", markup=False, highlight=False, soft_wrap=True)


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
