"""Turns an agent's HTTP response into the outcome of its attempt."""

import json
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tock.core.mask import Mask
from tock.core.run.gate import MAX_RESULT_BYTES, outcome_of, too_large
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.executors.http.answers.success_condition import SuccessCondition
from tock.executors.http.answers.usage_paths import UsagePaths
from tock.executors.outbound.retry_after import retry_after

#: The most bytes of a body that are read: a result of the largest size, and room for white space.
MAX_BODY = MAX_RESULT_BYTES + 64 * 1024
#: The most characters of a body or a `detail` that a failure quotes.
_QUOTED = 500
#: Statuses below 500 after which the same request may succeed: Request Timeout, Too Early, Too Many Requests.
_RETRYABLE = {408, 425, 429}

#: Statuses of the class 2xx that are no success, and what to say of them.
_UNFINISHED = {
    202: "The agent answered 202 Accepted, so its work is not done: answer 200 with the result when it is, "
    'or give the agent "answers": "callback" and let it call back.',
    206: "The agent answered 206 Partial Content, which is a part of a result: answer 200 with the whole result.",
}


def outcome_of_answer(
    *,
    status: int,
    headers: dict[str, str],
    body: bytes,
    now: datetime,
    mask: Mask,
    success: SuccessCondition | None = None,
    usage: UsagePaths | None = None,
) -> AgentOutcome:
    """Return the outcome of a response, whose header names are in lower case.

    2xx succeeds with the JSON body, or with None if the body is empty, unless the condition on it is not met; but 202
    says that the work is not done yet, and 206 that this is a part of the answer. 5xx, 408, 425 and 429 are retryable,
    after the wait in `Retry-After` (RFC 9110) if there is one; every other status is final. Redirects are not followed.
    What a failure quotes of the response is masked, before it is cut.
    """
    if status in _UNFINISHED:
        return Failed(type=f"http_{status}", message=_UNFINISHED[status], retryable=False)
    if 200 <= status < 300:  # noqa: PLR2004 the class of a status is its first digit (RFC 9110)
        return outcome_of_text(body, mask=mask, success=success, usage=usage)
    retryable = status >= 500 or status in _RETRYABLE  # noqa: PLR2004 as above
    return Failed(
        type=f"http_{status}",
        message=_failure_message(status, headers=headers, body=body, mask=mask),
        retryable=retryable,
        retry_after=retry_after(headers.get("retry-after", ""), now=now) if retryable else None,
    )


def outcome_of_result(
    value: Any, *, mask: Mask, success: SuccessCondition | None, usage: UsagePaths | None = None
) -> AgentOutcome:
    """Return the outcome of a JSON value that the agent gives as its result, with what it consumed."""
    failure = None if success is None else success.failure(value, mask=mask)
    outcome = failure or outcome_of(value)
    if usage is not None and isinstance(outcome, Succeeded | Failed):
        outcome = replace(outcome, usage=usage.usage(value, mask=mask))
    return outcome


def outcome_of_text(
    body: bytes, *, mask: Mask, success: SuccessCondition | None, usage: UsagePaths | None = None
) -> AgentOutcome:
    """Return the outcome of a JSON text that the agent gives as its result; an empty one stands for None."""
    if len(body) > MAX_BODY:
        return too_large(f"more than {MAX_BODY} bytes")
    try:
        value = _json(body) if body.strip() else None
    except (ValueError, RecursionError) as exc:
        return Failed(
            type="answer_not_json",
            message=f"The agent answered with a body that is not JSON ({exc}): {_quoted(body, mask=mask)}",
            retryable=False,
        )
    return outcome_of_result(value, mask=mask, success=success, usage=usage)


def _failure_message(status: int, *, headers: dict[str, str], body: bytes, mask: Mask) -> str:
    try:
        title = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        title = str(status)
    if 300 <= status < 400:  # noqa: PLR2004 the class of a status is its first digit (RFC 9110)
        target = mask(headers.get("location", "nowhere"))[:_QUOTED]
        return f"The agent answered {title}, pointing to {target}: redirects are not followed."
    parts = (f"The agent answered {title}", _detail(headers, body=body, mask=mask), _quoted(body, mask=mask))
    return ": ".join(part for part in parts if part)


def _detail(headers: dict[str, str], *, body: bytes, mask: Mask) -> str:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/problem+json":
        return ""
    try:
        problem = _json(body)
    except (ValueError, RecursionError):
        return ""
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return mask(detail)[:_QUOTED].encode(errors="replace").decode() if isinstance(detail, str) else ""


def _quoted(body: bytes, *, mask: Mask) -> str:
    # Masked before it is cut: a secret must not be cut in two.
    return str(mask(body.decode(errors="replace")))[:_QUOTED]


def _json(body: bytes) -> Any:
    return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
