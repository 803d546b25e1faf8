"""Finds Tock's files that are not modules of the package: what is deployed besides, Terraform, and templates.

In a checkout they are where developers edit them; the wheel has copies inside the package (`hatch_build.py`).
"""

from pathlib import Path

#: The folder of the package `tock`.
PACKAGE = Path(__file__).resolve().parent
#: The folder of the copies in the wheel; a checkout does not have it.
_IN_WHEEL = PACKAGE / "_files"


def entry_module() -> Path:
    """Return the path of `main.py`, from which Google Cloud and the local stack load the five functions."""
    return _file("main.py", checkout=PACKAGE.parent / "main.py")


def pinned_requirements() -> Path:
    """Return the path of the functions' requirements file, pinned with hashes."""
    return _file("requirements.txt", checkout=PACKAGE.parent / "requirements.txt")


def extra_requirements(extra: str) -> Path:
    """Return the path of the pinned requirements of an extra, `llm` or `a2a`: what the functions install besides."""
    name = f"requirements-{extra}.txt"
    return _file(name, checkout=PACKAGE.parent / name)


def terraform() -> Path:
    """Return the folder with Tock's Terraform files; callers must not write to it."""
    return _file("infra", checkout=PACKAGE.parents[1] / "infra")


def templates() -> dict[str, Path]:
    """Return the folders of the templates of `tock init`, by name: the examples with a `tock.toml`."""
    folder = _file("templates", checkout=PACKAGE.parents[1] / "examples")
    return {file.parent.name: file.parent for file in sorted(folder.glob("*/tock.toml"))}


def _file(name: str, *, checkout: Path) -> Path:
    in_wheel = _IN_WHEEL / name
    return in_wheel if in_wheel.exists() else checkout
