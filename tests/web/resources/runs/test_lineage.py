"""The other runs that a run has to do with."""

from core.builders import TIMING, a_run, at
from tock.core.run import transition
from tock.web.resources.runs.lineage import lineage
from tock.web.resources.runs.run import RunResource


def test_every_relation_to_another_run_is_told() -> None:
    run = a_run(
        id="r5",
        retry_of="r4",
        root="r1",
        retried_by=("r6", "r7"),
        resumed_from="r2",
        resumed_by="r8",
        follow_up={"of": "r3", "repository": "shop", "command": "build"},
        blocked_by="r9",
        followed_by="ra",
        previous="rb",
    )

    assert lineage(RunResource.of(run)) == (
        ("Repeats", ("r4",)),
        ("Repeated by", ("r6", "r7")),
        ("Goes on with", ("r2",)),
        ("Resumed by", ("r8",)),
        ("Works in the workspace of", ("r3",)),
        ("First of the chain", ("r1",)),
        ("Waits behind", ("r9",)),
        ("Followed by", ("ra",)),
        ("Run before it", ("rb",)),
    )


def test_a_run_that_another_one_replaced_names_that_one() -> None:
    reason = "replaced by run r9"

    run = transition.cancel(a_run(), by="overlap", reason=reason, now=at("12:01"), timing=TIMING)

    assert ("Replaced by", ("r9",)) in lineage(RunResource.of(run))
