"""Shows on a terminal how far long work has come; a pipe or a file gets nothing of it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")


def progress(
    work: Iterable[T], *, doing: str, total: int | None = None, size: Callable[[T], int] = lambda _: 1
) -> Iterator[T]:
    """Yield what the work yields, with a bar on the error output while it goes on.

    The bar is gone while something that was yielded is looked at, so what is printed meanwhile stands above it.
    `size` is how much of the total something that was yielded is.
    """
    from rich.progress import MofNCompleteColumn  # noqa: PLC0415 - other commands start faster

    bar = _bar(MofNCompleteColumn())
    task = bar.add_task(doing, total=total)
    with bar:
        for each in work:
            bar.update(task, advance=size(each))
            bar.stop()
            yield each
            bar.start()


@contextmanager
def waiting(doing: str) -> Iterator[None]:
    """Show a bar on the error output, with the time that has passed, until the block ends."""
    from rich.progress import TimeElapsedColumn  # noqa: PLC0415 - other commands start faster

    bar = _bar(TimeElapsedColumn())
    bar.add_task(doing, total=None)
    with bar:
        yield


def _bar(amount: Any) -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - other commands start faster

    screen = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        amount,
        console=screen,
        transient=True,
        disable=not screen.is_interactive,
        redirect_stdout=False,
        redirect_stderr=False,
    )
