"""The deployment's secrets, which agents' configurations name and never hold."""

import re
from collections.abc import Callable, Mapping

from tock.core.errors import InvalidArgument

#: How a configuration names a secret: the project that it belongs to, and its name there.
_NAME = re.compile(r"[^/\s]+/[^/\s]+")
#: The same as a pattern of JSON Schema.
SECRET_PATTERN = f"^{_NAME.pattern}$"
_REMEDY = "name a secret of TOCK_SECRETS, with its project: PROJECT/NAME"


class NamedSecrets:
    """Secrets by `project/name`. With None only the form of names is checked: this process calls no agents."""

    def __init__(self, secrets: Mapping[str, str] | None) -> None:
        self._secrets = None if secrets is None else dict(secrets)

    @property
    def values(self) -> tuple[str, ...]:
        """All of them."""
        return tuple((self._secrets or {}).values())

    def check(self, name: object, *, project: str, field: str, valid: Callable[[str], bool], means: str) -> None:
        """Check that this names a valid secret of the project; `means` says what that is. Raises InvalidArgument."""
        _require_own(name, project=project, field=field)
        if self._secrets is not None and not valid(self.own(name, project=project, field=field)):
            raise InvalidArgument(
                field=field, value=None, remedy=f"the deployment's secret of this name must be {means}"
            )

    def own(self, name: object, *, project: str, field: str) -> str:
        """Return the secret, which must be the project's: nobody acts for another one. Raises InvalidArgument."""
        own = _require_own(name, project=project, field=field)
        if self._secrets is None or own not in self._secrets:
            raise InvalidArgument(field=field, value=None, remedy=_REMEDY)
        return self._secrets[own]


def _require_own(name: object, *, project: str, field: str) -> str:
    """Return the name if it is one of the project's.

    Raises InvalidArgument, in the same words whether another project has such a secret or not.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InvalidArgument(field=field, value=None, remedy=_REMEDY)
    if not name.startswith(f"{project}/"):
        remedy = f"an agent may name only its own project's secrets: write {project}/NAME"
        raise InvalidArgument(field=field, value=None, remedy=remedy)
    return name
