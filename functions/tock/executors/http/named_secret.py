"""The deployment's secrets, which agents' configurations name and never hold."""

import re
from collections.abc import Callable, Mapping

from tock.core.errors import InvalidArgument

#: How a configuration names a secret: the project that it belongs to, and its name there.
_NAME = re.compile(r"[^/\s]+/[^/\s]+")
_REMEDY = "name a secret of TOCK_SECRETS, with its project: PROJECT/NAME"


class NamedSecrets:
    """Secrets by `project/name`. With None only the form of names is checked: this process calls no agents."""

    def __init__(self, secrets: Mapping[str, str] | None) -> None:
        self._secrets = None if secrets is None else dict(secrets)

    @property
    def values(self) -> tuple[str, ...]:
        """All of them."""
        return tuple((self._secrets or {}).values())

    def check(self, name: object, *, field: str, valid: Callable[[str], bool], means: str) -> None:
        """Check that this names a valid secret; `means` says what that is. Raises InvalidArgument."""
        if self._secrets is None:
            if not isinstance(name, str) or _NAME.fullmatch(name) is None:
                raise InvalidArgument(field=field, value=None, remedy=_REMEDY)
        elif not valid(self._named(name, field=field)):
            raise InvalidArgument(
                field=field, value=None, remedy=f"the deployment's secret of this name must be {means}"
            )

    def own(self, name: object, *, project: str, field: str) -> str:
        """Return the secret, which must be the project's: nobody acts for another one. Raises InvalidArgument."""
        if not str(name).startswith(f"{project}/"):
            raise InvalidArgument(
                field=field,
                value=None,
                remedy=f"the secret belongs to another project: name one that starts with {project}/",
            )
        return self._named(name, field=field)

    def _named(self, name: object, *, field: str) -> str:
        if not isinstance(name, str) or self._secrets is None or name not in self._secrets:
            raise InvalidArgument(field=field, value=None, remedy=_REMEDY)
        return self._secrets[name]
