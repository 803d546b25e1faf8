"""The main path by keyboard alone: find the agent, run it, read its run, stop its trigger."""

from playwright.sync_api import Locator, Page, expect

from browser.conftest import Console

#: More stops than any page of these tests has.
_STOPS = 80
_HAS_FOCUS = "element => element === document.activeElement"
#: Whether a person sees where they are: an outline, as `:focus-visible` draws it.
_IS_MARKED = "element => getComputedStyle(element).outlineStyle !== 'none'"


def test_the_main_path_needs_no_mouse(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url())

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    _go_to(page, page.get_by_role("link", name="Agents", exact=True))
    page.keyboard.press("Enter")
    _go_to(page, page.get_by_role("link", name="Run now: quick"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Run quick now")
    _go_to(page, dialog.get_by_label("Message"))
    page.keyboard.type("by keyboard")
    _go_to(page, dialog.get_by_role("button", name="Run now"))
    page.keyboard.press("Enter")

    page.wait_for_url(f"{console.url('runs')}/*")
    run = console.settled(page.url.rpartition("/")[2])
    assert run["result"]["said"] == "by keyboard"
    expect(page.get_by_role("region", name="Result")).to_contain_text("by keyboard")

    _go_to(page, page.get_by_role("link", name="Triggers", exact=True))
    page.keyboard.press("Enter")
    switch = page.get_by_role("switch", name="Trigger morning is enabled")
    _go_to(page, switch)
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    expect(page.locator("form.switch")).to_have_attribute("data-busy", "false")
    assert console.get("/triggers/morning")["enabled"] is False
    _go_to(page, page.get_by_role("link", name="morning", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("morning")


def test_a_dialog_keeps_the_focus_and_gives_it_back(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick"))
    opener = page.get_by_role("link", name="Run now")
    _go_to(page, opener)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()

    for _ in range(20):
        page.keyboard.press("Tab")
        # Between its last and its first control the focus is at the browser's own.
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def _go_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it is marked."""
    target.wait_for()
    for _ in range(_STOPS):
        if target.evaluate(_HAS_FOCUS):
            assert target.evaluate(_IS_MARKED), f"nobody sees that {target} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{_STOPS} stops do not lead to {target}")
