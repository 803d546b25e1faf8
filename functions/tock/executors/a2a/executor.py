"""Runs agents behind an Agent2Agent server: one message per leg, and the task that the server makes of it."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import anyio

from tock.core.agent.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.masked import masked_outcome
from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.a2a.config_schema import CONFIG_SCHEMA
from tock.executors.earlier_runs import check_previous
from tock.executors.outbound.address_guard import AddressGuard, Resolve, system_addresses
from tock.executors.outbound.authorization import Authorization
from tock.executors.outbound.headers import check_headers
from tock.executors.outbound.identity_token import Fetch, IdentityTokens, NoIdentityToken, fetch_identity_token
from tock.executors.outbound.masked_context import masked_context
from tock.executors.outbound.named_secret import NamedSecrets
from tock.ports.executor import Ability, RunContext

if TYPE_CHECKING:
    import ssl

#: The extra of the package that installs what this kind needs.
EXTRA = "a2a"
#: What talks to the server. It imports the SDK, which takes a second or more, so it is imported in a thread.
_CONVERSATION = "tock.executors.a2a.conversation"


def is_installed() -> bool:
    """Whether the SDK is there; it is not imported."""
    return find_spec("a2a") is not None


class A2aExecutor:
    """Sends each leg of a run as a message to an Agent2Agent server, and follows the task until it ends.

    A configuration is `{"url": "https://…", "auth": {…}?, "headers": {…}?, "previous": false?}`. The arguments are
    those of the http executor.
    """

    kind = "a2a"
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
        self.now = now
        self.tls = tls
        self._allowed_hosts = AllowList.of(allowed_hosts)
        self._resolve = resolve
        self._secrets = NamedSecrets(secrets)
        self._authorization = Authorization(secrets=self._secrets, tokens=IdentityTokens(now=now, fetch=fetch_token))

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:  # noqa: ARG002 - as the port says
        """Return what an agent with this configuration can do."""
        return frozenset({Ability.WAIT, Ability.RESUME, Ability.REF})

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check the text of a configuration, without resolving its host; raises InvalidArgument."""
        for name in config:
            if name not in CONFIG_SCHEMA["properties"]:
                known = ", ".join(CONFIG_SCHEMA["properties"])
                remedy = f"leave it out: an a2a agent has only {known}"
                raise InvalidArgument(field=f"config.{name}", value=config[name], remedy=remedy)
        self.guard(project).check(config.get("url"))
        check_headers(config.get("headers"))
        self._authorization.check(config.get("auth"), project=project, urls=[config["url"]])
        check_previous(config)

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Send the message and follow its task; when this is cancelled, cancel the task, for at most two seconds."""
        try:
            self.check(config, project=context.project)
            authorization = await self._authorization.header(config.get("auth"), project=context.project)
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        except NoIdentityToken as exc:
            return Failed(type="no_identity_token", message=str(exc), retryable=True)
        headers = {"User-Agent": "Tock", **(config.get("headers") or {})}
        if authorization is not None:
            headers["Authorization"] = authorization
        secrets = [*self._secrets.values, *(config.get("headers") or {}).values()]
        mask = Mask([*secrets, (authorization or "").partition(" ")[2]])
        conversation = await anyio.to_thread.run_sync(_imported)
        return masked_outcome(
            await conversation.converse(self, config, masked_context(context, mask), headers=headers), mask
        )

    def guard(self, project: str) -> AddressGuard:
        """Return the guard of the project's agents."""
        return AddressGuard(allowed_hosts=self._allowed_hosts.of_project(project), resolve=self._resolve)


def _imported() -> ModuleType:
    return importlib.import_module(_CONVERSATION)
