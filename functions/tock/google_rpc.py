"""Calls RPCs of Firestore and Cloud Tasks, and again after errors that pass.

Price: the object that retries a call takes a tenth of the call's time, and hardly any call fails. So the first try does
without it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
from google.api_core.exceptions import GoogleAPIError, from_grpc_error
from google.api_core.retry import AsyncRetry

#: The pause before the second try is up to this many seconds; those after it grow up to the longest.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_Response = TypeVar("_Response")


async def call_unary(
    rpc: Callable[..., Awaitable[_Response]],
    request: Any,
    *,
    metadata: Any,
    retried: Callable[[Exception], bool],
    seconds: float,
    seconds_per_try: float,
    sent: Awaitable[_Response] | None = None,
) -> _Response:
    """Return the response of a transport's unary RPC; a try may take `seconds_per_try`, all of them `seconds`.

    With `sent`, that call is the first try: it was sent before, and may have ended.

    Raises GoogleAPIError: the error of the last try, if it is not `retried`; RetryError once `seconds` have passed.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds

    async def call() -> _Response:
        nonlocal sent
        if (trying := sent) is None:
            left = max(deadline - loop.time(), 0.0)
            trying = rpc(request, metadata=metadata, timeout=min(left, seconds_per_try))
        sent = None
        try:
            return await trying
        except grpc.aio.AioRpcError as exc:
            raise from_grpc_error(exc) from exc

    return await with_retries(call, retried=retried, seconds=seconds)


async def with_retries(
    call: Callable[[], Awaitable[_Response]], *, retried: Callable[[Exception], bool], seconds: float
) -> _Response:
    """Return what the call returns; call again, after growing pauses, while it raises an error that is `retried`.

    No call begins later than `seconds` after the first. Raises GoogleAPIError like `call_unary`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    try:
        return await call()
    except GoogleAPIError as exc:
        failure: GoogleAPIError | None = exc

    async def again() -> _Response:
        # The failure that was seen is the first one, so it is raised, or a pause follows it.
        nonlocal failure
        if failure is not None:
            seen, failure = failure, None
            raise seen
        return await call()

    retry = AsyncRetry(retried, initial=_FIRST_PAUSE, maximum=_LONGEST_PAUSE, timeout=max(deadline - loop.time(), 0.0))
    response: _Response = await retry(again)()
    return response
