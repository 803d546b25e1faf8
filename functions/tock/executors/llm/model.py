"""Builds the model that a run asks for, with its provider's key and address, over guarded connections."""

from contextlib import AsyncExitStack
from inspect import signature
from typing import Any
from urllib.parse import urlsplit

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import Provider, infer_provider_class

from tock.core.errors import InvalidArgument
from tock.executors.llm.deployment_models import ModelProvider
from tock.executors.outbound.address_guard import AddressGuard
from tock.executors.outbound.guarded_client2 import guarded_client2

#: The key for a provider that needs none. Without one an SDK would look for a key in the environment.
_NO_KEY = "none"
#: The extra `llm` installs the libraries of providers that speak OpenAI's protocol.
_INSTALL = "install pydantic-ai-slim with the extra of this provider beside Tock"


async def open_model(
    name: str, *, key: str | None, provider: ModelProvider | None, guard: AddressGuard, tls: Any, stack: AsyncExitStack
) -> Model:
    """Return the model; its connections close with the stack.

    Raises InvalidArgument for a provider that there is none of, or that takes no key.
    """
    client = await stack.enter_async_context(guarded_client2(guard, tls=tls))

    def provide(kind: str) -> Provider[Any]:
        given = {"api_key": key or _NO_KEY, "http_client": client}
        if provider is not None and provider.base_url is not None:
            given["base_url"] = provider.base_url
        build = infer_provider_class(kind)
        if missing := sorted(given.keys() - signature(build).parameters.keys()):
            raise InvalidArgument(
                field="config.model", value=name, remedy=f"the provider {kind!r} takes no {', '.join(missing)}"
            )
        return build(**given)

    try:
        return infer_model(name, provider_factory=provide)
    except ImportError as exc:
        raise InvalidArgument(field="config.model", value=name, remedy=f"{_INSTALL}: {exc}") from exc
    except (UserError, ValueError) as exc:
        raise InvalidArgument(field="config.model", value=name, remedy=f"is not known to pydantic-ai: {exc}") from exc


def own_hosts(provider: ModelProvider | None) -> tuple[str, ...]:
    """Return the host and port of the deployment's own address of a provider, which need not be public."""
    if provider is None or provider.base_url is None:
        return ()
    parts = urlsplit(provider.base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return (f"{host}:{parts.port or {'http': 80}.get(parts.scheme, 443)}",)
