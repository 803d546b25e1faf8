"""Where modules of definitions are imported from, besides PYTHONPATH."""

from pathlib import Path

#: Where many projects keep their packages.
_SOURCES = "src"


def import_folders(here: Path) -> tuple[Path, ...]:
    """Return the folder `here`, and `src` below it if that exists."""
    return tuple(folder for folder in (here, here / _SOURCES) if folder.is_dir())
