"""Runs agents behind a URL: one signed POST per attempt."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tock.core.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome, Failed
from tock.core.time import instant_text
from tock.executors.http.address_guard import AddressGuard, Resolve, system_addresses
from tock.executors.http.authorization import Authorization
from tock.executors.http.config_schema import CONFIG_SCHEMA
from tock.executors.http.headers import check_headers
from tock.executors.http.identity_token import Fetch, IdentityTokens, NoIdentityToken, fetch_identity_token
from tock.executors.http.named_secret import NamedSecrets
from tock.executors.http.response import MAX_BODY, outcome_of_answer
from tock.executors.http.signature import SIGNING_KEY_FORM, is_signing_secret, signature
from tock.ports.executor import Ability, RunContext

if TYPE_CHECKING:
    import ssl

    import httpx

#: Seconds to wait for a connection and for its TLS handshake; the response may take until the deadline.
_CONNECT_TIMEOUT = 10.0


class HttpExecutor:
    """Posts each attempt to its agent's URL and turns the response into an outcome.

    An agent's configuration is `{"url": "https://…", "secret": "PROJECT/NAME"?, "auth": {…}?, "headers": {…}?}`.
    `allowed_hosts` are the exceptions from https and public addresses, by project or for every project, each `host` or
    `host:port`. `secrets` are the deployment's secrets by `project/name`; an agent names one of its own project and
    never holds it. With None only the form of the name is checked: this process has no secrets, because it calls no
    agents. `now` reads the clock. `resolve` resolves host names (by default with the machine's resolver), `tls`
    verifies servers (by default against the public authorities), `fetch_token` returns an identity token for an
    audience (by default from the metadata server).
    """

    kind = "http"
    config_schema: Mapping[str, Any] = CONFIG_SCHEMA

    def __init__(
        self,
        *,
        allowed_hosts: AllowList | Sequence[str],
        secrets: Mapping[str, str] | None,
        now: Callable[[], datetime],
        resolve: Resolve = system_addresses,
        tls: "ssl.SSLContext | None" = None,
        fetch_token: Fetch = fetch_identity_token,
    ) -> None:
        self._allowed_hosts = AllowList.of(allowed_hosts)
        self._resolve = resolve
        self._secrets = NamedSecrets(secrets)
        self._authorization = Authorization(secrets=self._secrets, tokens=IdentityTokens(now=now, fetch=fetch_token))
        self._now = now
        self._tls = tls

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:  # noqa: ARG002 - as the port says
        """Return what an agent with this configuration can do."""
        return frozenset()

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check the text of a configuration, without resolving its host; raises InvalidArgument."""
        for name in config:
            if name not in {"url", "secret", "auth", "headers"}:
                raise InvalidArgument(
                    field=f"config.{name}",
                    value=None,
                    remedy="leave it out: an http agent has only a url, a secret, an auth and headers",
                )
        self._guard(project).check(config.get("url"))
        check_headers(config.get("headers"))
        if (secret := config.get("secret")) is not None:
            self._secrets.check(
                secret, project=project, field="config.secret", valid=is_signing_secret, means=SIGNING_KEY_FORM
            )
        self._authorization.check(config.get("auth"), project=project, url=config.get("url"))

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Send one attempt and return its outcome; cancellation closes the connection at once.

        The request is a Standard Webhooks message. Its `webhook-id` is the same in every delivery of the attempt, its
        `Idempotency-Key` the same in every attempt of the run.
        """
        try:
            self.check(config, project=context.project)
            authorization = await self._authorization.header(config.get("auth"), project=context.project)
            headers, body = self._message(config, context=context)
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        except NoIdentityToken as exc:
            return Failed(type="no_identity_token", message=str(exc), retryable=True)
        if authorization is not None:
            headers["Authorization"] = authorization
        return await self._post(
            config["url"],
            headers=headers,
            body=body,
            guard=self._guard(context.project),
            mask=self._mask(config, authorization),
        )

    def _guard(self, project: str) -> AddressGuard:
        return AddressGuard(allowed_hosts=self._allowed_hosts.of_project(project), resolve=self._resolve)

    def _mask(self, config: Mapping[str, Any], authorization: str | None) -> Mask:
        """Return what masks everything in the request that the agent must not give back."""
        credentials = (authorization or "").partition(" ")[2]
        return Mask([*self._secrets.values, *(config.get("headers") or {}).values(), credentials])

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
            "webhook-id": message_id,
            **self._signature(config.get("secret"), message_id=message_id, project=context.project, body=body),
        }
        return headers, body

    def _signature(self, name: object, *, message_id: str, project: str, body: str) -> dict[str, str]:
        at = self._now()
        headers = {"webhook-timestamp": str(int(at.timestamp()))}
        if name is None:
            return headers
        secret = self._secrets.own(name, project=project, field="config.secret")
        return {**headers, "webhook-signature": signature(secret, message_id=message_id, at=at, body=body)}

    async def _post(
        self, url: str, *, headers: dict[str, str], body: str, guard: AddressGuard, mask: Mask
    ) -> AgentOutcome:
        import httpcore  # noqa: PLC0415 imported lazily: only HTTP agents need it
        import httpx  # noqa: PLC0415 as above

        from tock.executors.http.guarded_transport import GuardedTransport  # noqa: PLC0415 as above

        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        timeouts = httpx.Timeout(None, connect=_CONNECT_TIMEOUT).as_dict()
        request = httpx.Request("POST", url, content=body, headers=headers, extensions={"timeout": timeouts})
        try:
            # Not through a client of httpx: it reads redirects and cookies, and raises on those that it cannot read.
            async with GuardedTransport(guard, tls=self._tls) as transport:
                response = await transport.handle_async_request(request)
                try:
                    return outcome_of_answer(
                        status=response.status_code,
                        headers={name.lower(): value for name, value in response.headers.items()},
                        body=await _body(response),
                        now=self._now(),
                        mask=mask,
                    )
                finally:
                    await response.aclose()
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
