"""What to do about a server that is of another version of Tock than this client; each of its answers names its own."""

import re
from collections.abc import Mapping

from tock.version import VERSION

#: The header with the server's version (`tock.web.error_responses`); servers before 0.2 send none.
_HEADER = "Tock-Version"
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]{0,39}")


def version_of(headers: Mapping[str, str]) -> str | None:
    """Return the version of Tock that an answer names, or None if it names none."""
    named = headers.get(_HEADER, "")
    return named if _VERSION.fullmatch(named) else None


def other_version(headers: Mapping[str, str]) -> str:
    """Return which versions Tock's server and this client are of, and what to do; empty if they are of the same."""
    theirs = version_of(headers)
    if theirs == VERSION:
        return ""
    there, here = (f"tock {theirs}", f"`tock=={theirs}`") if theirs else ("an older tock", "the server's version")
    return (
        f"The server is {there}, this client is tock {VERSION}: install {here} here, or upgrade the server. A local "
        "stack takes the version that is installed when `tock dev` starts."
    )
