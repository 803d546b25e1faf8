"""When Firestore does not answer, the console says so instead of showing empty lists."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tock.core.errors import StoreUnavailable
from web.console.visitors import alerts, signed_in
from web.rig import Rig, make_rig

pytestmark = pytest.mark.anyio

PAGES = (
    "/projects",
    "/projects/acme",
    "/projects/acme/triggers",
    "/projects/acme/runs",
    "/projects/acme/agents",
    "/projects/acme/agents/digest",
    "/projects/acme/settings",
)


class Stopped:
    """A store of which only what finds the project still answers, or nothing."""

    def __init__(self, store: Any, *, answers: Mapping[str, bool]) -> None:
        self._store, self._answers = store, answers

    def __getattr__(self, name: str) -> Any:
        if self._answers.get(name):
            return getattr(self._store, name)

        async def unavailable(*_: object, **__: object) -> None:
            raise StoreUnavailable("Firestore does not answer.")

        return unavailable


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("answers", [{}, {"project": True}], ids=["nothing answers", "only the project is read"])
async def test_a_page_says_that_firestore_does_not_answer(rig: Rig, path: str, answers: Mapping[str, bool]) -> None:
    stopped = replace(rig.services, store=Stopped(rig.services.store, answers=answers))
    somebody = await signed_in(make_rig(stopped, rig.deployment.access).deployment)

    page = await somebody.get(path)

    assert page.status_code == 503
    assert alerts(page) == ["Firestore does not answer."]
    assert "The same request may succeed later." in page.text
    assert 'class="empty"' not in page.text


async def test_what_is_read_side_by_side_fails_with_the_same_message(rig: Rig) -> None:
    await rig.make_trigger()
    answers = {"project": True, "triggers": True}
    stopped = replace(rig.services, store=Stopped(rig.services.store, answers=answers))
    somebody = await signed_in(make_rig(stopped, rig.deployment.access).deployment)

    page = await somebody.get("/projects/acme/overview/accounts")

    assert (page.status_code, alerts(page)) == (503, ["Firestore does not answer."])


async def test_a_live_part_gets_the_message_alone(rig: Rig) -> None:
    stopped = replace(rig.services, store=Stopped(rig.services.store, answers={"project": True}))
    somebody = await signed_in(make_rig(stopped, rig.deployment.access).deployment)

    part = await somebody.get("/projects/acme/runs", **{"HX-Request": "true"})

    assert part.status_code == 503
    assert part.text == '<p class="message bad" role="alert">Firestore does not answer.</p>'
