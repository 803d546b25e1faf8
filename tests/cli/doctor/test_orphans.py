"""Every orphan that the API tells of has a line with a remedy."""

from typing import Any

from core.builders import NOON
from tock.cli.doctor.checks import NAMED, Line, State
from tock.cli.doctor.orphans import REMEDIES, orphan_lines
from tock.core.health.orphan import OrphanKind, OrphanReason
from tock.web.resources.projects.diagnosis import DiagnosisResource, OrphanShape


def _found(*orphans: OrphanShape) -> DiagnosisResource:
    fine: dict[str, Any] = {"active": 0, "more": False, "stuck": (), "more_stuck": False, "unreadable": ()}
    return DiagnosisResource(project="p", at=NOON, **fine, orphans=orphans)


def test_each_kind_and_each_reason_has_a_remedy() -> None:
    assert {kind for kind, _ in REMEDIES} == set(OrphanKind)
    assert {reason for _, reason in REMEDIES} == set(OrphanReason)
    assert all(remedy for _, remedy in REMEDIES.values())


def test_nothing_is_one_line() -> None:
    assert list(orphan_lines(_found())) == [Line("orphans", State.OK, "nothing lacks what it needs")]


def test_those_of_one_kind_and_reason_share_a_line_and_its_remedy() -> None:
    triggers = [
        OrphanShape(kind=OrphanKind.TRIGGER, id=f"t{n}", reason=OrphanReason.AGENT_MISSING, problem="needs it")
        for n in range(NAMED + 2)
    ]
    key = OrphanShape(kind=OrphanKind.API_KEY, id="k", reason=OrphanReason.PROJECT_MISSING, problem="belongs to p")

    of_triggers, of_key = orphan_lines(_found(*triggers, key))

    assert of_triggers.text == ", ".join(f"trigger t{n} needs it" for n in range(NAMED)) + " and 2 more"
    assert (of_triggers.state, "tock triggers delete TRIGGER" in of_triggers.remedy) == (State.PROBLEM, True)
    assert (of_key.state, of_key.text) == (State.WARNING, "API key k belongs to p")
    assert of_key.remedy == "A new project of this name would have it. Delete it: tock --project p keys revoke KEY"
