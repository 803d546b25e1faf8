"""Profiles: servers, projects and keys that a user stored under names, in a file that only the user can read."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tock.client.errors import InvalidArgument, NotConfigured

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
#: What others than the owner may do with the file: nothing.
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Profile:
    """Where Tock's API is, and as whom to call it."""

    server: str
    project: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Profiles:
    """The stored profiles by name, and the one that is used if nothing else says where Tock is."""

    by_name: Mapping[str, Profile] = field(default_factory=dict)
    in_use: str | None = None

    def named(self, name: str) -> Profile:
        """Return a profile. Raises NotConfigured."""
        if (found := self.by_name.get(name)) is None:
            known = ", ".join(sorted(self.by_name)) or "none"
            close = get_close_matches(name, list(self.by_name), n=1)
            meant = f"Did you mean {close[0]}? " if close else ""
            remedy = f"{meant}Create it with `tock login`. Stored: {known}."
            raise NotConfigured(f"There is no profile {name!r}.", remedy=remedy)
        return found

    def with_profile(self, name: str, profile: Profile) -> "Profiles":
        """Return the profiles with this one, which is in use. Raises InvalidArgument for what cannot be a name."""
        if _NAME.fullmatch(name) is None:
            remedy = "takes letters, digits, '.', '_' and '-', such as work: at most 63, the first a letter or a digit"
            raise InvalidArgument(field="profile", value=name, remedy=remedy)
        return Profiles({**self.by_name, name: profile}, in_use=name)

    def using(self, name: str) -> "Profiles":
        """Return the profiles with this one in use. Raises NotConfigured."""
        self.named(name)
        return Profiles(self.by_name, in_use=name)

    def without(self, name: str) -> "Profiles":
        """Return the profiles without this one; if it was in use, none is. Raises NotConfigured."""
        self.named(name)
        kept = {each: profile for each, profile in self.by_name.items() if each != name}
        return Profiles(kept, in_use=None if self.in_use == name else self.in_use)


def profiles_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file in the user's configuration folder (XDG Base Directory Specification); None without a home."""
    if folder := environment.get("XDG_CONFIG_HOME"):
        return Path(folder) / "tock" / "profiles.json"
    home = environment.get("HOME")
    return Path(home) / ".config" / "tock" / "profiles.json" if home else None


def stored_profiles(environment: Mapping[str, str] = os.environ) -> Profiles:
    """Return the stored profiles, none if there is no file.

    Raises NotConfigured if the file is damaged, or if others than its owner may read it.
    """
    file = profiles_file(environment)
    if file is None:
        return Profiles()
    try:
        if file.stat().st_mode & _OTHERS:
            problem = f"{file}, which holds keys, may be read by others than its owner."
            raise NotConfigured(problem, remedy=f"Run: chmod 600 {file}")
        return _read(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Profiles()
    except OSError as exc:
        raise NotConfigured(f"{file}, which holds the profiles, cannot be read: {exc.strerror or exc}.") from exc
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The cause might quote a key.
        remedy = f"Delete it, and store the profiles again with `tock login`: rm {file}"
        raise NotConfigured(f"{file}, which holds the profiles, is damaged.", remedy=remedy) from None


def store_profiles(profiles: Profiles, environment: Mapping[str, str] = os.environ) -> Path:
    """Store the profiles in the place of the former ones, readable by their owner only, and return the file.

    Whoever reads meanwhile finds the former file or the new one. Raises NotConfigured.
    """
    file = profiles_file(environment)
    if file is None:
        raise NotConfigured("There is no folder for the profiles.", remedy="Set HOME or XDG_CONFIG_HOME.")
    content = {
        "in_use": profiles.in_use,
        "profiles": {
            name: {"server": each.server, "project": each.project, "key": each.key}
            for name, each in sorted(profiles.by_name.items())
        },
    }
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                json.dump(content, opened, indent=2)
            draft.replace(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise NotConfigured(f"{file} cannot be written: {exc.strerror or exc}.") from exc
    return file


def _read(stored: Any) -> Profiles:
    found = {
        name: Profile(*(_text(each[part]) for part in ("server", "project", "key")))
        for name, each in stored["profiles"].items()
    }
    in_use = stored["in_use"]
    return Profiles(found, in_use=in_use if in_use in found else None)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
