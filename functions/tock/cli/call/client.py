"""The client of a command: it keeps what the server sent last, for --json."""

import json
from typing import Any

import httpx

from tock import Client


class CommandClient(Client):
    """A client that keeps the last answer."""

    def __init__(
        self,
        *,
        server: str | None,
        project: str | None,
        key: str | None,
        identity_token: str | None,
        profile: str | None = None,
        retries: int = 3,
    ) -> None:
        self._last = httpx.Response(httpx.codes.NO_CONTENT)
        super().__init__(
            server,
            project=project,
            key=key,
            identity_token=identity_token,
            profile=profile,
            retries=retries,
            on_answer=self._keep,
        )

    @property
    def sent(self) -> Any:
        """The JSON of the last answer, as the server sent it: also fields that this version does not know."""
        return json.loads(self._last.content)

    def _keep(self, answer: httpx.Response) -> None:
        self._last = answer
