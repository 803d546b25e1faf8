"""Which argument somebody probably meant who gave one to a definition in code that it does not take."""

import difflib
import inspect
import re

from tock.definitions.agent import agent
from tock.definitions.schedules import at, cron, every
from tock.definitions.trigger import trigger

_FUNCTIONS = {each.__name__: each for each in (agent, trigger, cron, every, at)}
#: The whole message: from 3.13 on, Python's own ends with a suggestion if it has one.
_UNKNOWN = re.compile(r"(?P<function>\w+)\(\) got an unexpected keyword argument '(?P<name>\w+)'")


def meant_argument(error: BaseException) -> str:
    """Return ` Did you mean 'timeout'?`, or an empty text where there is nothing to suggest."""
    found = _UNKNOWN.fullmatch(str(error)) if isinstance(error, TypeError) else None
    function = _FUNCTIONS.get(found["function"]) if found is not None else None
    if found is None or function is None:
        return ""
    similar = difflib.get_close_matches(found["name"], inspect.signature(function).parameters, n=1)
    return f". Did you mean '{similar[0]}'?" if similar else ""
