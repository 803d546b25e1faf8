"""Builds the deployment of this process on first use, once per event loop.

functions-framework imports the functions before gunicorn forks, and a gRPC channel does not survive a fork, so nothing
is built at import. Only `settings` is read then, by `main`: a wrong value makes the start fail.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import anyio
from google.cloud.firestore import AsyncClient

from tock.app.agent_cache import AgentCache
from tock.app.drain import Drain
from tock.app.services import Services
from tock.auth.oidc import CertificateFile, GoogleCertificates, OidcTokens
from tock.bootstrap.model_prices import ModelPrices
from tock.bootstrap.process_end import end_process
from tock.bootstrap.settings import SECRET_VARIABLES, Settings
from tock.bootstrap.shutdown import set_on_sigterm
from tock.bootstrap.structured_logging import log_to_stdout
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.core.mask import Mask
from tock.core.run.run_token import TOKEN_PATTERN
from tock.executors.a2a import executor as a2a
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.callbacks import Callbacks
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits
from tock.executors.http.executor import HttpExecutor
from tock.executors.llm import executor as llm
from tock.executors.llm.deployment_models import DeploymentModels
from tock.executors.llm.executor import LlmExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.ports.abandoned_work import AbandonedWork
from tock.ports.clock import Clock
from tock.ports.executor import Executor
from tock.queue.client import cloud_tasks_client
from tock.queue.cloud_tasks import CloudTasksQueue
from tock.store.changes import FirestoreChanges
from tock.store.firestore import FirestoreStore
from tock.web.deployment import Access, Deployment

_deployments: WeakKeyDictionary[asyncio.AbstractEventLoop, Deployment] = WeakKeyDictionary()


def deployment() -> Deployment:
    """Return the deployment of the running event loop; the first call builds it, without any network call."""
    loop = asyncio.get_running_loop()
    if loop not in _deployments:
        log_to_stdout(mask=_mask(settings()))
        # A race: a SIGTERM that comes before its handler is set goes unnoticed, so this comes before the slow steps.
        shutdown = anyio.Event()
        set_on_sigterm(shutdown)
        _deployments[loop] = build(settings(), shutdown=shutdown)
    return _deployments[loop]


def build(settings: Settings, *, shutdown: anyio.Event) -> Deployment:
    """Return a deployment with these settings, its gRPC channels bound to the running event loop.

    The caller sets `shutdown` when this process gets SIGTERM.
    """
    clock = clock_of(settings)
    firestore = AsyncClient(project=settings.google_cloud_project or None, database=settings.database)
    store = FirestoreStore(firestore, shards=settings.shards)
    queue = CloudTasksQueue(
        cloud_tasks_client(emulator=settings.cloud_tasks_emulator),
        project=settings.google_cloud_project,
        location=settings.location,
        queues=settings.queues,
        url=settings.run_url,
        service_account=settings.service_account,
        audience=settings.run_audience or settings.run_url,
        tick_queue=settings.tick_queue,
        tick_url=settings.tick_url or settings.tick_audience,
        tick_audience=settings.tick_audience or settings.tick_url,
    )
    abandoned = AbandonedWork()
    certificates = GoogleCertificates() if settings.certificates is None else CertificateFile(settings.certificates)
    return Deployment(
        services=Services(
            store=store,
            queue=queue,
            clock=clock,
            random=SystemRandomSource(),
            timing=settings.timing,
            executors=executors_of(settings, abandoned=abandoned),
            mask=_mask(settings),
            prices=ModelPrices(settings.model_prices, now=clock.now),
            changes=FirestoreChanges(firestore),
            # Where code is edited, an edit of its agent is seen by the next run too. On a clock that stands, what was
            # read once would stay fresh for ever.
            agent_cache=AgentCache(fresh=timedelta(0)) if settings.source_folders or settings.clock else AgentCache(),
            drain=Drain(abandoned=abandoned, hand_back=shutdown.set, end=end_process),
            shutdown=shutdown,
        ),
        access=Access(
            local=settings.local,
            own_hosts=settings.own_hosts,
            service_accounts=frozenset({settings.service_account} - {""}),
            tick_audience=settings.tick_audience,
            run_audience=settings.run_audience,
            admin_key_hash=settings.admin_key_hash,
            keys=bool(settings.admin_key_hash),
            run_tokens=settings.run_tokens,
        ),
        tokens=OidcTokens(certificates=certificates, clock=clock, behind_iam=settings.behind_iam),
        started=settings.started,
    )


def clock_of(settings: Settings) -> Clock:
    """Return the machine's clock or, on a local stack that has one, the clock that can be moved."""
    if settings.clock is None:
        return SystemClock()
    from tock.bootstrap.moved_clock import MovedClock  # noqa: PLC0415 - no deployment needs it

    return MovedClock.shared(settings.clock)


