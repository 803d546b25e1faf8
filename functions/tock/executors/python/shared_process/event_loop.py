"""The event loop of async agents, which knows the calls that each attempt makes in threads."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

from tock.executors.python.shared_process.agent_task import OWNER

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class AgentEventLoop(asyncio.SelectorEventLoop):
    """Tells an attempt of its calls in threads, and makes those calls in the attempt's name.

    `asyncio.to_thread` uses `run_in_executor`, too. A loop of another kind could start processes unnoticed.
    """

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Arguments], T], *args: *Arguments
    ) -> asyncio.Future[T]:
        """Call `func` in a thread of the executor."""
        owner = OWNER.get()

        def call(*given: *Arguments) -> T:
            token = OWNER.set(owner)
            try:
                return func(*given) if owner is None else owner.call(func, *given)
            finally:
                OWNER.reset(token)

        # In an empty context, because the threads that the executor starts belong to no attempt.
        submit = super().run_in_executor
        return contextvars.Context().run(lambda: submit(executor, call, *args))
