"""The services that every use case gets as its first argument; bootstrap creates them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio

from tock.app.agent_cache import AgentCache
from tock.app.drain import Drain
from tock.core.mask import Mask
from tock.core.timing import Timing
from tock.ports.abandoned_work import AbandonedWork
from tock.ports.changes import Changes, Silence
from tock.ports.clock import Clock
from tock.ports.executor import Executor
from tock.ports.prices import NoPrices, Prices
from tock.ports.queue import Queue
from tock.ports.random_source import RandomSource
from tock.ports.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The adapters and settings of one process."""

    store: Store
    queue: Queue
    clock: Clock
    random: RandomSource
    timing: Timing = field(default_factory=Timing)
    #: The executor of each kind of agent; only the run function and the use cases that write agents need them.
    executors: Mapping[str, Executor] = field(default_factory=dict)
    #: Masks the deployment's secrets in what comes from agents.
    mask: Mask = field(default_factory=lambda: Mask([]))
    #: Tells of changes that other processes make; without it, runners and followers look by themselves.
    changes: Changes = field(default_factory=Silence)
    #: What the tokens of models cost; only the run function needs it.
    prices: Prices = field(default_factory=NoPrices)
    agent_cache: AgentCache = field(default_factory=AgentCache)
    #: Whether this process takes deliveries, although work of an ended attempt may go on in it.
    drain: Drain = field(
        default_factory=lambda: Drain(abandoned=AbandonedWork(), hand_back=lambda: None, end=lambda: None)
    )
    #: Set when this process is told to end: its runners then hand their runs back, and it starts no other run.
    shutdown: anyio.Event = field(default_factory=anyio.Event)
