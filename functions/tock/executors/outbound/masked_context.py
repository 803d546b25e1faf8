"""Masks an attempt's own credentials in whatever its agent reports or saves.

The deployment masks its secrets wherever something is kept. What only one request holds, such as the token of its run,
an identity token or a password as a header writes it, is known only here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tock.core.mask import Mask
from tock.core.run.masked import masked_usage
from tock.core.run.outcome import Usage, Workspace
from tock.ports.executor import RunContext
from tock.ports.host import AttemptHost, Message, Previous


def masked_context(context: RunContext, mask: Mask) -> RunContext:
    """Return the context with a host that gets everything masked."""
    return replace(context, host=_MaskedHost(context.host, mask))


@dataclass(frozen=True, slots=True)
class _MaskedHost:
    host: AttemptHost
    mask: Mask

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        self.host.report(self.mask(kind), self.mask(data), replaced=replaced)

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:
        self.host.log(self.mask(text), level=level, stream=stream)

    def notice(self, kind: str, data: Any) -> None:
        self.host.notice(kind, self.mask(data))

    def use(self, usage: Usage) -> None:
        self.host.use(masked_usage(usage, self.mask))

    def leave(self, workspace: Workspace) -> None:
        self.host.leave(workspace)

    @property
    def cancelled(self) -> bool:
        return self.host.cancelled

    async def take_signals(self) -> Sequence[Message]:
        return await self.host.take_signals()

    async def checkpoint(self, state: Any) -> None:
        await self.host.checkpoint(self.mask(state))

    async def load_session(self) -> Any:
        return await self.host.load_session()

    async def save_session(self, state: Any) -> None:
        await self.host.save_session(self.mask(state))

    async def previous(self) -> Previous:
        return await self.host.previous()
