"""Runs agents behind a URL: one signed POST per attempt."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed, Succeeded
from tock.core.time import instant_text
from tock.executors.http.address_guard import AddressGuard, Resolve, system_addresses
from tock.executors.http.headers import check_headers
from tock.executors.http.response import MAX_BODY, outcome_of_answer
from tock.ports.executor import RunContext

if TYPE_CHECKING:
    import ssl

    import httpx

#: Seconds to wait for a connection and for its TLS handshake; the response may take until the deadline.
_CONNECT_TIMEOUT = 10.0
#: How a configuration names a secret: the project that it belongs to, and its name there.
_SECRET = re.compile(r"[^/\s]+/[^/\s]+")
_NAME_REMEDY = "name a secret of TOCK_SECRETS, with its project: PROJECT/NAME"


class HttpExecutor:
    """Posts each attempt to its agent's URL and turns the response into an outcome.

    An agent's configuration is `{"url": "https://…", "secret": "PROJECT/NAME"?, "headers": {…}?}`. `allowed_hosts` are
    the exceptions from https and public addresses, each `host` or `host:port`. `secrets` are the deployment's signing
    secrets by `project/name`, as `whsec_…`; an agent names one and never holds it. With None only the form of the name
    is checked: this process has no secrets, because it calls no agents. `now` reads the clock. `resolve` resolves host
    names (by default with the machine's resolver), `tls` verifies servers (by default against the public authorities).
    """

    kind = "http"

    def __init__(
        self,
        *,
        allowed_hosts: Sequence[str],
        secrets: Mapping[str, str] | None,
        now: Callable[[], datetime],
        resolve: Resolve = system_addresses,
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        self._guard = AddressGuard(allowed_hosts=allowed_hosts, resolve=resolve)
        self._secrets = None if secrets is None else dict(secrets)
        self._now = now
        self._tls = tls

    def check(self, config: Mapping[str, Any]) -> None:
        """Check the text of a configuration, without resolving its host; raises InvalidArgument."""
        for name in config:
            if name not in {"url", "secret", "headers"}:
                raise InvalidArgument(
                    field=f"config.{name}",
                    value=None,
                    remedy="leave it out: an http agent has only a url, a secret and headers",
                )
        self._guard.check(config.get("url"))
        check_headers(config.get("headers"))
        secret = config.get("secret")
        if self._secrets is not None:
            self._sign(secret, message_id="check", at=self._now(), body="")
        elif secret is not None and not (isinstance(secret, str) and _SECRET.fullmatch(secret)):
            raise _secret_refused(_NAME_REMEDY)

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Succeeded | Failed:
        """Send one attempt and return its outcome; cancellation closes the connection at once.

        The request is a Standard Webhooks message. Its `webhook-id` is the same in every delivery of the attempt, its
        `Idempotency-Key` the same in every attempt of the run.
        """
        try:
            self.check(config)
            _require_own_secret(config.get("secret"), project=context.project)
            headers, body = self._message(config, context=context)
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        return await self._post(config["url"], headers=headers, body=body)

    def _message(self, config: Mapping[str, Any], *, context: RunContext) -> tuple[dict[str, str], str]:
        body = json.dumps(
            {
                "project": context.project,
                "run": context.run,
                "attempt": context.attempt,
                "trigger": context.trigger,
                "agent": context.agent,
                "source": context.source,
                "message": context.message,
                "input": dict(context.input),
                "model": context.model,
                "ref": context.ref,
                "scheduled_for": instant_text(context.scheduled_for),
                "time_zone": context.time_zone,
                "deadline": instant_text(context.deadline),
            }
        )
        message_id = f"{context.run}.{context.attempt}"
        headers = {
            "User-Agent": "Tock",
            **(config.get("headers") or {}),
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "Idempotency-Key": context.idempotency_key("http"),
            **self._sign(config.get("secret"), message_id=message_id, at=self._now(), body=body),
        }
        return headers, body

    def _sign(self, secret: object, *, message_id: str, at: datetime, body: str) -> dict[str, str]:
        headers = {"webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp()))}
        if secret is None:
            return headers
        if not isinstance(secret, str) or self._secrets is None or secret not in self._secrets:
            raise _secret_refused(_NAME_REMEDY)
        from standardwebhooks.webhooks import (  # noqa: PLC0415 imported lazily: only signed requests need it
            EmptyWebhookSecretError,
            Webhook,
        )

        try:
            webhook = Webhook(self._secrets[secret])
        except (EmptyWebhookSecretError, ValueError) as exc:
            raise _secret_refused("the deployment's secret of this name must be 'whsec_' followed by base64") from exc
        return {**headers, "webhook-signature": webhook.sign(message_id, at, body)}

    async def _post(self, url: str, *, headers: dict[str, str], body: str) -> Succeeded | Failed:
        import httpcore  # noqa: PLC0415 imported lazily: only HTTP agents need it
        import httpx  # noqa: PLC0415 as above

        from tock.executors.http.guarded_transport import GuardedTransport  # noqa: PLC0415 as above

        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        transport = GuardedTransport(self._guard, tls=self._tls)
        timeouts = httpx.Timeout(None, connect=_CONNECT_TIMEOUT)
        try:
            async with (
                httpx.AsyncClient(transport=transport, timeout=timeouts, trust_env=False) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                return outcome_of_answer(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=await _body(response),
                    now=self._now(),
                )
        except InvalidArgument as exc:
            return Failed(type="address_refused", message=str(exc), retryable=False)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as exc:
            reason = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
            return Failed(type="connection_failed", message=f"No answer from the agent: {reason}", retryable=True)


async def _body(response: "httpx.Response") -> bytes:
    body = b""
    async for part in response.aiter_raw():
        body += part
        if len(body) > MAX_BODY:
            break
    return body


def _require_own_secret(secret: object, *, project: str) -> None:
    """Raise InvalidArgument if the secret is another project's: the request would be signed in that project's name."""
    if secret is not None and not str(secret).startswith(f"{project}/"):
        raise _secret_refused(f"the secret belongs to another project: name one that starts with {project}/")


def _secret_refused(remedy: str) -> InvalidArgument:
    return InvalidArgument(field="config.secret", value=None, remedy=remedy)
