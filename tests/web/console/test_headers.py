"""What every answer of the console says to the browser: what it may load, keep and show."""

import pytest

from tock.web.console.assets import MEDIA_TYPES, asset_file, asset_path
from web.console.visitors import signed_in, visitor
from web.rig import Rig

pytestmark = pytest.mark.anyio

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 303),
        ("/projects", 200),
        ("/projects/acme/agents", 200),
        ("/projects/nobody/agents", 404),
        ("/no/such/page", 404),
        ("/sign-out", 405),
        ("/projects/acme/agents?page_size=x", 400),
        ("/projects/acme/agents?page_token=x", 400),
        (asset_path("console.css"), 200),
        ("/assets/0/console.css", 404),
        ("/favicon.ico", 308),
    ],
)
async def test_every_answer_says_what_may_be_loaded_and_shown(rig: Rig, path: str, status: int) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.get(path)

    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    kept = "public, max-age=31536000, immutable" if path == asset_path("console.css") else "no-store"
    assert answer.headers["cache-control"] == kept


async def test_an_unforeseen_error_says_so_too_and_shows_no_trace(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = await signed_in(rig.deployment)

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(rig.services.store, "agents", fail)
    answer = await somebody.get("/projects/acme/agents")

    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    assert "a secret of the inside" not in answer.text
    assert "the log of this deployment says why" in answer.text


async def test_a_page_loads_files_whose_paths_name_their_content_and_nothing_from_elsewhere(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    page = (await somebody.get("/projects/acme/agents")).text

    assert asset_path("console.css") in page
    assert 'src="http' not in page
    assert 'href="http' not in page
    assert " style=" not in page
    assert " onclick=" not in page


@pytest.mark.parametrize("name", ["console.css", "console.js", "icon.svg", "vendored/htmx.min.js"])
async def test_files_of_the_folder_are_served_to_everybody_as_what_they_are(rig: Rig, name: str) -> None:
    answer = await visitor(rig.deployment).get(asset_path(name))

    file = asset_file(name)
    assert file is not None
    assert answer.content == file.read_bytes()
    assert answer.headers["content-type"].partition(";")[0] == MEDIA_TYPES[file.suffix]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/x/../app.py",
        "/assets/x/..%2Fapp.py",
        "/assets/x/%2e%2e/%2e%2e/app.py",
        "/assets/x/__init__.py",
        "/assets/x/vendored/vendored.json",
        "/assets/x//etc/passwd",
        "/assets/x/console.css%00",
    ],
)
async def test_nothing_else_is_served(rig: Rig, path: str) -> None:
    answer = await visitor(rig.deployment).get(path)

    assert answer.status_code == 404
