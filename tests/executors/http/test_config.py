"""Which configurations the http executor accepts, and which projects' secrets an agent may name."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tock.core.agent.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed
from tock.executors.http.executor import HttpExecutor
from tock.ports.executor import RunContext

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: Loading the public authorities takes a while, so the executors share them.
TLS = ssl.create_default_context()
NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)


def _executor(**options: Any) -> HttpExecutor:
    given = {"allowed_hosts": ["127.0.0.1"], "secrets": {"acme/DIGEST": SECRET}, "now": lambda: NOON, "tls": TLS}
    return HttpExecutor(**{**given, **options})


HTTPS = "https://agents.example.com/run"


@pytest.mark.parametrize(
    "config",
    [
        {"url": HTTPS},
        {"url": HTTPS, "secret": "acme/DIGEST"},
        {"url": HTTPS, "secret": None, "headers": None},
        {"url": HTTPS, "headers": {"X-Team": "news", "X-Empty-Not": "a b"}},
    ],
)
def test_a_configuration_that_is_accepted(config: dict[str, Any]) -> None:
    _executor().check(config, project="acme")


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "config.url"),
        ({"url": "http://agents.example.com/"}, "config.url"),
        ({"url": "https://10.0.0.1/"}, "config.url"),
        ({"url": HTTPS, "method": "GET"}, "config.method"),
        ({"url": HTTPS, "previous": "yes"}, "config.previous"),
        ({"url": HTTPS, "secret": "OTHER"}, "config.secret"),
        ({"url": HTTPS, "secret": SECRET}, "config.secret"),
        ({"url": HTTPS, "secret": 7}, "config.secret"),
        ({"url": HTTPS, "secret": "acme/BROKEN"}, "config.secret"),
        ({"url": HTTPS, "secret": "acme/EMPTY"}, "config.secret"),
        ({"url": HTTPS, "headers": []}, "config.headers"),
        ({"url": HTTPS, "headers": {f"x-{n}": "v" for n in range(21)}}, "config.headers"),
        ({"url": HTTPS, "headers": {"a b": "v"}}, "config.headers"),
        ({"url": HTTPS, "headers": {"x": "a\r\nb: c"}}, "config.headers.x"),
        ({"url": HTTPS, "headers": {"x": ""}}, "config.headers.x"),
        ({"url": HTTPS, "headers": {"x": "ü"}}, "config.headers.x"),
        ({"url": HTTPS, "headers": {"x": "v" * 1025}}, "config.headers.x"),
        ({"url": HTTPS, "headers": {"x": 7}}, "config.headers.x"),
        *(
            ({"url": HTTPS, "headers": {name: "v"}}, f"config.headers.{name}")
            for name in ("Authorization", "HOST", "Content-Length", "Transfer-Encoding", "Webhook-Id", "Cookie")
        ),
        *(
            ({"url": HTTPS, "headers": {name: "v"}}, f"config.headers.{name}")
            for name in ("X-Serverless-Authorization", "x-serverless-authorization", "X-Goog-IAP-JWT-Assertion")
        ),
    ],
)
def test_a_configuration_that_is_refused(config: dict[str, Any], field: str) -> None:
    executor = _executor(secrets={"acme/DIGEST": SECRET, "acme/BROKEN": "whsec_a", "acme/EMPTY": "whsec_"})

    with pytest.raises(InvalidArgument) as caught:
        executor.check(config, project="acme")

    assert caught.value.field == field
    assert "MfKQ9" not in f"{caught.value}"


def test_where_no_secrets_are_told_only_their_names_are_checked() -> None:
    executor = _executor(secrets=None)

    executor.check({"url": HTTPS, "secret": "acme/ANY"}, project="acme")

    for wrong in ("ANY", "acme/", "/ANY", "a/b/c", "a b/c", 7):
        with pytest.raises(InvalidArgument) as caught:
            executor.check({"url": HTTPS, "secret": wrong}, project="acme")
        assert caught.value.field == "config.secret"


@pytest.mark.anyio
@pytest.mark.parametrize("secrets", [{}, None])
async def test_a_secret_that_the_deployment_lost_fails_for_good(
    context: RunContext, secrets: dict[str, str] | None
) -> None:
    outcome = await _executor(secrets=secrets).execute({"url": HTTPS, "secret": "acme/DIGEST"}, context)

    assert (outcome.type, outcome.retryable) == ("invalid_config", False)


@pytest.mark.anyio
async def test_a_secret_of_another_project_signs_nothing(context: RunContext) -> None:
    executor = _executor(secrets={"other/DIGEST": SECRET})

    outcome = await executor.execute({"url": HTTPS, "secret": "other/DIGEST"}, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_config", False)
    assert "write acme/NAME" in outcome.message


@pytest.mark.parametrize(
    "use",
    [lambda name: {"secret": name}, lambda name: {"auth": {"bearer": name}}, lambda name: {"auth": {"basic": name}}],
)
def test_another_projects_secret_is_refused_in_the_same_words_whether_it_exists(use: Callable[[str], Any]) -> None:
    executors = [_executor(secrets=known) for known in ({"other/DIGEST": SECRET}, {}, {"other/DIGEST": "broken"}, None)]
    names = ("other/DIGEST", "other/ABSENT", "acmex/DIGEST", "ACME/DIGEST", "acme /DIGEST".replace(" ", "."))

    said = set()
    for executor in executors:
        for name in names:
            with pytest.raises(InvalidArgument) as caught:
                executor.check({"url": HTTPS, **use(name)}, project="acme")
            said.add((caught.value.field, caught.value.value, str(caught.value)))

    assert len(said) == 1


def test_a_private_host_is_allowed_to_its_project_only() -> None:
    hosts = AllowList({"acme": ("crm.internal:8080",), "*": ("127.0.0.1",)})
    executor = _executor(allowed_hosts=hosts)

    executor.check({"url": "http://crm.internal:8080/"}, project="acme")
    for project in ("acme", "other"):
        executor.check({"url": "http://127.0.0.1/"}, project=project)
    for project in ("other", "*", "acme2", ""):
        with pytest.raises(InvalidArgument, match="TOCK_ALLOWED_HOSTS"):
            executor.check({"url": "http://crm.internal:8080/"}, project=project)


@pytest.mark.anyio
async def test_a_private_host_of_another_project_is_not_called(context: RunContext) -> None:
    executor = _executor(allowed_hosts=AllowList({"other": ("127.0.0.1",)}))

    outcome = await executor.execute({"url": "http://127.0.0.1:9/"}, context)

    assert (outcome.type, outcome.retryable) == ("invalid_config", False)
