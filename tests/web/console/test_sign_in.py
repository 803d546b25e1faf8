"""Signing in to the console, and out: who gets in, for how long, and where they go then."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from tock.bootstrap.moved_clock import MovedClock
from tock.core.run.run_token import RunTokens
from tock.web.deployment import Access
from web.console.visitors import alerts, signed_in, token_of, visitor
from web.rig import ADMIN_KEY, ADMIN_KEY_HASH, LOCAL, RUN_TOKENS, Rig, created, make_rig

pytestmark = pytest.mark.anyio


async def test_a_visitor_without_a_session_is_sent_to_sign_in_and_then_to_the_page_that_they_wanted(rig: Rig) -> None:
    somebody = visitor(rig.deployment)

    sent = await somebody.get("/projects/acme/runs?status=failed")
    answer = await somebody.sign_in(next="/projects/acme/runs?status=failed")

    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=/projects/acme/runs%3Fstatus%3Dfailed"
    assert answer.headers["location"] == "/projects/acme/runs?status=failed"
    assert (await somebody.get("/projects/acme/agents")).status_code == 200


@pytest.mark.parametrize("key", ["", "not-a-key", f"{ADMIN_KEY}x", "tock.acme/k-1/wrong", "tock.run/x", "\u00e9\u20ac"])
async def test_a_wrong_key_is_refused(rig: Rig, key: str) -> None:
    somebody = visitor(rig.deployment)

    answer = await somebody.sign_in(key)

    assert answer.status_code == 401
    assert alerts(answer) == ["Tock does not know this key: paste a whole key of this project, or the admin key."]
    assert key == "" or key not in answer.text
    assert (await somebody.get("/projects")).status_code == 303


async def test_the_log_says_that_somebody_tried_a_key(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    somebody = visitor(rig.deployment)
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))

    await somebody.sign_in(f"{key['token']}x")

    (line,) = [record for record in caplog.records if record.getMessage() == "request_refused"]
    said = line.__dict__["fields"]
    assert {name: said[name] for name in ("claimed", "method", "route", "status")} == {
        "claimed": f"key:{key['id']}",
        "method": "POST",
        "route": "/sign-in",
        "status": 401,
    }


async def test_the_page_to_sign_in_offers_the_time_zones(rig: Rig) -> None:
    answer = await visitor(rig.deployment).get("/time-zones")

    assert (answer.status_code, "Europe/Berlin" in answer.json()) == (200, True)


async def test_a_session_ends_after_twelve_hours(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    clock = cast(MovedClock, rig.services.clock)

    clock.go_on_from(clock.now() + timedelta(hours=11, minutes=59))
    before = await somebody.get("/projects/acme/agents")
    clock.go_on_from(clock.now() + timedelta(minutes=2))
    after = await somebody.get("/projects/acme/agents")

    assert (before.status_code, after.status_code) == (200, 303)


async def test_a_session_ends_with_its_key(rig: Rig) -> None:
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))
    somebody = await signed_in(rig.deployment, key=key["token"])
    assert (await somebody.get("/projects/acme/agents")).status_code == 200

    await rig.api.delete(f"/v1/projects/acme/api-keys/{key['id']}")

    assert (await somebody.get("/projects/acme/agents")).status_code == 303


async def test_a_session_of_another_deployment_opens_nothing(rig: Rig) -> None:
    other = make_rig(
        rig.services,
        Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RunTokens("another key of run tokens")),
    )
    somebody = await signed_in(other.deployment)

    here = visitor(rig.deployment)
    here.client.cookies.update(somebody.client.cookies)

    assert (await here.get("/projects")).status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "\u00e9", "a" * 4000])
async def test_a_session_that_nobody_sealed_opens_nothing(rig: Rig, cookie: str) -> None:
    somebody = visitor(rig.deployment)

    answer = await somebody.client.get("/projects", headers={"Cookie": f"__Host-tock_session={cookie}".encode()})

    assert answer.status_code == 303


async def test_a_notice_is_no_session(rig: Rig) -> None:
    """What another purpose sealed opens nothing, even if it says what a session does."""
    somebody = await signed_in(rig.deployment)
    await somebody.post("/projects/acme/agents/digest/disable")
    notice = somebody.client.cookies["__Host-tock_notice"]

    other = visitor(rig.deployment)

    answer = await other.get("/projects", Cookie=f"__Host-tock_session={notice}")
    assert answer.status_code == 303


async def test_signing_out_forgets_the_session(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.post("/sign-out", page="/projects/acme/agents")

    assert answer.headers["location"] == "/sign-in"
    assert "__Host-tock_session" not in somebody.client.cookies
    assert (await somebody.get("/projects/acme/agents")).status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
async def test_signing_in_leads_to_no_other_site(rig: Rig, elsewhere: str) -> None:
    answer = await visitor(rig.deployment).sign_in(next=elsewhere)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("referrer", "there"),
    [
        ("/projects/acme/agents?page_size=1", "/projects/acme/agents?page_size=1"),
        ("/projects/acme/agents/digest/enable?x=1", "/projects/acme/agents/digest"),
        ("/projects/acme/runs/r1/steer", "/projects/acme/runs/r1"),
        ("/projects/acme/agents/new/check", "/projects/acme/agents/new"),
        ("/reading", "/"),
        ("/sign-out", "/"),
        ("/no/such/page", "/no/such/page"),
        ("//evil.example/projects", "/"),
        ("", "/"),
    ],
)
async def test_who_chooses_a_theme_on_an_answer_to_a_form_goes_on_to_a_page_that_can_be_read(
    rig: Rig, referrer: str, there: str
) -> None:
    somebody = await signed_in(rig.deployment)
    token = await somebody.token("/projects")
    fields = {"form_token": token, "zone": "Europe/Berlin", "theme": "dark"}

    answer = await somebody.send("/reading", fields, Referer=f"https://tock.test{referrer}")

    assert (answer.status_code, answer.headers["location"]) == (303, there)
    assert (await somebody.get(there)).status_code != 405


async def test_a_zone_that_is_none_is_refused_on_the_page_where_the_reader_was(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    page = "/projects/acme/triggers?state=enabled"
    fields = {"form_token": await somebody.token(page), "zone": "Europe/Berlim", "theme": "auto"}

    answer = await somebody.send("/reading", fields, Referer=f"https://tock.test{page}")
    shown, later = [await somebody.get(page) for _ in range(2)]

    assert (answer.status_code, answer.headers["location"]) == (303, page)
    [said] = alerts(shown)
    assert "did you mean 'Europe/Berlin'?" in said
    assert alerts(later) == []


async def test_cookies_of_a_deployment_are_sent_over_tls_by_its_own_pages_only(rig: Rig) -> None:
    somebody = visitor(rig.deployment)

    first = await somebody.get("/sign-in")
    answer = await somebody.sign_in()
    read = await somebody.post("/reading", zone="Europe/Berlin", theme="dark")

    cookies = [*_cookies(first), *_cookies(answer), *_cookies(read)]
    assert [cookie[0].partition("=")[0] for cookie in cookies] == [
        "__Host-tock_browser",
        "__Host-tock_session",
        "__Host-tock_zone",
        "__Host-tock_theme",
    ]
    for _, *attributes in cookies:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)


async def test_cookies_of_a_local_stack_need_no_tls(rig: Rig) -> None:
    access = Access(local=True, admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS)
    somebody = visitor(make_rig(rig.services, access).deployment, origin=LOCAL)

    answer = await somebody.sign_in()

    ((name, *attributes),) = _cookies(answer)
    assert name.startswith("tock_session_8625=")
    assert "Secure" not in attributes
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(attributes)
    assert (await somebody.get("/projects/acme/agents")).status_code == 200


async def test_two_local_stacks_of_one_machine_have_cookies_of_their_own(rig: Rig) -> None:
    """A browser keeps one set of cookies for 127.0.0.1, whatever the port."""
    access = Access(local=True, admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS)
    one = visitor(make_rig(rig.services, access).deployment, origin="http://127.0.0.1:8625")
    foreign = replace(access, run_tokens=RunTokens("the key of another stack"))
    other = visitor(make_rig(rig.services, foreign).deployment, origin="http://127.0.0.1:9000")
    other.client._cookies = one.client.cookies
    await one.sign_in()
    await one.post("/reading", page="/projects", zone="Asia/Tokyo", theme="dark")

    await other.sign_in()
    await other.post("/reading", page="/projects", zone="Europe/Berlin", theme="light")
    page_of_other = await other.get("/projects")
    await other.post("/sign-out", page="/projects")

    page = await one.get("/projects")
    assert (page.status_code, (await other.get("/projects")).status_code) == (200, 303)
    assert 'data-theme="dark"' in page.text
    assert 'value="Asia/Tokyo"' in page.text
    assert 'data-theme="light"' in page_of_other.text


async def test_a_session_ends_when_the_admin_key_is_another_one(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    access = Access(admin_key_hash="0" * 64, keys=True, run_tokens=RUN_TOKENS)

    later = visitor(make_rig(rig.services, access).deployment)
    later.client.cookies.update(somebody.client.cookies)

    assert (await later.get("/projects")).status_code == 303


async def test_the_key_is_neither_readable_in_the_cookie_nor_on_any_page(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    pages = [await somebody.get(path) for path in ("/projects", "/projects/acme/agents", "/projects/acme/settings")]

    assert all(ADMIN_KEY not in page.text for page in pages)
    assert all(ADMIN_KEY not in value for value in somebody.client.cookies.values())


async def test_nobody_needs_a_key_on_a_local_stack_without_one(rig: Rig) -> None:
    somebody = visitor(make_rig(rig.services, Access(local=True, run_tokens=RUN_TOKENS)).deployment, origin=LOCAL)

    answer = await somebody.get("/sign-in")
    page = await somebody.get("/projects/acme/agents")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert page.status_code == 200
    assert "Sign out" not in page.text


async def test_a_deployment_without_an_admin_key_says_so(rig: Rig) -> None:
    somebody = visitor(make_rig(rig.services, Access(run_tokens=RUN_TOKENS)).deployment)

    answers = [await somebody.get(path) for path in ("/", "/sign-in", "/projects/acme")]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all("TOCK_ADMIN_KEY_HASH" in answer.text for answer in answers)


async def test_a_deployment_without_a_key_for_run_tokens_says_so(rig: Rig) -> None:
    somebody = visitor(make_rig(rig.services, Access(admin_key_hash=ADMIN_KEY_HASH, keys=True)).deployment)

    answers = [await somebody.get(path) for path in ("/", "/sign-in", "/projects/acme")]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all("TOCK_RUN_TOKEN_KEY" in answer.text for answer in answers)


async def test_a_page_that_is_open_learns_that_its_reader_is_signed_out(rig: Rig) -> None:
    """A redirect would be followed, and the page to sign in taken for success."""
    somebody = visitor(rig.deployment)
    token = token_of(await somebody.get("/sign-in"))

    answer = await somebody.send(
        "/projects/acme/agents/digest/disable", {}, **{"HX-Request": "true", "X-Form-Token": token}
    )

    assert answer.status_code == 401
    assert "You are not signed in any more" in answer.text
    assert "<main" not in answer.text


def _cookies(answer: object) -> list[list[str]]:
    return [value.split("; ") for value in answer.headers.get_list("set-cookie")]  # type: ignore[attr-defined]
