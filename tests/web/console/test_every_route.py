"""What holds for each route of the console: whose project it opens, and that only its own forms change anything."""

from typing import cast
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from tock.core.ids.identifier import is_identifier
from tock.web.console.app import create_console
from tock.web.deployment import Deployment
from web.console.visitors import signed_in, visitor
from web.rig import Rig, created

pytestmark = pytest.mark.anyio

_ROUTES = [route for route in create_console(cast(Deployment, None)).routes if isinstance(route, Route)]
_OF_PROJECTS = [route for route in _ROUTES if "{project}" in route.path]
_FORMS = [route for route in _ROUTES if "POST" in (route.methods or ())]


async def test_a_key_opens_no_page_and_no_form_of_another_project(rig: Rig) -> None:
    await rig.make_project("other")
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))
    somebody = await signed_in(rig.deployment, key=key["token"])
    token = await somebody.token("/projects/acme/agents")

    found = {}
    for route in _OF_PROJECTS:
        path = _path(route, project="other")
        if "POST" in (route.methods or ()):
            found[path] = (await somebody.send(path, {"form_token": token})).status_code
        else:
            found[path] = (await somebody.get(path)).status_code

    assert {path: status for path, status in found.items() if status != 404} == {}
    assert (await rig.services.store.agent("other", "digest")) is not None


async def test_no_form_does_anything_without_the_token_of_a_page(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    other = await (await signed_in(rig.deployment)).token("/projects")

    found = {}
    for route in _FORMS:
        path = _path(route, project="acme")
        found[path] = [(await somebody.send(path, {"form_token": token})).status_code for token in ("", other)]

    assert {path: statuses for path, statuses in found.items() if statuses != [403, 403]} == {}


async def test_nobody_sees_a_page_before_they_sign_in(rig: Rig) -> None:
    somebody = visitor(rig.deployment)
    token = await somebody.token()

    found = {}
    for route in _OF_PROJECTS:
        path = _path(route, project="acme")
        body = urlencode({"form_token": token})
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        answer = await somebody.client.request(method, path, content=body)
        found[path] = (answer.status_code, answer.headers.get("location", "").partition("?")[0])

    assert {path: answer for path, answer in found.items() if answer != (303, "/sign-in")} == {}


def test_no_path_is_that_of_a_thing_with_a_certain_id_and_each_one_leads_to_its_own_route() -> None:
    """`/triggers/new` is no trigger's page, because nothing may have the id `new`."""
    taken, hidden = [], []
    for route in _ROUTES:
        words = route.path.split("/")
        for other in (other for other in _ROUTES if route.methods == other.methods):
            ids = [word for word, part in zip(words, other.path.split("/"), strict=False) if part.startswith("{")]
            if route is not other and other.path_regex.match(route.path):
                taken += [(route.path, other.path) for word in ids if not word.startswith("{") and is_identifier(word)]
                if _ROUTES.index(other) < _ROUTES.index(route):
                    hidden.append((route.path, other.path))

    assert (taken, hidden) == ([], [])


def _path(route: Route, *, project: str) -> str:
    return route.path.format(project=project, agent="digest", trigger="morning", run="r1", key="k-1")
