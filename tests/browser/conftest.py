"""The console in a real browser, on a running `tock dev` that the tests of one process share."""

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from end_to_end.running_stack import RunningStack, running_dev
from tock.bootstrap.system_clock import SystemClock
from waiting import TIMEOUT, result_of

#: Debian's browser, or another one that this variable names.
CHROMIUM = os.environ.get("TOCK_TEST_BROWSER", "/usr/bin/chromium")
_FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"),
    *("--no-first-run", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
#: The zone of the person, unless a test says otherwise: one whose clocks change.
ZONE = "Europe/Berlin"


# Pages on a busy machine take longer than the five seconds that Playwright grants.
expect.set_options(timeout=TIMEOUT * 1000 / 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder are run by `make test-browser` only: they need a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True, slots=True)
class Console:
    """The console of a project of its own, on the shared stack, and the API to prepare and check what people see."""

    site: str
    project: str

    def url(self, *segments: str) -> str:
        """The address of a page of the project."""
        return "/".join((self.site, "projects", self.project, *segments))

    def get(self, path: str = "", **parameters: Any) -> Any:
        answer = httpx.get(f"{self._api}{path}", params=parameters, timeout=TIMEOUT, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = httpx.post(f"{self._api}{path}", json=body, timeout=TIMEOUT, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def patch(self, path: str, body: Any) -> Any:
        answer = httpx.patch(f"{self._api}{path}", json=body, timeout=TIMEOUT, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def delete(self, path: str, **parameters: Any) -> None:
        answer = httpx.delete(f"{self._api}{path}", params=parameters, timeout=TIMEOUT, trust_env=False)
        assert answer.is_success, answer.text

    def soon(self, seconds: float = 2) -> str:
        """The time so long after now."""
        return (SystemClock().now() + timedelta(seconds=seconds)).isoformat()

    def agent(self, callable_: str, identifier: str | None = None) -> str:
        """Create an agent of this function of `people.py`, and return its id."""
        name = identifier or callable_
        self.post("/agents", {"id": name, "kind": "python", "config": {"callable": f"people:{callable_}"}})
        return name

    def trigger(self, identifier: str, agent: str, **fields: Any) -> dict[str, Any]:
        """Create a trigger; without a schedule it has its first fire time in a distant future."""
        schedule = {"cron": "0 9 1 1 *", "time_zone": ZONE}
        return dict(self.post("/triggers", {"id": identifier, "agent": agent, "schedule": schedule} | fields))

    def run(self, agent: str, *, settled: bool = True, **body: Any) -> dict[str, Any]:
        """Start an agent now, and return its run, once it has ended if `settled`."""
        run: dict[str, Any] = self.post(f"/agents/{agent}:run", body)
        return self.settled(run["id"]) if settled else run

    def settled(self, run: str) -> dict[str, Any]:
        """Return the run once it has ended."""
        return result_of(lambda: found if (found := self.get(f"/runs/{run}"))["finished"] else None) or {}

    def reaches(self, run: str, status: str) -> dict[str, Any]:
        """Return the run once it has this status."""
        return result_of(lambda: found if (found := self.get(f"/runs/{run}"))["status"] == status else None) or {}

    @property
    def _api(self) -> str:
        return f"{self.site}/v1/projects/{self.project}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    folder = tmp_path_factory.mktemp("console")
    shutil.copy(Path(__file__).with_name("people.py"), folder)
    with running_dev(folder, "people", TOCK_HEARTBEAT="PT2S", TOCK_LEASE="PT6S") as stack:
        yield stack


@pytest.fixture
def console(stack: RunningStack) -> Console:
    """The console of a new project without agents."""
    return console_of(stack)


def console_of(stack: RunningStack) -> Console:
    """Return the console of a new project without agents."""
    console = Console(site=stack.api.partition("/v1/")[0], project=f"p{uuid.uuid4().hex[:10]}")
    answer = httpx.post(f"{console.site}/v1/projects", json={"id": console.project}, timeout=TIMEOUT, trust_env=False)
    assert answer.is_success, answer.text
    return console


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, stack: RunningStack) -> Iterator[BrowserContext]:
    """The browser of one person; what scripts, the policy for content and the console complain of fails the test."""
    context = browser.new_context(timezone_id=ZONE, locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(TIMEOUT * 1000 / 4)
    choose_zone(context, stack.api.partition("/v1/")[0])
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield context
    context.close()
    # The browser and htmx report each answer that is an error, which tests of errors want, and htmx each request that
    # the end of its page cuts off. What the policy for content refuses is told in other words.
    wanted = ("Failed to load resource", "Response Status Error Code", "htmx:afterRequest", "htmx:sendError")
    assert [each for each in complaints if not each.startswith(wanted)] == []


def choose_zone(context: BrowserContext, site: str) -> None:
    """Have the person of this browser choose the zone, as after the first page, which asks the browser for its zone."""
    name = f"tock_zone_{site.rpartition(':')[2]}"
    context.add_cookies([{"name": name, "value": ZONE, "url": site, "httpOnly": True, "sameSite": "Lax"}])


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
