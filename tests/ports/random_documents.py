"""Random documents with few different ids and values, so that Commits of them conflict."""

import random
from datetime import datetime, timedelta

from ports.documents import MINUTE, NOW, a_chunk, a_lock, a_project, a_run, a_trigger, an_agent
from tock.core.agent.agent import Agent
from tock.core.project import Project
from tock.core.run.admission.lock import Lock
from tock.core.run.events.event import Chunk
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.time.stamp import Stamp
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.ports.store import Document

PROJECTS = ("a", "a-b")
IDS = ("x", "x-y", "y")
#: The due queries of a store with 8 shards look at the shards 0 and 7, and not at 8.
SHARDS = (0, 7, 8)


class RandomDocuments:
    """Random documents of every kind; the seed decides them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def document(self) -> Document:
        """Return a document of a random kind."""
        kinds = (self.run, self.trigger, self.lock, self.agent, self.project, self.chunk, self.revision)
        (draw,) = self.random.choices(kinds, (3, 2, 1, 1, 1, 1, 1))
        document: Document = draw()
        return document

    def run(self) -> Run:
        return a_run(
            self._id(),
            project=self._project(),
            status=self.random.choice((RunStatus.QUEUED, RunStatus.FAILED)),
            scheduled_for=self._time(),
            check_at=self.random.choice((None, self._time())),
            shard=self.random.choice(SHARDS),
            result=self.random.choice((None, 1, True, 1.0)),
        )

    def trigger(self) -> Trigger:
        due = self.random.choice((None, self._time()))
        shard = self.random.choice(SHARDS)
        return a_trigger(self._id(), project=self._project(), next_run_at=due, shard=shard, created=self._stamp())

    def lock(self) -> Lock:
        return a_lock(self._id(), project=self._project(), run=self._id())

    def agent(self) -> Agent:
        return an_agent(self._id(), project=self._project(), created=self._stamp())

    def project(self) -> Project:
        return a_project(self._project(), name=self._id())

    def chunk(self) -> Chunk:
        first = self.random.choice((1, 3, 5))
        return a_chunk(first, first + self.random.choice((1, 3)), run=self._id(), project=self._project())

    def revision(self) -> Revision:
        number = self.random.choice((1, 2, 3))
        of = a_trigger(self._id(), project=self._project(), revision=number, generation=number)
        return Revision.of(of, valid_from=NOW + number * MINUTE)

    def _project(self) -> str:
        return self.random.choice(PROJECTS)

    def _id(self) -> str:
        return self.random.choice(IDS)

    def _time(self) -> datetime:
        return NOW + self.random.choice((timedelta(), timedelta(microseconds=1), MINUTE))

    def _stamp(self) -> Stamp:
        return Stamp(at=self._time(), by="ada")
