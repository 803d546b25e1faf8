"""`tock proof`: checks that every occurrence of a trigger is accounted for."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tock.cli.call.here import here_of
from tock.cli.call.ids import complete_triggers
from tock.cli.call.options import Json, client_of
from tock.cli.input.when import Here
from tock.cli.output import lists
from tock.cli.output.forms import AsCsv, AsNdjson, Columns, Form, form_of
from tock.cli.output.listing import print_list, print_table
from tock.cli.output.moments import exact
from tock.cli.output.pages import Found
from tock.cli.output.printing import print_json

if TYPE_CHECKING:
    from tock.web.resources.triggers.proof import ProofResource

#: How many late starts a table lists at most. A late start is not a fault.
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
    columns: Columns = None,
    as_json: Json = False,
    as_ndjson: AsNdjson = False,
    as_csv: AsCsv = False,
) -> None:
    """Prove that every occurrence of a trigger is accounted for exactly once; exit 1 if the proof does not hold.

    It lists the faults and the late starts; --json lists each occurrence too.
    """
    form = form_of(as_json=as_json, as_ndjson=as_ndjson, as_csv=as_csv, columns=columns)
    here = here_of(context)
    first, last = here.past(since, option="--since"), here.past(until, option="--until")
    with client_of(context) as client:
        # Only the whole answer lists single occurrences, so nothing else requests them.
        proof = client.triggers.proof(trigger, since=first, until=last, occurrences=form is Form.JSON)
        sent = client.sent
    print_json(sent) if form is Form.JSON else _print(proof, sent, form=form, names=columns, here=here)
    if not proof.holds:
        raise typer.Exit(1)


def _print(proof: "ProofResource", sent: Mapping[str, Any], *, form: Form, names: str | None, here: Here) -> None:
    faults = [*_findings(sent["faults"])]
    late = [*_findings({"late, no fault": sent["late"]})]
    notes = [_verdict(proof, faults=len(faults), here=here)]
    if form is Form.TABLE:
        counts = {status.replace("_", " "): count for status, count in proof.counts.items() if count}
        rows = [{"status": status, "count": count} for status, count in (*counts.items(), ("expected", proof.expected))]
        print_table(lists.COUNTS, rows, now=here.now)
        if len(late) > MAX_LATE:
            notes.insert(0, f"and {len(late) - MAX_LATE} more that were late")
            late = late[:MAX_LATE]
    print_list(
        Found({"findings": [*faults, *late]}, name="findings"),
        lists.FINDINGS,
        form=form,
        names=names,
        empty="",
        more="",
        notes=notes,
        now=here.now,
        zone=here.zone,
    )


def _findings(by_kind: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return ({"finding": kind, **finding} for kind, findings in by_kind.items() for finding in findings)


def _verdict(proof: "ProofResource", *, faults: int, here: Here) -> str:
    found = "1 fault" if faults == 1 else f"{faults} faults"
    verdict = "Every occurrence is accounted for, once" if proof.holds else f"The proof does not hold: {found}"
    since, until = exact(proof.since, zone=here.zone), exact(proof.until, zone=here.zone)
    return f"{verdict}: {proof.trigger}, {since} to {until}."
