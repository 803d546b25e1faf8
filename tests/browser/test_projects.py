"""The pages of projects and of their keys, in a browser."""

from playwright.sync_api import BrowserContext, Page, expect

from browser.conftest import Console


def test_a_new_key_is_shown_once_and_copied_with_its_command(
    console: Console, context: BrowserContext, page: Page
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(console.url("settings"))
    page.get_by_role("link", name="New key").click()
    page.get_by_role("dialog").get_by_label("What or whom it is for").fill("ci")

    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    key = page.get_by_role("region", name="Key", exact=True).inner_text()
    page.get_by_role("button", name="Copy the command").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"TOCK_SERVER={console.site} TOCK_PROJECT={console.project} TOCK_KEY={key}" in copied
    page.get_by_role("link", name="I have stored it").click()
    expect(page.get_by_role("row", name="ci")).to_be_visible()
    assert key not in page.content()


def test_a_key_is_deleted_after_a_question(console: Console, page: Page) -> None:
    console.post("/api-keys", {"name": "ci"})
    page.goto(console.url("settings"))
    page.get_by_role("link", name="Delete the key").click()

    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.get_by_text("This project has no key of its own.")).to_be_visible()
    assert console.get("/api-keys")["api_keys"] == []


def test_a_project_is_deleted_once_its_id_is_typed(console: Console, page: Page) -> None:
    page.goto(console.url("settings"))
    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name=f"Delete project {console.project}?")
    dialog.get_by_label("Type its id to confirm").fill(console.project)

    dialog.get_by_role("button", name="Delete").click()

    expect(page.get_by_text(f"The project {console.project} is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
