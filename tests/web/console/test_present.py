"""What the overview says of now, to whom."""

import pytest

from tock.app.tick.tick import tick
from web.console.visitors import signed_in
from web.rig import Rig, created

pytestmark = pytest.mark.anyio

_COUNTED_OVER_ALL = ("The last tick, all projects", "Took", "Longest overdue", "Due triggers", "Runs to check")


@pytest.mark.parametrize("path", ["/projects/acme", "/projects/acme/overview/now"])
async def test_a_key_of_one_project_sees_that_the_scheduler_is_alive_and_no_numbers_of_other_projects(
    rig: Rig, path: str
) -> None:
    await tick(rig.services)
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))["token"]

    of_project = (await (await signed_in(rig.deployment, key=key)).get(path)).text
    of_admin = (await (await signed_in(rig.deployment)).get(path)).text

    assert "Last tick" in of_project
    assert "Alive" in of_project
    assert [words for words in _COUNTED_OVER_ALL if words in of_project] == []
    assert [words for words in _COUNTED_OVER_ALL if words in of_admin] == list(_COUNTED_OVER_ALL)
