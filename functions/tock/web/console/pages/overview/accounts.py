"""Whether every occurrence of the last day is accounted for, by the proof of each trigger."""

from dataclasses import dataclass
from datetime import timedelta

import anyio
from starlette.responses import Response

from tock.app.manage.proof.prove import prove_trigger
from tock.app.services import Services
from tock.core.errors import InvalidArgument
from tock.core.proof.proof import Proof
from tock.core.trigger.trigger import Trigger
from tock.web.console.routing import get
from tock.web.console.visit import Visit

#: How many triggers are proved, the newest first, how many at once, and over how long a time.
MOST_TRIGGERS, AT_ONCE = 30, 4
SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Account:
    """What the proof of one trigger found."""

    trigger: str
    name: str
    occurrences: int
    #: What is wrong, as sentences; none if every occurrence is accounted for once.
    problems: tuple[str, ...]
    #: Why it could not be proved; empty if it was.
    refused: str = ""


async def show_accounts(visit: Visit) -> Response:
    """Show the proofs; the overview loads them after the rest, because they read all runs of a day."""
    page = await visit.services.store.triggers(visit.project, limit=MOST_TRIGGERS, token=None)
    found: dict[str, Account] = {}
    room = anyio.CapacityLimiter(AT_ONCE)

    async def prove(trigger: Trigger) -> None:
        async with room:
            found[trigger.id] = await _account(visit.services, trigger)

    async with anyio.create_task_group() as tasks:
        for each in page.items:
            tasks.start_soon(prove, each)
    accounts = [found[each.id] for each in page.items]
    return visit.page(
        "overview/accounts.html",
        proved=[each for each in accounts if not each.refused],
        broken=[each for each in accounts if each.problems],
        refused=[each for each in accounts if each.refused],
        more=page.next_token is not None,
    )


async def _account(services: Services, trigger: Trigger) -> Account:
    name = trigger.name or trigger.id
    try:
        proof = await prove_trigger(services, project=trigger.project, trigger=trigger.id)
    except InvalidArgument as exc:
        return Account(trigger.id, name, 0, (), refused=str(exc))
    return Account(trigger.id, name, len(proof.occurrences), problems_of(proof))


def problems_of(proof: Proof) -> tuple[str, ...]:
    """Return what is wrong with a trigger's occurrences, a sentence for each kind."""
    kinds = (
        (proof.lost, "has no record", "have no record"),
        (proof.extra, "was not asked for", "were not asked for"),
        (proof.doubled, "is there twice", "are there twice"),
        (proof.unexplained, *2 * ("ended without a reason",)),
        (proof.unreadable, *2 * ("cannot be read",)),
        (proof.overlapping, *2 * ("overlapped although the policy forbids it",)),
    )
    return tuple(f"{len(found)} {one if len(found) == 1 else several}" for found, one, several in kinds if found)


ROUTES = (get("/projects/{project}/overview/accounts", show_accounts),)
