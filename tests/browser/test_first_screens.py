"""The first screens, as the documentation shows them: a shop's night in which the clocks change.

`make console-pictures` keeps the pictures in docs/console.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import ZONE, choose_zone
from end_to_end.running_stack import RunningStack, running_dev, tock
from waiting import TIMEOUT

#: Where the pictures are kept, if they are to be kept.
FOLDER = os.environ.get("TOCK_PICTURES")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A shop's project, after its night: it began before the clocks of Berlin went forward, and six hours went by."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copy(Path(__file__).with_name("shop.py"), folder)
    with running_dev(folder, "shop", "--at", "2027-03-27T23:10:00Z") as dev:
        # As a process of its own: an event loop of Playwright's runs in this one.
        moved = tock("dev", "advance", "6h", folder=folder)
        assert moved.returncode == 0, moved.stderr
        yield dev


@pytest.fixture
def wide(browser: Browser, shop: RunningStack) -> Iterator[Page]:
    """A page as wide as the pictures."""
    context = browser.new_context(viewport={"width": 1180, "height": 760}, timezone_id=ZONE, color_scheme="light")
    context.set_default_timeout(TIMEOUT * 1000 / 4)
    choose_zone(context, shop.api.partition("/v1/")[0])
    yield context.new_page()
    context.close()


def test_the_overview_shows_a_night_in_which_the_clocks_change(shop: RunningStack, wide: Page, tmp_path: Path) -> None:
    wide.goto(f"{_console(shop)}?span=6h")

    expect(wide.get_by_role("region", name="What needs a person")).to_contain_text("Send the newsletter")
    expect(wide.get_by_role("region", name="What needs a person")).to_contain_text("prices")
    expect(wide.get_by_role("main")).to_contain_text("clocks")
    _keep(wide, "overview", otherwise=tmp_path)


def test_a_run_that_waits_asks_its_question(shop: RunningStack, wide: Page, tmp_path: Path) -> None:
    [waiting] = shop.get("/runs", status="waiting")["runs"]

    wide.goto(f"{_console(shop)}/runs/{waiting['id']}")

    expect(wide.get_by_role("main")).to_contain_text("Send the newsletter to 1,204 customers?")
    _keep(wide, "run", otherwise=tmp_path)


def test_the_editor_marks_what_clock_changes_do(shop: RunningStack, wide: Page, tmp_path: Path) -> None:
    wide.goto(f"{_console(shop)}/triggers/nightly/edit")

    expect(wide.get_by_role("main")).to_contain_text("at 02:30 every day, Europe/Berlin time")
    _keep(wide, "editor", otherwise=tmp_path)


def _console(shop: RunningStack) -> str:
    return shop.api.replace("/v1/", "/")


def _keep(page: Page, name: str, *, otherwise: Path) -> None:
    page.wait_for_load_state("networkidle")
    file = Path(FOLDER or otherwise) / f"{name}.png"
    page.screenshot(path=file)
    assert file.stat().st_size > 20_000
