"""No request breaks a page: each route of the console answers odd ids, queries and forms with a sentence."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

import httpx
import pytest
from starlette.routing import Route

from tock.web.console.app import create_console
from tock.web.console.pages.runs.filters import TEXTS
from tock.web.console.pages.triggers.editor.trigger_form.controls import CONTROLS
from tock.web.console.pages.triggers.editor.trigger_form.cron_forms import BUILDER_CONTROLS
from tock.web.deployment import Deployment
from web.console.visitors import Visitor, signed_in
from web.rig import Rig, created

pytestmark = pytest.mark.anyio

_ROUTES = [route for route in create_console(cast(Deployment, None)).routes if isinstance(route, Route)]
#: The fields that a page reads of its address, by the template of its path.
_QUERIES = {
    "/projects": ("page_size", "page_token", "self", "project"),
    "/projects/{project}": ("from", "span"),
    "/projects/{project}/overview/history": ("from", "span"),
    "/projects/{project}/settings": ("page_size", "page_token"),
    "/projects/{project}/agents": ("page_size", "page_token", "self"),
    "/projects/{project}/triggers": ("page_token", "first", "agent", "state", "label", "text"),
    "/projects/{project}/triggers/new": ("agent", "preset"),
    "/projects/{project}/triggers/{trigger}": ("month",),
    "/projects/{project}/triggers/{trigger}/history": ("page_size", "page_token", "self"),
    "/projects/{project}/triggers/{trigger}/proof": ("from", "to", "at", "days"),
    "/projects/{project}/runs": (*TEXTS, "status", "page_token", "before", "skipped"),
    "/projects/{project}/runs:cancel": (*TEXTS, "status", "run", "all"),
    "/projects/{project}/runs:retry": (*TEXTS, "status", "run", "all"),
    "/projects/{project}/runs/{run}/events": ("since",),
    "/sign-in": ("next",),
}
#: Markup, wherever a page does not escape it.
_MARKUP = "<b>'\"&"
_VALUES = (
    *("x", "-1", "0", "1e9", "9" * 5_000, "\u0663", "\u00b2", "x" * 3_000, "a\x00b\x1f\r\n", "\ud800", _MARKUP),
    *("0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59", "9999-12-31T23:59:59-14:00"),
    *("1970-01-01T00:00Z", "2199-12-31T23:59Z", "2026-10-25T02:30", "0001-01", "9999-12", "2199-12"),
    *("../..", "../../other/runs/x", "a/b", "__a__"),
)
_IDS = ("__a__", ".", "..", "a.b", "a/b", "x" * 255, "x" * 5_000, "a\x00", "a\nb", "\u00e9", "%2F", "new", "<b>")
#: Every name that some form has.
_FIELDS = (
    *CONTROLS,
    *BUILDER_CONTROLS,
    *("id", "name", "description", "kind", "config", "enabled", "concurrency", "progress_every", "labels", "revision"),
    *("evidence.output_schema", "evidence.events", "evidence.min_tokens", "evidence.own", "overwrite", "zone", "theme"),
    *("cancel", "with_triggers", "place", "typed", "key", "next", "message", "mode", "value", "as", "note", "attempt"),
    *("feedback", "model", "command", "arguments", "timeout", "reason", "run", "subject", "in_list", "enabled.was"),
)
_HEADERS: tuple[dict[str, str], ...] = ({"Referer": "http://[x"}, {"Referer": "//evil.example"}, {"Host": "["})
_ALERT = re.compile(r'role="alert"[^>]*>(.{0,2000})', re.DOTALL)


@dataclass(frozen=True)
class Stock:
    """Somebody who is signed in, and an id for each name of a path."""

    somebody: Visitor
    ids: Mapping[str, str]

    def path(self, route: Route, **others: str) -> str:
        ids = {
            name: quote(identifier, safe="", errors="surrogatepass") for name, identifier in (self.ids | others).items()
        }
        return route.path.replace(":path}", "}").format(**{"digest": "0", "file": "x"} | ids)


@pytest.fixture
async def stock(rig: Rig) -> Stock:
    await rig.make_trigger()
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))
    run = await rig.execute(await rig.start())
    ids = {"project": "acme", "agent": "digest", "trigger": "morning", "run": run["id"], "key": key["id"]}
    return Stock(await signed_in(rig.deployment), ids)


def _area(route: Route) -> str:
    """The first word of the path behind the project: so a test asks for a part of the routes."""
    within = route.path.removeprefix("/projects/{project}")
    return within.strip("/").partition("/")[0] or "overview"


def _of(area: str, method: str) -> list[Route]:
    """The routes of an area; what deletes something comes last."""
    found = [route for route in _ROUTES if _area(route) == area and method in (route.methods or ())]
    return sorted(found, key=lambda route: (route.path.endswith("delete"), route.path))


_AREAS = sorted({_area(route) for route in _ROUTES})


@pytest.mark.slow  # many requests
@pytest.mark.parametrize("area", _AREAS)
async def test_a_page_answers_every_address_with_a_page_or_a_sentence(stock: Stock, area: str) -> None:
    wrong: list[str] = []
    for route in _of(area, "GET"):
        for path in _addresses(stock, route):
            wrong += _wrong(await stock.somebody.get(path), path)

    assert not wrong, "\n".join(wrong)


@pytest.mark.slow  # many requests
@pytest.mark.parametrize("area", sorted({area for area in _AREAS if _of(area, "POST")}))
async def test_a_form_answers_whatever_is_sent_with_a_page_or_a_sentence(stock: Stock, area: str) -> None:
    wrong: list[str] = []
    token = await stock.somebody.token("/projects")
    for route in _of(area, "POST"):
        path = stock.path(route)
        for fields in _forms(token, has_schedule="triggers" in path):
            wrong += _wrong(await _send(stock, path, urlencode(list(fields))), f"{path} {fields[-1]!r:.100}")
        for body in ("=%ff", "{}", "a=%ed%a0%80", "&".join(["a=1"] * 2_000)):
            answer = await _send(stock, path, body, {"X-Form-Token": token})
            wrong += _wrong(answer, f"{path} {body[:20]!r}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
@pytest.mark.parametrize(
    "path",
    [
        *(
            "/agents/MARKUP",
            "/agents?page_token=MARKUP",
            "/triggers?state=MARKUP",
            "/triggers?text=MARKUP&label=MARKUP",
        ),
        *(
            "/runs?agent=MARKUP",
            "/runs?since=MARKUP",
            "/triggers/new?agent=MARKUP",
            "/triggers/morning/proof?at=MARKUP",
        ),
    ],
)
async def test_what_an_address_says_is_shown_as_text(stock: Stock, path: str, headers: Mapping[str, str]) -> None:
    answer = await stock.somebody.get(f"/projects/acme{path.replace('MARKUP', quote(_MARKUP))}", **headers)

    assert "html" in answer.headers["content-type"]
    assert "<b>" not in answer.text


@pytest.mark.parametrize("headers", _HEADERS, ids=str)
@pytest.mark.parametrize("path", ["/reading", "/projects", "/projects/acme/triggers"])
async def test_odd_headers_break_no_page(stock: Stock, path: str, headers: Mapping[str, str]) -> None:
    if path == "/reading":
        body = urlencode({"form_token": await stock.somebody.token("/projects"), "zone": "UTC"})
        answer = await _send(stock, path, body, headers)
    else:
        answer = await stock.somebody.get(path, **headers)

    assert not _wrong(answer, path)
    assert answer.headers.get("location", "/") == "/"


@pytest.mark.parametrize("path", ["", "/overview/now", "/triggers", "/triggers/last", "/triggers/last/edit"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "../../x"])
async def test_a_time_at_the_end_of_the_calendar_breaks_no_page(stock: Stock, rig: Rig, path: str, zone: str) -> None:
    """No zone east of UTC has a local time for it."""
    await rig.make_trigger("last", schedule={"at": "9999-12-31T23:59:59Z"}, end="9999-12-31T23:59:59.5Z")

    answer = await stock.somebody.get(f"/projects/acme{path}", Cookie=f"{_cookies(stock)}; __Host-tock_zone={zone}")

    assert answer.status_code == 200


def _cookies(stock: Stock) -> str:
    return "; ".join(f"{name}={value}" for name, value in stock.somebody.client.cookies.items())


def _addresses(stock: Stock, route: Route) -> Iterator[str]:
    odd_ids = _IDS if route.path.endswith("/agents/{agent}") else _IDS[:1]
    yield from (stock.path(route, **{name: odd}) for name in route.param_convertors for odd in odd_ids)
    path = stock.path(route)
    for name in _QUERIES.get(route.path, ("x",)):
        values = _VALUES if route.path in _QUERIES else _VALUES[:1]
        yield from (f"{path}?{urlencode({name: odd}, errors='surrogatepass')}" for odd in values)
        yield f"{path}?{urlencode([(name, ''), (name, '1'), (name, '')])}"
    yield f"{path}?%ff=%ff&&=;"


def _forms(token: str, *, has_schedule: bool) -> Iterator[Sequence[tuple[str, str]]]:
    held = ("form_token", token)
    for odd in ("9" * 5_000, "-1", "a\x00b\x1f\r\n", '{"a": "\\ud800"}', _MARKUP):
        yield [held, *((name, odd) for name in _FIELDS)]
    for odd in ("9" * 5_000, "\u0663"):
        yield [held, ("typed", "acme"), *((name, odd) for name in ("revision", "overwrite", "attempt"))]
    if has_schedule:
        yield [
            held,
            *((name, "9999-12-31T23:59") for name in CONTROLS),
            ("schedule.kind", "once"),
            ("zone", "Asia/Tokyo"),
        ]
        for kind in ("minutes", "hourly", "weekly", "monthly", "cron", "interval", "once", "x"):
            long = [(name, "0" * 5_000) for name in BUILDER_CONTROLS if name != "schedule.kind"]
            yield [held, ("schedule.kind", kind), *long]
    yield [held, *((name, "") for name in _FIELDS), *((name, "1") for name in _FIELDS)]
    yield [held, ("run", "a/b"), ("run", "../.."), ("run", "")]
    yield [("form_token", "x")]
    yield [held]


async def _send(stock: Stock, path: str, body: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return await stock.somebody.client.post(path, content=body, headers=form)


def _wrong(answer: httpx.Response, asked: str) -> list[str]:
    """What is wrong with an answer: an error of Tock's own, markup that was sent, or a refusal without a sentence."""
    if answer.status_code == 500:
        return [f"500 for {asked[:200]}"]
    if "html" in answer.headers.get("content-type", "") and _MARKUP in answer.text:
        return [f"markup for {asked[:200]}"]
    if answer.status_code < 400 or "html" not in answer.headers["content-type"]:
        return []
    said = [re.sub(r"<[^>]*>", " ", text).split() for text in _ALERT.findall(answer.text)]
    return (
        [] if any(len(words) > 2 for words in said) else [f"{answer.status_code} without a sentence for {asked[:200]}"]
    )


def test_every_page_that_reads_its_address_is_one_of_the_console() -> None:
    paths: set[Any] = {route.path for route in _ROUTES}

    assert set(_QUERIES) <= paths
