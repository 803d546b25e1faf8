"""What works on in this process although its attempt has ended, because nothing could stop it."""

from collections.abc import Callable, Sequence

#: Returns what of an attempt's work is alive now, each in a few words.
Alive = Callable[[], Sequence[str]]


class AbandonedWork:
    """The work of attempts that an executor could not stop, by run, until it ends by itself.

    An executor adds it. The next attempt of the run must not start beside it, so this process has to be replaced
    (`app/drain.py`).
    """

    def __init__(self) -> None:
        self._alive: dict[tuple[str, str], list[Alive]] = {}

    def add(self, *, project: str, run: str, alive: Alive) -> None:
        """Add work of this run."""
        self._alive.setdefault((project, run), []).append(alive)

    def of(self, *, project: str, run: str) -> tuple[str, ...]:
        """Return what is alive of this run's work, each in a few words."""
        return tuple(words for alive in self._alive.get((project, run), ()) for words in alive())

    def any(self) -> bool:
        """Whether any run has such work; what has ended is forgotten."""
        left = {run: [alive for alive in each if alive()] for run, each in self._alive.items()}
        self._alive = {run: each for run, each in left.items() if each}
        return bool(self._alive)
