"""The environment variables of a command."""

import json
from collections.abc import Mapping

from tock.core.time.instant import instant_text
from tock.executors.kept_process.environment import inherited_environment
from tock.ports.executor import RunContext

#: What the function's process has and a command must not: what git and Python there are told is not meant for it.
_FOREIGN = ("GIT_", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
#: The most bytes of a variable; Linux takes 128 KiB. What is longer stands only in the first line of stdin.
_MAX_VALUE = 100_000


def command_environment(given: Mapping[str, str], *, context: RunContext) -> dict[str, str]:
    """Return the function's variables without Tock's own, those of the command's entry, and those of the run.

    What the run does not have, such as a trigger, has no variable.
    """
    inherited = {name: value for name, value in inherited_environment().items() if not name.startswith(_FOREIGN)}
    run = {
        "PROJECT": context.project,
        "RUN": context.run,
        "ATTEMPT": str(context.attempt),
        "TRIGGER": context.trigger,
        "AGENT": context.agent,
        "SOURCE": context.source,
        "MESSAGE": context.message,
        "INPUT": json.dumps(dict(context.input), ensure_ascii=False),
        "MODEL": context.model,
        "REF": context.ref,
        "SESSION": context.session,
        "SCHEDULED_FOR": instant_text(context.scheduled_for),
        "TIME_ZONE": context.time_zone,
        "DEADLINE": instant_text(context.deadline),
    }
    own = {f"TOCK_{name}": value.replace("\x00", "\N{REPLACEMENT CHARACTER}") for name, value in run.items() if value}
    fitting = {name: value for name, value in own.items() if len(value.encode()) <= _MAX_VALUE}
    return {"GIT_TERMINAL_PROMPT": "0", **inherited, **given, **fitting}
