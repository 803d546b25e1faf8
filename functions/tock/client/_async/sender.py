"""Sends requests, again if that is safe and may help, and returns the answers as the API's models."""

import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from typing import TypeVar

import anyio
import httpx
from pydantic import BaseModel

from tock.client.answer import EVENT_STREAM, error_of, is_refusal, model_of, require_success
from tock.client.connection import Connection
from tock.client.errors import ApiError, ConnectionFailed, NotConfigured, RequestTimedOut, TockClientError
from tock.client.request import Request, path_of
from tock.client.retries import LONGEST_IN_ALL, is_transient, pause_before

_Model = TypeVar("_Model", bound=BaseModel)
_CHECK_SERVER = "Check the URL (server= or TOCK_SERVER) and that the server runs; `tock dev` starts a local one."
_AMBIGUOUS = "An earlier attempt of this request got no answer: it may be what did this."


class AsyncSender:
    """Sends requests to one server, as one caller."""

    def __init__(
        self,
        connection: Connection,
        *,
        http: httpx.AsyncClient,
        retries: int,
        on_answer: Callable[[httpx.Response], None],
    ) -> None:
        self.connection = connection
        self._http = http
        self._retries = retries
        self._on_answer = on_answer

    @property
    def server(self) -> str:
        """The server's URL."""
        return self.connection.server

    @property
    def project(self) -> str:
        """The project's id. Raises NotConfigured without one."""
        if not self.connection.project:
            raise NotConfigured("No project is given.", remedy="Give its id: project=ID or TOCK_PROJECT=ID.")
        return self.connection.project

    def path(self, *segments: str, verb: str | None = None, project: str | None = None) -> str:
        """Return the path of a resource in the project. Raises NotConfigured without one, InvalidArgument."""
        return path_of("projects", project or self.project, *segments, verb=verb)

    async def fetch(self, request: Request, model: type[_Model]) -> _Model:
        """Send a request and return the answer. Raises TockClientError."""
        answer, is_ambiguous = await self._answer(request)
        with _noted(is_ambiguous):
            return model_of(answer, model, server=self._asked(request))

    async def perform(self, request: Request) -> None:
        """Send a request whose success has no content. Raises TockClientError."""
        answer, is_ambiguous = await self._answer(request)
        with _noted(is_ambiguous):
            require_success(answer, server=self._asked(request))

    async def answer(self, request: Request) -> httpx.Response:
        """Send a request and return whatever the server answers. Raises ConnectionFailed."""
        answer, _ = await self._answer(request)
        return answer

    @asynccontextmanager
    async def lines(self, request: Request) -> AsyncIterator[AsyncIterator[str]]:
        """Yield the lines of a stream of server-sent events, as they come. Raises TockClientError; sends it once."""
        headers = {**request.headers, "Accept": EVENT_STREAM}
        with self._errors(request):
            async with self._http.stream(request.method, self._url(request), headers=headers) as answer:
                kind = answer.headers.get("content-type", "").partition(";")[0].strip()
                if is_refusal(answer) or kind != EVENT_STREAM:
                    await answer.aread()
                    raise error_of(answer, server=self._asked(request))
                yield answer.aiter_lines()

    async def _answer(self, request: Request) -> tuple[httpx.Response, bool]:
        """Return the last answer, and whether an attempt before it got none and may have been served.

        A request that may be repeated is, after an answer that says so and after none at all, within bounds.
        """
        started, is_ambiguous = time.monotonic(), False
        for retry in count(1):
            found = await self._attempt(request)
            answer = None if isinstance(found, ConnectionFailed) else found
            pause = pause_before(retry, answer=answer, jitter=random.random())
            is_last = retry > self._retries or time.monotonic() + pause - started > LONGEST_IN_ALL
            if is_last or not request.repeatable or not (answer is None or is_transient(answer)):
                if isinstance(found, ConnectionFailed):
                    raise found
                return found, is_ambiguous
            is_ambiguous = is_ambiguous or answer is None
            await anyio.sleep(pause)
        raise AssertionError

    async def _attempt(self, request: Request) -> httpx.Response | ConnectionFailed:
        try:
            with self._errors(request):
                answer = await self._http.request(
                    request.method,
                    self._url(request),
                    params=dict(request.query),
                    content=request.body,
                    headers=dict(request.headers),
                )
        except ConnectionFailed as exc:
            return exc
        self._on_answer(answer)
        return answer

    def _url(self, request: Request) -> str:
        return f"{self._asked(request)}{request.path}"

    def _asked(self, request: Request) -> str:
        """The URL of the server that the request is for."""
        return request.server or self.connection.server

    @contextmanager
    def _errors(self, request: Request) -> Iterator[None]:
        """Raise what goes wrong with a request as an error of the client."""
        server = self._asked(request)
        try:
            yield
        except httpx.TimeoutException as exc:
            raise RequestTimedOut(f"{server} did not answer in time.", remedy=_CHECK_SERVER) from exc
        except (httpx.ProtocolError, httpx.DecodingError) as exc:
            problem = f"{server} answers, but not as a web server does: {exc}."
            raise ConnectionFailed(problem, remedy=_CHECK_SERVER) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise ConnectionFailed(f"{server} does not answer: {exc}.", remedy=_CHECK_SERVER) from exc


@contextmanager
def _noted(is_ambiguous: bool) -> Iterator[None]:  # noqa: FBT001 - the only argument
    """Say in an error of the API that an earlier attempt may have caused it."""
    try:
        yield
    except TockClientError as exc:
        if is_ambiguous and isinstance(exc, ApiError):
            exc.add_note(_AMBIGUOUS)
        raise
