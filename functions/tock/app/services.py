"""The parts that every use case works with, handed in by bootstrap."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio

from tock.app.agent_cache import AgentCache
from tock.core.timing import Timing
from tock.ports.clock import Clock
from tock.ports.executor import Executor
from tock.ports.queue import Queue
from tock.ports.random_source import RandomSource
from tock.ports.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """One set of adapters behind the ports, and the engine's timing."""

    store: Store
    queue: Queue
    clock: Clock
    random: RandomSource
    timing: Timing = field(default_factory=Timing)
    #: By the kind of agent; only the run function and the writing of agents need them.
    executors: Mapping[str, Executor] = field(default_factory=dict)
    agent_cache: AgentCache = field(default_factory=AgentCache)
    #: Set once this process is told to end: its runners hand their runs back, and it begins no other.
    shutdown: anyio.Event = field(default_factory=anyio.Event)
