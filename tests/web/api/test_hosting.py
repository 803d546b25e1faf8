"""The API as a function: the host routes the request and takes the application as its response."""

from pathlib import Path

import functions_framework.aio
import pytest

from web import rig as rigs
from web.rig import DAILY, Rig, client_of, created, ok, problem

pytestmark = pytest.mark.anyio
SOURCE = """
import functions_framework.aio
from web.rig import HOSTED

@functions_framework.aio.http
async def api(request):
    return HOSTED[0]
"""


@pytest.fixture
def hosted(rig: Rig, tmp_path: Path) -> Rig:
    (tmp_path / "main.py").write_text(SOURCE)
    rigs.HOSTED[:] = [rig.api._transport.app]  # type: ignore[attr-defined] # the app of this client
    host = functions_framework.aio.create_asgi_app("api", str(tmp_path / "main.py"))
    return Rig(deployment=rig.deployment, api=client_of(host), trigger=rig.trigger, retry=rig.retry)


async def test_every_method_and_path_reaches_the_api(hosted: Rig) -> None:
    made = await hosted.make_trigger()
    path = "/v1/projects/acme/triggers/morning"

    assert ok(await hosted.api.get(path)) == made
    assert ok(await hosted.api.patch(path, json={"name": "Morning"}))["name"] == "Morning"
    assert ok(await hosted.api.put(path, json={"agent": "digest", "schedule": DAILY}))["name"] is None
    assert (await hosted.api.post(f"{path}:run", json={})).status_code == 202
    assert (await hosted.api.delete(path)).status_code == 204
    created(await hosted.api.post("/v1/projects/acme/api-keys", json={}))
    assert ok(await hosted.api.get("/v1/openapi.json"))["paths"]
    problem(await hosted.api.get("/"), 404)
    problem(await hosted.api.post(path, json={}), 405)
    problem(await hosted.api.post("/v1/projects", content=b"{"), 415)
