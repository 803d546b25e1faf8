"""`tock listen`: receives webhooks on this machine until Ctrl-C, and shows whether their signatures are right."""

import asyncio
import contextlib
import json
import os
from typing import Annotated, Any

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.errors import CommandError, UsageError
from tock.cli.output.printing import say
from tock.core.mask import Mask
from tock.core.run.run_token import TOKEN_PATTERN
from tock.executors.http.signature import SIGNING_KEY_FORM, is_signing_secret
from tock.local.tcp_ports import is_free
from tock.local.webhooks.listener import Answered, Received, listener, shown
from tock.local.webhooks.verification import Verdict, verifier

#: The most characters of a body that are shown.
_MOST = 4_000
_STYLES = {Verdict.VERIFIED: "green", Verdict.UNCHECKED: "yellow", Verdict.UNSIGNED: "red", Verdict.REFUSED: "red"}
_SECRETS = "TOCK_SECRETS"
_SET_SECRETS = f"""Set it as for `tock dev`: {_SECRETS}='{{"demo/NAME": "whsec_..."}}'."""
_PREFIX = "whsec_"


def listen(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of this machine to listen on.")] = 9000,
    secret: Annotated[
        str | None,
        typer.Option(
            envvar="AGENT_SECRET",
            help="The signing secret (whsec_…), or PROJECT/NAME of one in TOCK_SECRETS. Default: verify nothing.",
            show_default=False,
        ),
    ] = None,
    forward: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Pass each webhook that is right on to this URL, and its answer back. Default: answer it here.",
            show_default=False,
        ),
    ] = None,
    answer: Annotated[str, typer.Option(help="The JSON to answer with, without --forward.")] = '{"received": true}',
) -> None:
    """Receive webhooks on this machine until Ctrl-C: show each, and whether its signature is right.

    An agent behind HTTP is tried without a service of one's own, or in front of one. `tock dev` lets agents be on
    localhost. A webhook whose signature is wrong is answered with 401. Secrets and tokens of runs are not shown.

    Examples: tock listen --secret demo/REPORT; tock listen --forward http://localhost:3000/agent
    """
    key = None if secret is None else _key(secret)
    if not is_free(port):
        raise CommandError(f"Port {port} is in use.", details=("Choose another: --port.",))
    app = listener(
        verify=verifier(key),
        forward=None if forward is None else _url(forward),
        answer=_json(answer),
        report=_Report(Mask([] if key is None else [key], patterns=[TOKEN_PATTERN])),
    )
    say(f"Listening at http://localhost:{port}/. Ctrl-C ends it.")
    if key is None:
        say("Signatures are not verified: give --secret to verify them.", style="yellow")
    named = f', "secret": "{secret}"' if secret is not None and _is_name(secret) else ""
    config = f'{{"url": "http://localhost:{port}/"{named}}}'
    say(f"An agent for `tock dev`: tock agents create hook --kind http --config '{config}'\n")
    # uvicorn ends at Ctrl-C in good order, and then raises what would have ended it.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(app, port=port))


async def _serve(app: Any, *, port: int) -> None:
    import uvicorn  # noqa: PLC0415 - other commands start faster

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


def _key(secret: str) -> str:
    """Return the signing secret itself. Raises CommandError, which quotes neither the secret nor what may be one."""
    found: object = secret
    if _is_name(secret):
        try:
            given = json.loads(os.environ.get(_SECRETS, "{}"))
        except ValueError:
            # The value holds secrets, so neither the message nor its cause quotes it.
            raise UsageError(f"{_SECRETS} is not JSON.", details=(_SET_SECRETS,)) from None
        found = given.get(secret) if isinstance(given, dict) else None
        if found is None:
            raise UsageError(f"--secret: {_SECRETS} has no secret of this name.", details=(_SET_SECRETS,))
    if not isinstance(found, str) or not found.startswith(_PREFIX) or not is_signing_secret(found):
        raise UsageError(f"--secret: it is no signing secret: write {SIGNING_KEY_FORM}, or PROJECT/NAME.")
    return found


def _is_name(secret: str) -> bool:
    """Whether this is the name of a secret: the secret itself may hold a slash too, as base64 does."""
    return "/" in secret and not secret.startswith(_PREFIX)


def _url(text: str) -> str:
    import httpx  # noqa: PLC0415 - other commands start faster

    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as exc:
        raise UsageError(f"--forward: not a URL: {exc}.") from exc
    if url.scheme not in {"http", "https"} or not url.host:
        raise UsageError(f"--forward: {text!r} is not a URL such as http://localhost:3000/agent.")
    return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise UsageError(f"--answer: not JSON: {exc}.", details=("Write for example '{\"done\": true}'.",)) from exc


class _Report:
    """Prints each webhook, without secrets, and how it was answered."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def __call__(self, said: Received | Answered) -> None:
        match said:
            case Received():
                self._received(said)
            case Answered(status=status, target=target, problem=problem):
                to = f" by {target}" if target is not None else ""
                say(f"         answered {status}{to}{f': {problem}' if problem else ''}")

    def _received(self, said: Received) -> None:
        verification = said.verification
        # astimezone() without an argument uses the machine's time zone.
        clock = SystemClock().now().astimezone().strftime("%H:%M:%S")
        why = f": {verification.problem}" if verification.problem else ""
        path = self._mask(said.path)
        say(
            f"{clock} {verification.verdict}{why}  {said.method} {path}, {len(said.body)} bytes",
            style=_STYLES[verification.verdict],
        )
        body = self._mask(shown(said.body, most=_MOST))
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)
        cut = text if len(text) <= _MOST else f"{text[:_MOST]}…"
        for line in cut.splitlines():
            say(f"         {line}")