def executors_of(settings: Settings, *, abandoned: AbandonedWork) -> Executors:
    """Return the executors of a deployment with these settings.

    Those that call others have the machine's clock, also where Tock's own can be moved: a receiver compares the time
    of a signature with its own time.
    """
    now, callbacks = SystemClock().now, _callbacks(settings)
    return Executors(
        [
            PythonExecutor(
                modules=settings.python_modules,
                abandoned=abandoned,
                callbacks=callbacks,
                source_folders=settings.source_folders,
            ),
            HttpExecutor(
                allowed_hosts=settings.allowed_hosts,
                secrets=_secrets(settings),
                now=now,
                callbacks=callbacks,
            ),
            CommandExecutor(
                commands=settings.commands,
                repositories=settings.repositories,
                secrets=_secrets(settings),
                workspaces=WorkspaceLimits(
                    settings.workspace_folder, count=settings.workspace_count, size=settings.workspace_bytes
                ),
                callbacks=callbacks,
            ),
            *_further_executors(settings, now=now),
        ],
        extras={LlmExecutor.kind: llm.EXTRA, A2aExecutor.kind: a2a.EXTRA},
    )


def _further_executors(settings: Settings, *, now: Callable[[], datetime]) -> list[Executor]:
    """Return the executors whose libraries are installed."""
    found: list[Executor] = []
    if a2a.is_installed():
        found.append(A2aExecutor(allowed_hosts=settings.allowed_hosts, secrets=_secrets(settings), now=now))
    if llm.is_installed():
        found.append(
            LlmExecutor(models=_models(settings), allowed_hosts=settings.allowed_hosts, secrets=_secrets(settings))
        )
    return found


def _models(settings: Settings) -> DeploymentModels:
    """Return the providers and servers; None for those that this function is not given, as for secrets."""
    missing: dict[str, Any] | None = {} if settings.local else None
    return DeploymentModels(
        providers=missing if settings.model_providers is None else settings.model_providers,
        servers=missing if settings.mcp_servers is None else settings.mcp_servers,
    )


def _mask(settings: Settings) -> Mask:
    named = (secret.get_secret_value() for secret in (settings.secrets or {}).values())
    keys = () if settings.run_token_key is None else (settings.run_token_key.get_secret_value(),)
    return Mask((*named, *keys, *_models(settings).secrets), patterns=[TOKEN_PATTERN])


def _callbacks(settings: Settings) -> Callbacks | None:
    """Return what agents need to call back, or None if this function cannot give it."""
    tokens = settings.run_tokens
    return Callbacks(url=settings.api_url, tokens=tokens) if tokens is not None and settings.api_url else None


def _secrets(settings: Settings) -> dict[str, str] | None:
    """Return the secrets that agents name, or None if this function is given none: it checks only the form of names.

    On the local stack every function is given the secrets, so without the variable there are none.
    """
    if settings.secrets is None:
        return {} if settings.local else None
    return {name: secret.get_secret_value() for name, secret in settings.secrets.items()}


@cache
def settings() -> Settings:
    """Return the settings of this process, and remove its secrets from the environment. Raises WrongSettings.

    The processes that agents start inherit the environment, and the secrets are those of every project.
    """
    found = Settings.of_environment()
    for variable in SECRET_VARIABLES:
        os.environ.pop(variable, None)
    return found
