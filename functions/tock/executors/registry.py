"""The executors of a deployment, by kind of agent."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from tock.core.errors import InvalidArgument
from tock.ports.executor import Executor


class Executors(Mapping[str, Executor]):
    """The deployment's executors, by kind of agent.

    Looking up an unknown kind raises InvalidArgument that names the known kinds, also through `get`: an agent of an
    unknown kind is never silently ignored. `extras` are the kinds that this installation could have, each with the
    extra of the package that installs its libraries.
    """

    def __init__(self, executors: Sequence[Executor], *, extras: Mapping[str, str] = MappingProxyType({})) -> None:
        self._extras = extras
        self._executors = {executor.kind: executor for executor in executors}
        if len(self._executors) != len(executors):
            raise ValueError(f"Two executors have the same kind: {[executor.kind for executor in executors]}")

    def __getitem__(self, kind: str) -> Executor:
        if kind not in self:
            known = ", ".join(sorted(self._executors))
            missing = self._extras.get(kind)
            install = f"install tock[{missing}] for agents of kind {kind}: " if missing is not None else ""
            remedy = f"{install}this deployment has these kinds: {known}"
            raise InvalidArgument(field="kind", value=kind, remedy=remedy)
        return self._executors[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._executors

    def __iter__(self) -> Iterator[str]:
        return iter(self._executors)

    def __len__(self) -> int:
        return len(self._executors)
