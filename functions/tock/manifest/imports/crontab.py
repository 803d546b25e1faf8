"""Reads a crontab: crontab(5) of cronie and of Debian's cron."""

import re
from collections.abc import Iterator

from tock.manifest.imports.found import Finding, Found, Left, bounded_timeout, slug

_ASSIGNMENT = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
_PERCENT = re.compile(r"(?<!\\)%")
#: What crontab(5) says that these words mean.
WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ZONES = ("CRON_TZ", "TZ")
_ALWAYS = (
    "cron starts runs side by side, makes up for none, and repeats none: overlap is parallel, catch_up none, retries 0"
)


def read_crontab(text: str, *, name: str, time_zone: str, with_users: bool) -> Iterator[Finding]:
    """Yield what each line becomes; `with_users`: a sixth field names a user, as in /etc/crontab.

    `time_zone` is that of the machine, unless the file sets CRON_TZ.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{name}:{number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (assigned := _ASSIGNMENT.fullmatch(line)) is not None:
            if assigned["name"] in _ZONES:
                time_zone = assigned["value"].strip("\"'")
            else:
                yield Left(place, assigned["name"], "variables of the command's environment belong to the agent")
            continue
        yield _job(line.strip(), place=place, time_zone=time_zone, with_users=with_users)


def _job(line: str, *, place: str, time_zone: str, with_users: bool) -> Finding:
    if line.startswith("-"):
        return Left(place, line, "a leading '-' only silences the log of cron: take it away")
    fields = 1 if line.startswith("@") else 5
    words = line.split(None, fields + with_users)
    if len(words) <= fields + with_users:
        return Left(place, line, f"has no command after {fields} fields{' and a user' if with_users else ''}")
    expression, command = " ".join(words[:fields]), words[-1]
    if expression == "@reboot":
        return Left(place, line, "@reboot has no time: there is no machine that starts; run its agent by hand")
    if expression.startswith("@") and expression not in WORDS:
        return Left(place, line, f"{expression} is not known: known are {', '.join(WORDS)}")
    payload, notes = _command(command)
    if with_users:
        payload["user"] = words[fields]
        notes = (*notes, f"it ran as {words[fields]}; Tock runs it as its agent does")
    timeout, shorter = bounded_timeout(None)
    return Found(
        place=place,
        id=slug(payload["command"]),
        fields={
            "schedule": {"cron": WORDS.get(expression, expression), "time_zone": time_zone},
            "description": line,
            "input": {"payload": payload},
            "overlap": "parallel",
            "catch_up": {"mode": "none"},
            "retry": {"max_retries": 0},
            "timeout": timeout,
        },
        notes=(_ALWAYS, *shorter, *notes),
    )


def _command(command: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the payload of a command: what follows its first `%` is its input, with each further one a line break."""
    program, *lines = (part.replace(r"\%", "%") for part in _PERCENT.split(command))
    if not lines:
        return {"command": program.strip()}, ()
    note = "what follows the first % is the command's input: it is the payload's stdin"
    return {"command": program.strip(), "stdin": "\n".join(lines)}, (note,)
