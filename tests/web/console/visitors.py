"""Visitors of the console without a browser: they keep cookies, and send the forms of pages that they were shown."""

import re
from dataclasses import dataclass
from html import unescape

import httpx

from tock.web.console.app import create_console
from tock.web.deployment import Deployment
from web.rig import ADMIN_KEY, ORIGIN

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_ALERT = re.compile(r'role="alert">([^<]*)<')


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser's visits."""

    client: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, *, page: str = "/sign-in", **fields: str) -> httpx.Response:
        """Send a form, with the token of this page; spaces of names are written as __."""
        return await self.send(path, {"form_token": await self.token(page)} | _named(fields))

    async def send(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return await self.client.post(path, data=fields, headers=headers)

    async def token(self, page: str = "/sign-in") -> str:
        return token_of(await self.get(page))

    async def sign_in(self, key: str = ADMIN_KEY, *, next: str = "/projects") -> httpx.Response:  # noqa: A002 - the field
        return await self.send("/sign-in", {"form_token": await self.token(), "key": key, "next": next})


def visitor(deployment: Deployment, *, origin: str = ORIGIN) -> Visitor:
    """Somebody who has not signed in, with a browser of their own."""
    transport = httpx.ASGITransport(app=create_console(deployment))
    return Visitor(httpx.AsyncClient(transport=transport, base_url=origin, headers={"Accept": "text/html"}))


async def signed_in(deployment: Deployment, *, key: str = ADMIN_KEY) -> Visitor:
    """Somebody who has signed in with this key."""
    somebody = visitor(deployment)
    answer = await somebody.sign_in(key)
    assert answer.status_code == 303, answer.text
    return somebody


def token_of(page: httpx.Response) -> str:
    """The token that the forms of the page send."""
    found = _TOKEN.search(page.text)
    assert found is not None, page.text
    return found[1]


def alerts(page: httpx.Response) -> list[str]:
    """What the page says is wrong."""
    return [unescape(text).strip() for text in _ALERT.findall(page.text)]


def _named(fields: dict[str, str]) -> dict[str, str]:
    return {name.replace("__", "."): value for name, value in fields.items()}
