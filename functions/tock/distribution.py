"""The files that belong to Tock beside its modules: the functions' entry module, their pinned requirements, Terraform.

A checkout keeps them where people edit them; the wheel carries copies inside the package (`hatch_build.py`).
"""

from pathlib import Path

#: The package itself: everything of Tock that Python imports.
PACKAGE = Path(__file__).resolve().parent
#: Where the wheel keeps the files; a checkout has no such folder.
_IN_WHEEL = PACKAGE / "_files"


def entry_module() -> Path:
    """Return `main.py`, which Google Cloud and the local stack load the five functions from."""
    return _file("main.py", checkout=PACKAGE.parent / "main.py")


def pinned_requirements() -> Path:
    """Return the functions' requirements, pinned with hashes."""
    return _file("requirements.txt", checkout=PACKAGE.parent / "requirements.txt")


def terraform() -> Path:
    """Return the folder with Tock's Terraform files; it is not to be written to."""
    return _file("infra", checkout=PACKAGE.parents[1] / "infra")


def _file(name: str, *, checkout: Path) -> Path:
    in_wheel = _IN_WHEEL / name
    return in_wheel if in_wheel.exists() else checkout
