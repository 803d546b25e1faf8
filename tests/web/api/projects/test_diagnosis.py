"""What keeps a project from running on time, over HTTP."""

from datetime import UTC, datetime

import pytest
from google.cloud.firestore import AsyncClient

from web.rig import Rig, ok

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_repair_says_which_runs_are_on_their_way_and_which_it_ended(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    stuck, broken = [(await rig.start())["id"] for _ in range(2)]
    for run, fields in ((stuck, {}), (broken, {"overlap": "perhaps"})):
        await firestore_client.document("projects", "acme", "runs", run).update({"check_at": LONG_AGO} | fields)
    found = ok(await rig.api.get(f"{ACME}/diagnosis"))

    repaired, again = [ok(await rig.api.post(f"{ACME}:repair")) for _ in range(2)]

    assert ([each["run"] for each in found["stuck"]], found["more"], found["more_stuck"]) == ([stuck], False, False)
    assert [each["id"] for each in found["unreadable"]] == [broken]
    assert [each["run"] for each in repaired["repaired"]] == [stuck]
    assert [each["id"] for each in repaired["ended"]] == [broken]
    nothing = {"project": "acme", "repaired": [], "ended": [], "still_stuck": [], "more_stuck": False}
    assert again == nothing
