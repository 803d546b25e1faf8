"""`tock proof`: checks that every occurrence of a trigger is accounted for."""

from typing import TYPE_CHECKING, Annotated

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_triggers
from tock.cli.call.options import Json, client_of
from tock.cli.input.when import Here
from tock.cli.output.moments import exact
from tock.cli.output.tables import console, print_json, print_table

if TYPE_CHECKING:
    from tock.web.resources.proof import ProofResource

#: How many late starts are listed at most. A late start is not a fault.
MAX_LATE = 20


def prove(
    context: typer.Context,
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="TRIGGER",
            help="The trigger's id; the trigger may have been deleted.",
            autocompletion=complete_triggers,
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Check fire times at or after this time, such as 7d. Default: a day before --until.",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Check fire times before this time. Default: now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that every occurrence of a trigger is accounted for exactly once; exit 1 if the proof does not hold."""
    here = here_of(context)
    first, last = here.past(since, option="--since"), here.past(until, option="--until")
    with client_of(context) as client:
        # The table lists no single occurrences, so it does not request them.
        proof = client.triggers.proof(trigger, since=first, until=last, occurrences=as_json)
        print_json(client.sent) if as_json else _print(proof, here=here)
    if not proof.holds:
        raise typer.Exit(1)


def _print(proof: "ProofResource", *, here: Here) -> None:
    rows = [(status.replace("_", " "), count) for status, count in proof.counts.items() if count]
    print_table(("status", "occurrences"), [*rows, ("expected", proof.expected)], empty="")
    faults = [(kind, finding) for kind, findings in proof.faults for finding in findings]
    late = [("late, no fault", finding) for finding in proof.late]
    if faults or late:
        console().print()
        print_table(
            ("finding", "fire time", "run", "problem"),
            (
                (kind, exact(finding.fire_time, zone=here.zone), finding.run, finding.problem)
                for kind, finding in [*faults, *late[:MAX_LATE]]
            ),
            empty="",
        )
    if len(late) > MAX_LATE:
        console().print(f"and {len(late) - MAX_LATE} more that were late", markup=False)
    found = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    verdict = "Every occurrence is accounted for, once" if proof.holds else f"The proof does not hold: {found}"
    since, until = exact(proof.since, zone=here.zone), exact(proof.until, zone=here.zone)
    console().print(f"\n{verdict}: {proof.trigger}, {since} to {until}.", markup=False)
