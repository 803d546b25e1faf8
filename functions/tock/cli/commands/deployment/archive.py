"""`tock archive`: builds the zip file with the source of all five functions, and of the agents that are named."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tock import packaged_files
from tock.cli.applying.sources import named_modules
from tock.cli.errors import CommandError
from tock.cli.output.printing import say
from tock.deploy.agent_modules import paths_of
from tock.deploy.archive import Archive, Source, build_archive
from tock.deploy.errors import DeployError


class Extra(StrEnum):
    """Libraries that are installed only if they are asked for: those of kinds of agents, and prices of models."""

    LLM = "llm"
    A2A = "a2a"
    PRICES = "prices"


Modules = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MODULE",
        help="Modules with your agents, such as acme.agents: the archive gets their packages, and agents may name them "
        "and the modules below them. They are found in the current folder and its folder src. Default: the modules of "
        "tock.toml in this folder.",
        show_default=False,
    ),
]
Include = Annotated[
    list[Path] | None,
    typer.Option(
        help="Add a package's folder or a module's file that agents need besides; may be repeated. Default: none."
    ),
]
Requirements = Annotated[
    Path | None,
    typer.Option(
        help="Add your agents' requirements file, pinned with hashes and compatible with Tock's own pins, because "
        "Google's build installs both with one `pip install -r requirements.txt`. Default: none."
    ),
]
Extras = Annotated[
    list[Extra] | None,
    typer.Option(
        "--extra",
        help="Install what agents of this kind need (llm or a2a), or published prices of models (prices). May be "
        "repeated. Default: none.",
    ),
]


def archive(
    modules: Modules = None,
    output: Annotated[Path, typer.Option(help="The zip file to write.")] = Path("tock.zip"),
    include: Include = None,
    requirements: Requirements = None,
    extra: Extras = None,
) -> None:
    """Build the zip file with the source of all five functions; the same content gives the same bytes."""
    with deploy_errors():
        paths = with_modules(include, modules=named_modules(modules))
        print_archive(build(output, include=paths, requirements=requirements, extras=extra))


def with_modules(include: list[Path] | None, *, modules: Sequence[str]) -> list[Path]:
    """Return the paths of --include and those of the modules, each once."""
    paths = [*(include or ()), *paths_of(modules, here=Path.cwd())]
    return list({path.resolve(): path for path in paths}.values())


def build(output: Path, *, include: list[Path], requirements: Path | None, extras: list[Extra] | None) -> Archive:
    """Build the archive at `output`; `include` are the paths of agents' packages and modules. Raises DeployError."""
    source = Source(
        entry_module=packaged_files.entry_module(),
        requirements=packaged_files.pinned_requirements(),
        package=packaged_files.PACKAGE,
        extras=tuple(packaged_files.extra_requirements(extra) for extra in dict.fromkeys(extras or ())),
    )
    return build_archive(output, source=source, include=include, requirements=requirements)


def print_archive(built: Archive) -> None:
    """Print what the archive holds, and its hash."""
    say(f"{built.path}: {len(built.names)} files, {built.size:,} bytes, sha256 {built.sha256}")


@contextmanager
def deploy_errors() -> Iterator[None]:
    """Turn a DeployError into a CommandError, which is printed without a traceback."""
    try:
        yield
    except DeployError as exc:
        raise CommandError(str(exc), details=exc.remedies) from exc
