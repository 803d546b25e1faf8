"""What `tock doctor` makes of the orphans that the API tells of: what lacks what it needs, and what nothing needs."""

from collections.abc import Iterator, Mapping

from tock.cli.doctor.checks import NAMED, Line, State, listed
from tock.core.health.orphan import OrphanKind, OrphanReason
from tock.web.resources.projects.diagnosis import DiagnosisResource, OrphanShape

_AGENT_BACK = "Create the agent again"
#: How each orphan is, and what to do about it.
REMEDIES: Mapping[tuple[OrphanKind, OrphanReason], tuple[State, str]] = {
    (OrphanKind.TRIGGER, OrphanReason.AGENT_MISSING): (
        State.PROBLEM,
        f"{_AGENT_BACK}, name another one (tock triggers edit TRIGGER --agent AGENT), or: tock triggers delete TRIGGER",
    ),
    (OrphanKind.RUN, OrphanReason.AGENT_MISSING): (State.PROBLEM, f"{_AGENT_BACK}, or: tock runs cancel RUN"),
    (OrphanKind.RUN, OrphanReason.UNDELIVERED): (
        State.WARNING,
        "Look whether the queue of runs is paused or full, and at the log of the function run (of `tock dev`).",
    ),
    (OrphanKind.PROJECT, OrphanReason.DELETION_UNFINISHED): (
        State.WARNING,
        "End the deletion: tock projects delete {project}; or keep it: tock --project {project} projects rename NAME",
    ),
    **{
        (kind, OrphanReason.PROJECT_MISSING): (
            State.WARNING,
            f"A new project of this name would have it. Delete it: tock --project {{project}} {command}",
        )
        for kind, command in (
            (OrphanKind.TRIGGER, "triggers delete TRIGGER"),
            (OrphanKind.AGENT, "agents delete AGENT"),
            (OrphanKind.API_KEY, "keys revoke KEY"),
        )
    },
}


def orphan_lines(found: DiagnosisResource) -> Iterator[Line]:
    """Yield what lacks what it needs and what nothing needs, a line for each kind and reason."""
    groups: dict[tuple[OrphanKind, OrphanReason], list[OrphanShape]] = {}
    for each in found.orphans:
        groups.setdefault((each.kind, each.reason), []).append(each)
    for (kind, reason), orphans in groups.items():
        word = kind.replace("api_key", "API key")
        named = [f"{word} {each.id} {each.problem}" for each in orphans[:NAMED]]
        state, remedy = REMEDIES[kind, reason]
        yield Line("orphans", state, listed(named, len(orphans)), remedy.format(project=found.project))
    if not groups:
        yield Line("orphans", State.OK, "nothing lacks what it needs")
