"""Tock runs AI agents on time, on serverless Google Cloud, and can account for every occurrence.

What people import stands here, and each name is imported when it is first used, so `import tock` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tock.client._async.client import AsyncClient
    from tock.client._async.run_handle import AsyncRunHandle
    from tock.client._sync.client import Client
    from tock.client._sync.run_handle import RunHandle
    from tock.client.errors import (
        ActiveRun,
        AlreadyExists,
        ApiError,
        Conflict,
        ConnectionFailed,
        Forbidden,
        InvalidRequest,
        NotConfigured,
        NotFound,
        NotTock,
        RequestTimedOut,
        RevisionConflict,
        RunCancelled,
        RunFailed,
        RunMissed,
        RunNotSucceeded,
        RunSkipped,
        RunStillActive,
        RunTimedOut,
        ServerDefect,
        TockClientError,
        TooLarge,
        Unauthenticated,
        Unavailable,
        UnknownOperation,
        Unreadable,
    )
    from tock.core.errors import AttemptEnded, InvalidArgument, SessionMoved, StoreUnavailable
    from tock.core.run.outcome import Continue, Failed, OnDeadline, Succeeded, Usage, WaitFor, Waiting
    from tock.definitions.agent import agent
    from tock.definitions.schedules import at, cron, every
    from tock.definitions.trigger import trigger
    from tock.executors.python.agent_error import AgentError
    from tock.ports.executor import RunContext
    from tock.ports.sync_run_context import SyncRunContext

__all__ = [
    "ActiveRun",
    "AgentError",
    "AlreadyExists",
    "ApiError",
    "AsyncClient",
    "AsyncRunHandle",
    "AttemptEnded",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "Continue",
    "Failed",
    "Forbidden",
    "InvalidArgument",
    "InvalidRequest",
    "NotConfigured",
    "NotFound",
    "NotTock",
    "OnDeadline",
    "RequestTimedOut",
    "RevisionConflict",
    "RunCancelled",
    "RunContext",
    "RunFailed",
    "RunHandle",
    "RunMissed",
    "RunNotSucceeded",
    "RunSkipped",
    "RunStillActive",
    "RunTimedOut",
    "ServerDefect",
    "SessionMoved",
    "StoreUnavailable",
    "Succeeded",
    "SyncRunContext",
    "TockClientError",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "UnknownOperation",
    "Unreadable",
    "Usage",
    "WaitFor",
    "Waiting",
    "agent",
    "at",
    "cron",
    "every",
    "trigger",
]

#: The names of each module.
_NAMES = {
    "tock.client._async.client": ("AsyncClient",),
    "tock.client._async.run_handle": ("AsyncRunHandle",),
    "tock.client._sync.client": ("Client",),
    "tock.client._sync.run_handle": ("RunHandle",),
    "tock.client.errors": (
        "ActiveRun",
        "AlreadyExists",
        "ApiError",
        "Conflict",
        "ConnectionFailed",
        "Forbidden",
        "InvalidRequest",
        "NotConfigured",
        "NotFound",
        "NotTock",
        "RequestTimedOut",
        "RevisionConflict",
        "RunCancelled",
        "RunFailed",
        "RunMissed",
        "RunNotSucceeded",
        "RunSkipped",
        "RunStillActive",
        "RunTimedOut",
        "ServerDefect",
        "TockClientError",
        "TooLarge",
        "Unauthenticated",
        "Unavailable",
        "UnknownOperation",
        "Unreadable",
    ),
    # The root of the client's InvalidArgument too.
    "tock.core.errors": ("AttemptEnded", "InvalidArgument", "SessionMoved", "StoreUnavailable"),
    "tock.core.run.outcome": ("Continue", "Failed", "OnDeadline", "Succeeded", "Usage", "WaitFor", "Waiting"),
    "tock.definitions.agent": ("agent",),
    "tock.definitions.schedules": ("at", "cron", "every"),
    "tock.definitions.trigger": ("trigger",),
    "tock.executors.python.agent_error": ("AgentError",),
    "tock.ports.executor": ("RunContext",),
    "tock.ports.sync_run_context": ("SyncRunContext",),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name from its module, when it is first used (PEP 562)."""
    if name == "testing":
        return import_module("tock.testing")
    if (module := _MODULES.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}: it has {', '.join(__all__)}")
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    """Return all names, also those that were not used yet."""
    return sorted({*globals(), *_MODULES})
