"""Which configurations the python executor accepts."""

import re

import pytest

from tock.core.agent.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import RunContext

EXACT = "executors.python.sample_agents:returns"


@pytest.mark.parametrize("modules", [["executors.python.sample_agents"], ["executors.*"], ["other", "executors.*"]])
def test_accepts_a_callable_of_an_allowed_module(modules: list[str]) -> None:
    PythonExecutor(modules=modules).check({"callable": EXACT}, project="acme")


@pytest.mark.parametrize(
    "modules", [[], ["executors"], ["*"], ["executors.python.sample_agents.*"], ["executors.sample"], ["exec*"], [".*"]]
)
def test_refuses_a_module_off_the_allow_list_and_names_the_setting(modules: list[str]) -> None:
    with pytest.raises(InvalidArgument, match="TOCK_PYTHON_MODULES") as caught:
        PythonExecutor(modules=modules).check({"callable": EXACT}, project="acme")

    assert (caught.value.field, caught.value.value) == ("config.callable", EXACT)


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        (None, "package.module:function"),
        (7, "package.module:function"),
        ("", "package.module:function"),
        ("executors.python.sample_agents", "package.module:function"),
        ("executors.python.sample_agents:", "package.module:function"),
        ("executors.python.sample_agents:os.system", "package.module:function"),
        ("executors.python.sample_agents:_private", "package.module:function"),
        ("executors/sample_agents:returns", "package.module:function"),
        ("executors.python.sample_agents:returns\n", "package.module:function"),
        ("executors.absent:returns", "cannot be imported: ModuleNotFoundError"),
        ("executors.python.broken_at_import:agent", "cannot be imported: RuntimeError: broken on purpose"),
        ("executors.python.exits_at_import:agent", "cannot be imported: SystemExit"),
        ("executors.python.sample_agents:absent", "does not provide absent"),
        ("executors.python.sample_agents:NOT_CALLABLE", "not callable"),
    ],
)
def test_refuses_what_is_not_a_callable(target: object, remedy: str) -> None:
    with pytest.raises(InvalidArgument, match=re.escape(remedy)) as caught:
        PythonExecutor(modules=["executors.*"]).check({"callable": target}, project="acme")

    assert (caught.value.field, caught.value.value) == ("config.callable", target)


def test_refuses_a_missing_callable() -> None:
    with pytest.raises(InvalidArgument, match=r"config\.callable"):
        PythonExecutor(modules=["executors.*"]).check({}, project="acme")


def test_refuses_an_unknown_field() -> None:
    with pytest.raises(InvalidArgument) as caught:
        PythonExecutor(modules=["executors.*"]).check({"callable": EXACT, "shell": "sh"}, project="acme")

    assert caught.value.field == "config.shell"


def test_a_module_is_allowed_to_its_project_only() -> None:
    executor = PythonExecutor(modules=AllowList({"acme": ("executors.python.*",), "third": ("acme.other",)}))

    executor.check({"callable": EXACT}, project="acme")
    for project in ("other", "third", "*"):
        with pytest.raises(InvalidArgument, match="not allowed to this project") as caught:
            executor.check({"callable": EXACT}, project=project)
        assert "executors.python.*" not in str(caught.value)


def test_a_module_under_the_star_is_allowed_to_every_project() -> None:
    executor = PythonExecutor(modules=AllowList({"*": ("executors.*",), "acme": ("acme.own",)}))

    for project in ("acme", "other"):
        executor.check({"callable": EXACT}, project=project)


@pytest.mark.anyio
async def test_a_module_of_another_project_does_not_run(context: RunContext) -> None:
    executor = PythonExecutor(modules=AllowList({"other": ("executors.*",)}))

    outcome = await executor.execute({"callable": EXACT}, context)

    assert (outcome.type, outcome.retryable) == ("invalid_config", False)
