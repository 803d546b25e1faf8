"""Answers to what cannot be served: where they lead, and what they say to browsers."""

import re

import pytest

from web.console.visitors import signed_in
from web.rig import Rig, created

pytestmark = pytest.mark.anyio

_WAY_BACK = re.compile(r'<p><a class="button" href="([^"]+)">([^<]+)</a></p>')


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/sign-out", "POST"),
        ("POST", "/projects", "GET, HEAD"),
        ("PUT", "/sign-in", "GET, HEAD, POST"),
        ("DELETE", "/projects/acme/agents/digest/run", "GET, HEAD, POST"),
    ],
)
async def test_a_page_of_the_wrong_method_names_every_method_of_its_path(
    rig: Rig, method: str, path: str, allowed: str
) -> None:
    somebody = await signed_in(rig.deployment)

    page = await somebody.client.request(method, path)
    document = await somebody.client.request(method, path, headers={"Accept": "application/json"})

    assert [page.status_code, document.status_code] == [405, 405]
    assert page.headers["content-type"].startswith("text/html")
    assert [page.headers["allow"], document.headers["allow"]] == [allowed, allowed]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/projects/", "/projects"),
        ("/projects/acme/", "/projects/acme"),
        ("/projects/acme/agents//?page_size=1&page_token=", "/projects/acme/agents?page_size=1&page_token="),
        ("/projects/acme/runs/a%25b%3Fc/", "/projects/acme/runs/a%25b%3Fc"),
    ],
)
async def test_a_slash_at_the_end_of_a_path_leads_to_the_page_without_it(rig: Rig, path: str, there: str) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.get(path)

    assert (answer.status_code, answer.headers["location"]) == (308, there)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example",
        "///",
        "//projects/",
        "/projects//evil.example/",
        "/\\evil.example/",
        "/%5C/",
        "/x/",
    ],
)
async def test_a_slash_leads_to_no_other_site_and_to_no_page_that_is_not_there(rig: Rig, path: str) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.client.get(f"https://tock.test{path}", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers.get("location")) == (404, None)


async def test_a_form_with_a_slash_at_the_end_of_its_path_is_not_sent_on(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.post("/projects/acme/agents/digest/disable/", page="/projects/acme/agents")

    assert (answer.status_code, answer.headers.get("location")) == (404, None)


@pytest.mark.parametrize(
    "path",
    [
        "/projects/acme/agents/nobody",
        "/projects/acme/triggers/__a__",
        "/projects/acme/runs/nothing",
        "/projects/acme/no/such/page",
    ],
)
async def test_what_is_not_found_in_a_project_leads_back_to_its_overview(rig: Rig, path: str) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.get(path)

    assert answer.status_code == 404
    assert _WAY_BACK.findall(answer.text) == [("/projects/acme", "To the overview of acme")]


@pytest.mark.parametrize(
    "path", ["/projects/other", "/projects/other/agents", "/projects/__a__/agents", "/no/such/page"]
)
async def test_what_is_not_found_outside_leads_to_the_projects(rig: Rig, path: str) -> None:
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))
    somebody = await signed_in(rig.deployment, key=key["token"])

    answer = await somebody.get(path)

    assert answer.status_code == 404
    assert _WAY_BACK.findall(answer.text) == [("/projects", "To the projects")]
