"""What holds for every page: people of all abilities can use it, and texts of users do nothing on it."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import console_of
from browser.pages import HOSTILE, IN_PROJECT, NO_PAGES, OUTSIDE, Furnished, all_paths, furnish
from end_to_end.running_stack import RunningStack, running_dev
from tock.web.console.app import create_console
from tock.web.deployment import Access, Deployment
from web.rig import ADMIN_KEY, ADMIN_KEY_HASH, NobodyVerifies

AXE = Path(os.environ.get("TOCK_AXE", Path(__file__).parents[2] / ".venv/.axe")) / "node_modules/axe-core/axe.min.js"
#: The rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, that axe-core can check.
#: The theme decides about contrast only, so of the second one nothing else is checked again.
_VIOLATIONS = """async (only) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const runOnly = only ? {type: "rule", values: [only]} : {type: "tag", values: tags};
  const found = await axe.run(document, {runOnly, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map(
    (node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`));
}"""
_WIDE, _NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def furnished(stack: RunningStack) -> Furnished:
    return furnish(console_of(stack))


def test_every_page_is_listed() -> None:
    deployment = Deployment(services=None, access=Access(), tokens=NobodyVerifies())  # type: ignore[arg-type]
    routes: Any = create_console(deployment).routes

    paths = {route.path for route in routes if "GET" in route.methods}

    assert paths == {*NO_PAGES, *OUTSIDE, *(f"/projects/{{project}}{path}" for path in IN_PROJECT)}


@pytest.mark.parametrize("path", all_paths())
def test_a_page_is_accessible_in_both_themes_wide_and_narrow(furnished: Furnished, page: Page, path: str) -> None:
    _open(page, furnished.url(path))

    found = _look_at(page)

    assert found == []


def test_what_users_wrote_does_nothing_on_any_page(furnished: Furnished, page: Page) -> None:
    for path in all_paths():
        _open(page, furnished.url(path))

        assert page.locator("[data-hurt]").count() == 0, path


@pytest.mark.parametrize(
    "path",
    [
        "/projects",
        "/triggers/morning",
        "/runs/RUN_ENDED",
        "/runs/RUN_FAILED",
        "/runs/RUN_WAITING",
        "/runs/RUN_ANSWERED",
    ],
)
def test_the_hostile_texts_are_there_to_be_shown(furnished: Furnished, page: Page, path: str) -> None:
    """Otherwise the test before would prove nothing."""
    _open(page, furnished.url(path))

    expect(page.get_by_text(HOSTILE[:40]).first).to_be_visible()


def test_signing_in_is_accessible_and_keeps_texts_inert(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    shutil.copy(Path(__file__).with_name("people.py"), folder)
    with running_dev(folder, "people", TOCK_ADMIN_KEY_HASH=ADMIN_KEY_HASH, TOCK_KEY=ADMIN_KEY) as keyed:
        site = keyed.api.partition("/v1/")[0]
        page = browser.new_context().new_page()
        _open(page, f"{site}/projects/demo/agents?page_token={HOSTILE}")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert _look_at(page) == []
        expect(page.locator("[data-hurt]")).to_have_count(0)

        page.get_by_label("API key").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Tock does not know this key")
        assert _look_at(page) == []

        page.get_by_label("API key").fill(ADMIN_KEY)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.context.close()


def test_dialogs_are_accessible_too(furnished: Furnished, page: Page) -> None:
    _open(page, furnished.url("/agents/hostile"))
    page.get_by_role("link", name="Run now").click()
    expect(page.get_by_role("dialog")).to_be_visible()

    found = _look_at(page)

    assert found == []
    expect(page.locator("[data-hurt]")).to_have_count(0)


def _open(page: Page, url: str) -> None:
    page.goto(url)
    # What a page loads later is a part of it.
    expect(page.locator(".htmx-request, [hx-trigger=load]")).to_have_count(0)


def _look_at(page: Page) -> list[str]:
    """Return what is wrong with the page, in both themes and widths. axe-core comes through the debugger's door,
    because the policy for content forbids scripts from elsewhere.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE.read_text()}; true")
    found: list[str] = []
    for width in (_WIDE, _NARROW):
        page.set_viewport_size(width)  # type: ignore[arg-type]
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width["width"]:
            found.append(f"{width['width']} px: the page is {wide} px wide")
        for theme, only in (("light", None), ("dark", "color-contrast")):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            said: list[str] = page.evaluate(_VIOLATIONS, only)
            found += [f"{width['width']} px, {theme}: {each}" for each in said]
    return found
