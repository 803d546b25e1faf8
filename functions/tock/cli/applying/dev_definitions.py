"""Applies what the sources of `tock dev` define to the local stack, and again after each edit."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tock import Client, TockClientError
from tock.cli.applying.apply_changes import Applied, applied
from tock.cli.applying.deployed import deployed
from tock.local.sources.edits import edit
from tock.local.sources.named import Sources
from tock.local.sources.reading import Found, read
from tock.manifest.comparison.difference import Action, Change, difference
from tock.manifest.entry import Entry
from tock.manifest.written import Kind

#: The owner of what `tock dev` has created: what is no longer defined is deleted.
OWNER = "tock-dev"
#: The name of these lines in the log.
_NAME = "tock"
_AGENT = "python"
#: How often sources are read again that were edited while they were read, such as by a generator that writes for ever.
_READ_AGAIN = 5


@dataclass(frozen=True, slots=True)
class DevDefinitions:
    """The definitions of these sources on the local stack that the client calls; `log` gets (name, text).

    `now` is the time by the stack's clock.
    """

    sources: Sources
    client: Client
    now: Callable[[], datetime]
    log: Callable[[str, str], None]

    async def follow(self, reading: Awaitable[Found], *, ready: Callable[[str | None], None]) -> None:
        """Apply the definitions, then again after each edit, until this is cancelled.

        `reading` gives what the sources define at the start. `ready` is called once that is applied, or once the log
        says why it is not, with a command to go on with, if there is one.
        """
        found = await self._whole(await reading)
        taken = await self._take(found, edited=())
        ready(_next_command(found.entries) if taken else None)
        while True:
            edited = await edit(found, sources=self.sources)
            found = await self._whole(await self._read_again(found))
            await self._take(found, edited=edited or self.sources.names)

    async def _whole(self, found: Found) -> Found:
        """Return what was found, read again if it was edited since: an editor may have been between two writes.

        What is read is not applied before: half a module defines fewer agents, and what is missing would be deleted.
        """
        for _ in range(_READ_AGAIN):
            if not found.edited():
                break
            found = await self._read_again(found)
        return found

    async def _read_again(self, found: Found) -> Found:
        before = found.as_now()
        return (await read(self.sources, log=self.log)).after(before)

    async def _take(self, found: Found, *, edited: Sequence[str]) -> bool:
        """Apply what was found, and return whether that could be done.

        The log says what was read anew, what changed, and what is wrong.
        """
        names = ", ".join(edited)
        if found.problems:
            verb = f"not reloaded {names}" if edited else "nothing was applied"
            self._say("\n".join((f"{verb}: mend this and save", *found.problems)))
            return False
        try:
            changed, lines = await asyncio.to_thread(self._apply, found.entries, is_first=not edited)
        except TockClientError as exc:
            self._say("\n".join((f"the definitions were not applied: {exc}", *getattr(exc, "__notes__", ()))))
            return False
        if edited:
            self._say(f"reloaded {names}{f' ({changed} changed)' if changed else ''}")
        for line in lines:
            self._say(line)
        return True

    def _apply(self, entries: Sequence[Entry], *, is_first: bool) -> tuple[str, list[str]]:
        """Apply the definitions; return how much changed, and the lines that say what."""
        found = difference(entries, deployed(self.client), owner=OWNER, prune=True, now=self.now())
        results = list(applied(self.client, found.changes))
        upcoming = _upcoming(self.client)
        lines = [f"{each.kind} {each.id} is not applied ({each.place}): {each.reason}" for each in found.refused]
        lines += [_line(each, upcoming=upcoming) for each in results]
        if is_first:
            touched = {(each.change.kind, each.change.id) for each in results}
            lines += [
                f"trigger {entry.id} is as before: {upcoming.get(entry.id, '')}"
                for entry in entries
                if entry.kind is Kind.TRIGGER and (entry.kind, entry.id) not in touched
            ]
            if not any(entry.kind is Kind.AGENT for entry in entries):
                lines.append(f"{', '.join(self.sources.names)}: no agent is defined there; one begins with @tock.agent")
        lines += self._not_allowed(entries)
        return _counts([each.change for each in results if each.failure is None]), lines

    def _not_allowed(self, entries: Sequence[Entry]) -> Iterator[str]:
        named = (str(entry.fields["config"].get("callable", "")) for entry in entries if _is_python(entry))
        for module in sorted({target.partition(":")[0] for target in named}):
            allowed = self.sources.allowed
            is_below = any(entry.endswith(".*") and module.startswith(entry[:-1]) for entry in allowed)
            if not is_below and module not in allowed:
                yield f"agents may name the module {module} once `tock dev` has been started anew"

    def _say(self, text: str) -> None:
        self.log(_NAME, text)


def _is_python(entry: Entry) -> bool:
    return entry.kind is Kind.AGENT and entry.fields["kind"] == _AGENT


def _line(each: Applied, *, upcoming: dict[str, str]) -> str:
    change = each.change
    if each.failure is not None:
        return "\n".join((each.sentence, *each.details))
    if change.action is Action.DELETE:
        return f"{each.sentence}: no longer defined"
    fields = ", ".join(difference.field for difference in change.fields) if change.action is Action.CHANGE else ""
    coming = upcoming.get(change.id, "") if change.kind is Kind.TRIGGER else ""
    return f"{each.sentence}{f': {fields}' if fields else ''}{f'; {coming}' if coming else ''}"


def _upcoming(client: Client) -> dict[str, str]:
    """Return when each trigger fires next, in its time zone."""
    return {
        trigger["id"]: f"next {trigger['next_fire_times'][0]}" if trigger["next_fire_times"] else "no further fire time"
        for trigger in deployed(client).triggers
    }


def _counts(changes: Sequence[Change]) -> str:
    """Return for example `1 agent, 2 triggers`; empty if nothing changed."""
    counts = Counter(change.kind for change in changes)
    return ", ".join(f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in Kind if counts[kind])


def _next_command(entries: Sequence[Entry]) -> str | None:
    """Return the command that runs the first agent, or None."""
    agents = (entry.id for entry in entries if entry.kind is Kind.AGENT)
    return next((f"tock agents run {agent} --wait" for agent in agents), None)
