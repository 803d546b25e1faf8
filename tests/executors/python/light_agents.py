"""A plain agent in a module that imports next to nothing."""

import sys
from datetime import timedelta

from tock.ports.sync_run_context import SyncRunContext


def heavy_imports(run: SyncRunContext) -> list[str]:
    """Use whatever a run has; return which heavy modules that has imported."""
    run.emit("progress", {"read": 12})
    run.usage(input_tokens=1)
    run.checkpoint({"read": 12})
    run.save_session(run.load_session())
    run.previous()
    run.messages()
    run.messages(timeout=timedelta())
    return sorted({"pydantic", "asyncio", "anyio", "httpx"} & set(sys.modules))


def gives_a_number(run: SyncRunContext) -> None:
    run.messages(timeout=5)  # type: ignore[arg-type] # this is what it does wrong
