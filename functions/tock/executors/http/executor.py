"""Runs agents behind a URL: one signed POST per attempt."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tock.core.agent.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.masked import masked_outcome
from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.callbacks import Callbacks
from tock.executors.earlier_runs import check_previous, previous_runs
from tock.executors.http.answer_time import Answers, check_answers, deadline_of
from tock.executors.http.answers.callback import outcome_of_callback
from tock.executors.http.answers.success_condition import SuccessCondition
from tock.executors.http.answers.usage_paths import UsagePaths
from tock.executors.http.call import Call
from tock.executors.http.config_schema import CONFIG_SCHEMA
from tock.executors.http.connection import Connection
from tock.executors.http.message import Sender, start_message
from tock.executors.http.own_triggers import OwnTriggers, check_own_triggers, own_triggers_of
from tock.executors.http.signature import SIGNING_KEY_FORM, is_signing_secret
from tock.executors.outbound.address_guard import AddressGuard, Resolve, system_addresses
from tock.executors.outbound.authorization import Authorization
from tock.executors.outbound.headers import check_headers
from tock.executors.outbound.identity_token import Fetch, IdentityTokens, NoIdentityToken, fetch_identity_token
from tock.executors.outbound.masked_context import masked_context
from tock.executors.outbound.named_secret import NamedSecrets
from tock.ports.executor import Ability, GivenAnswer, RunContext

if TYPE_CHECKING:
    import ssl

#: The URLs of a configuration: of attempts, of requests to stop them, and of messages to them.
_URLS = ("url", "cancel_url", "steer_url")


class HttpExecutor:
    """Posts each attempt to its agent's URL and turns the response into an outcome.

    An agent's configuration is `{"url": "https://…", "secret": "PROJECT/NAME"?, "auth": {…}?, "headers": {…}?,
    "answers": "now" | "callback"?, "deadline": "P1D"?, "success": {…}?, "usage": {…}?,
    "cancel_url": "https://…"?, "steer_url": "https://…"?, "previous": false?}`.
    `allowed_hosts` are the exceptions from https and public addresses, by project or for every project, each `host` or
    `host:port`. `secrets` are the deployment's secrets by `project/name`; an agent names one of its own project and
    never holds it. With None only the form of the name is checked: this process has no secrets, because it calls no
    agents. `now` reads the clock. `callbacks` gives agents what they need to call back; with None none may answer so.
    `resolve` resolves host names (by default with the machine's resolver), `tls` verifies servers (by default against
    the public authorities), `fetch_token` returns an identity token for an audience (by default from the metadata
    server).
    """

    kind = "http"
    config_schema: Mapping[str, Any] = CONFIG_SCHEMA

    def __init__(
        self,
        *,
        allowed_hosts: AllowList | Sequence[str],
        secrets: Mapping[str, str] | None,
        now: Callable[[], datetime],
        callbacks: Callbacks | None = None,
        resolve: Resolve = system_addresses,
        tls: "ssl.SSLContext | None" = None,
        fetch_token: Fetch = fetch_identity_token,
    ) -> None:
        self._allowed_hosts = AllowList.of(allowed_hosts)
        self._resolve = resolve
        self._secrets = NamedSecrets(secrets)
        self._authorization = Authorization(secrets=self._secrets, tokens=IdentityTokens(now=now, fetch=fetch_token))
        self._callbacks = callbacks
        self._now = now
        self._tls = tls

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return what an agent with this configuration can do."""
        able = {
            Ability.REF: True,
            Ability.STEER: config.get("steer_url") is not None,
            Ability.WAIT: config.get("answers") == Answers.CALLBACK,
            Ability.LIST_TRIGGERS: own_triggers_of(config) != OwnTriggers.NONE,
            Ability.MANAGE_TRIGGERS: own_triggers_of(config) == OwnTriggers.MANAGE,
        }
        return frozenset(ability for ability, has in able.items() if has)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check the text of a configuration, without resolving its hosts; raises InvalidArgument."""
        for name in config:
            if name not in CONFIG_SCHEMA["properties"]:
                known = ", ".join(CONFIG_SCHEMA["properties"])
                remedy = f"leave it out: an http agent has only {known}"
                raise InvalidArgument(field=f"config.{name}", value=config[name], remedy=remedy)
        guard = self._guard(project)
        for field in _URLS:
            if field == "url" or config.get(field) is not None:
                guard.check(config.get(field), field=f"config.{field}")
        check_headers(config.get("headers"))
        if (secret := config.get("secret")) is not None:
            self._secrets.check(
                secret, project=project, field="config.secret", valid=is_signing_secret, means=SIGNING_KEY_FORM
            )
        urls = [config[field] for field in _URLS if config.get(field) is not None]
        self._authorization.check(config.get("auth"), project=project, urls=urls)
        SuccessCondition.of(config.get("success"))
        UsagePaths.of(config.get("usage"))
        check_answers(config, possible=self._callbacks is not None)
        check_own_triggers(config, possible=self._callbacks is not None)
        check_previous(config)

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Send one attempt and return its outcome; cancellation closes the connection at once.

        The request is a Standard Webhooks message. Its `webhook-id` is the same in every delivery of the attempt, its
        `Idempotency-Key` the same in every attempt of the run. An attempt that begins with the agent's callback sends
        nothing: the callback is its outcome, unless an attempt has failed with it before.
        """
        try:
            if context.answer is not None and not context.answer.failed_since:
                return self._called_back(config, context.answer)
            self.check(config, project=context.project)
            call = await self._call(config, context)
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        except NoIdentityToken as exc:
            return Failed(type="no_identity_token", message=str(exc), retryable=True)
        return masked_outcome(await call.outcome(), call.mask)

    def _called_back(self, config: Mapping[str, Any], answer: GivenAnswer) -> AgentOutcome:
        mask = self._mask(config)
        outcome = outcome_of_callback(
            answer.value,
            mask=mask,
            success=SuccessCondition.of(config.get("success")),
            usage=UsagePaths.of(config.get("usage")),
        )
        return masked_outcome(outcome, mask)

    async def _call(self, config: Mapping[str, Any], context: RunContext) -> Call:
        project = context.project
        authorization = await self._authorization.header(config.get("auth"), project=project)
        name = config.get("secret")
        sender = Sender(
            headers=config.get("headers") or {},
            authorization=authorization,
            secret=None if name is None else self._secrets.own(name, project=project, field="config.secret"),
        )
        later = config.get("answers") == Answers.CALLBACK
        callback = triggers = None
        tokens: list[str] = []
        if self._callbacks is not None:
            of_run = {"project": project, "run": context.run}
            if later:
                callback = self._callbacks.of_attempt(**of_run, attempt=context.attempt)
            triggers = self._callbacks.of_triggers(**of_run) if own_triggers_of(config) != OwnTriggers.NONE else None
            tokens = [self._callbacks.tokens.token(**of_run)]
        credentials = (authorization or "").partition(" ")[2]
        mask = self._mask(config, credentials, *tokens)
        return Call(
            message=start_message(
                config["url"],
                context,
                callback=callback,
                own_triggers=triggers,
                previous=await previous_runs(config, context),
            ),
            context=masked_context(context, mask),
            connection=Connection(guard=self._guard(project), tls=self._trusted(), sender=sender, now=self._now),
            mask=mask,
            now=self._now,
            success=SuccessCondition.of(config.get("success")),
            usage=UsagePaths.of(config.get("usage")),
            deadline=deadline_of(config) if later else None,
            cancel_url=config.get("cancel_url"),
            steer_url=config.get("steer_url"),
        )

    def _guard(self, project: str) -> AddressGuard:
        return AddressGuard(allowed_hosts=self._allowed_hosts.of_project(project), resolve=self._resolve)

    def _mask(self, config: Mapping[str, Any], *credentials: str) -> Mask:
        """Return what masks everything in the request that the agent must not give back."""
        return Mask([*self._secrets.values, *(config.get("headers") or {}).values(), *credentials])

    def _trusted(self) -> "ssl.SSLContext":
        import httpx  # noqa: PLC0415 imported lazily: only HTTP agents need it

        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        return self._tls
