"""Forms of the console are taken only from pages that this browser was shown."""

import pytest

from web.console.visitors import signed_in, visitor
from web.rig import Rig, ok

pytestmark = pytest.mark.anyio

DISABLE = "/projects/acme/agents/digest/disable"


async def _is_enabled(rig: Rig) -> bool:
    return bool(ok(await rig.api.get("/v1/projects/acme/agents/digest"))["enabled"])


@pytest.mark.parametrize("token", ["", "x", ".", "0123456789abcdef.", "\u00e9.\u20ac"])
async def test_a_form_without_a_token_of_this_deployment_changes_nothing(rig: Rig, token: str) -> None:
    somebody = await signed_in(rig.deployment)

    answers = [await somebody.send(DISABLE, {}), await somebody.send(DISABLE, {"form_token": token})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("Nothing was done" in answer.text for answer in answers)
    assert await _is_enabled(rig)


async def test_a_form_with_another_browsers_token_changes_nothing(rig: Rig) -> None:
    somebody, attacker = await signed_in(rig.deployment), await signed_in(rig.deployment)
    token = await attacker.token("/projects/acme/agents")

    answer = await somebody.send(DISABLE, {"form_token": token})

    assert answer.status_code == 403
    assert await _is_enabled(rig)


async def test_a_form_from_a_browser_without_its_cookie_changes_nothing(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    token = await somebody.token("/projects/acme/agents")
    del somebody.client.cookies["__Host-tock_browser"]

    answer = await somebody.send(DISABLE, {"form_token": token})

    assert answer.status_code == 403
    assert await _is_enabled(rig)


async def test_nobody_is_signed_in_by_a_form_of_another_site(rig: Rig) -> None:
    somebody = visitor(rig.deployment)

    answer = await somebody.send("/sign-in", {"key": "the attacker's"})

    assert answer.status_code == 403
    assert "__Host-tock_session" not in somebody.client.cookies


async def test_a_form_of_its_own_page_is_taken(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.post(DISABLE, page="/projects/acme/agents")

    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/acme/agents/digest")
    assert not await _is_enabled(rig)


async def test_a_form_on_the_first_page_is_taken_even_if_that_shows_an_error(rig: Rig) -> None:
    somebody = visitor(rig.deployment)
    await somebody.get("/projects/acme", Accept="text/html")
    somebody.client.cookies.clear()
    page = await somebody.get("/sign-in/nothing")

    assert page.status_code == 404
    signed = await signed_in(rig.deployment)
    del signed.client.cookies["__Host-tock_browser"]
    answer = await signed.post("/reading", page="/projects/acme/agents/nobody", zone="Europe/Berlin", theme="auto")

    assert answer.status_code == 303


async def test_a_get_changes_nothing(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    answers = [
        await somebody.get(path)
        for path in (
            DISABLE,
            "/projects/acme/agents/digest/run?key=1",
            "/projects/acme/agents/digest/delete",
            "/projects/acme/settings/delete?typed=acme",
            "/sign-out",
        )
    ]

    assert [answer.status_code for answer in answers] == [405, 200, 200, 200, 405]
    assert await _is_enabled(rig)
    assert ok(await rig.api.get("/v1/projects/acme/runs"))["runs"] == []


async def test_a_form_that_is_too_long_or_no_form_is_refused(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    token = await somebody.token("/projects/acme/agents")

    too_long = await somebody.send(DISABLE, {"form_token": token, "more": "x" * 900_000})
    too_many = await somebody.send(DISABLE, {"form_token": token} | {f"f{number}": "" for number in range(2_000)})
    no_form = await somebody.client.post(DISABLE, content=b"\xff\xfe=%zz", headers={"X-Form-Token": token})

    assert [too_long.status_code, too_many.status_code, no_form.status_code] == [413, 400, 400]
    assert await _is_enabled(rig)
