"""The API key as readers see it, and as its author requests it."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from tock.app.manage.projects.api_keys import IssuedKey
from tock.core.project import ApiKey
from tock.core.time.stamp import Stamp
from tock.web.resources.page import Listed


class NewKey(BaseModel):
    """An API key to issue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", max_length=256, description="What or whom the key is for.")


class KeyResource(BaseModel):
    """An API key, without its secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str
    id: str
    name: str
    created: Stamp

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Return the key as readers see it."""
        return cls(project=key.project, id=key.id, name=key.name, created=key.created)


class NewKeyResource(KeyResource):
    """An API key that was just issued, with its token, which no other response shows."""

    token: str = Field(description="The bearer token. Store it: it is not shown again.")

    @classmethod
    def issued(cls, issued: IssuedKey) -> Self:
        """Return the key with its token."""
        return cls(**dict(KeyResource.of(issued.key)), token=issued.token)


class KeyPage(Listed):
    """A page of API keys, by id."""

    api_keys: tuple[KeyResource, ...]
