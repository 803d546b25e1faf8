"""The folder in which a stack stores everything: what its disk refuses becomes one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tock.local.errors import DataUnusable


@contextmanager
def using(data: Path) -> Iterator[None]:
    """Raise DataUnusable in place of an OSError of the block, unless the error is about a connection or a timeout."""
    try:
        yield
    except (ConnectionError, TimeoutError):
        raise
    except OSError as exc:
        raise DataUnusable(data, reason=exc.strerror or str(exc), file=exc.filename) from exc
