"""The files that the console's pages load, each at a path that names its content, so that browsers keep it."""

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
#: The media types of the files that are served; nothing else in the folder is.
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def asset_path(name: str) -> str:
    """Return the path of a file, such as `console.css` or `vendored/htmx.min.js`, with the digest of its content."""
    return f"/assets/{_digest(name)}/{name}"


def asset_file(name: str) -> Path | None:
    """Return the file of this name, or None if none is served."""
    return _served().get(name)


@cache
def _served() -> dict[str, Path]:
    files = (path for path in _FOLDER.rglob("*") if path.suffix in MEDIA_TYPES)
    return {path.relative_to(_FOLDER).as_posix(): path for path in files}


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_served()[name].read_bytes()).hexdigest()[:16]
