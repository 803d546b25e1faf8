"""Reads a deployment's settings from its environment; a wrong value fails at start with the variable's name."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tock.bootstrap.written_values import (
    Digest,
    LongKey,
    Url,
    WrittenAllowList,
    WrittenCommands,
    WrittenFolders,
    WrittenNames,
    WrittenPrices,
    WrittenProviders,
    WrittenRepositories,
    WrittenSecrets,
    WrittenServers,
)
from tock.core.agent.allow_list import AllowList
from tock.core.run.run_token import RunTokens
from tock.core.time.duration import Duration
from tock.core.time.instant import Instant
from tock.core.timing import MAX_SHARDS, Timing
from tock.executors.command.allowed import Allowed
from tock.executors.command.limits import WorkspaceLimits

#: Tock's variables that hold secrets; the last two are the command line's, which may start the functions.
SECRET_VARIABLES = (
    "TOCK_SECRETS",
    "TOCK_RUN_TOKEN_KEY",
    "TOCK_MODEL_PROVIDERS",
    "TOCK_MCP_SERVERS",
    "TOCK_KEY",
    "TOCK_IDENTITY_TOKEN",
)

_DEFAULTS = Timing()
_LIMITS = WorkspaceLimits()


class WrongSettings(Exception):
    """The environment holds values that this deployment cannot start with."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{variable}: {problem}" for variable, problem in problems))


def _variable(field: str) -> str:
    return f"TOCK_{field.upper()}"


class Settings(BaseModel):
    """The environment, read once per process; variables start with `TOCK_` unless noted.

    Price: pydantic-settings, which reads much more than the environment, would take a tenth of every cold start.
    """

    model_config = ConfigDict(alias_generator=_variable, frozen=True, extra="ignore", arbitrary_types_allowed=True)

    google_cloud_project: str = Field(default="", alias="GOOGLE_CLOUD_PROJECT")
    firestore_emulator: str = Field(default="", alias="FIRESTORE_EMULATOR_HOST")
    cloud_tasks_emulator: str = Field(default="", alias="CLOUD_TASKS_EMULATOR_HOST")
    #: The name of the service, which Cloud Run sets; empty elsewhere.
    cloud_run_service: str = Field(default="", alias="K_SERVICE")
    #: The Firestore database.
    database: str = "(default)"
    #: The location of the queues.
    location: str = ""
    #: Comma-separated queues that share the runs: each carries 500 starts a second, and one run always uses the same
    #: queue. TOCK_QUEUE, the variable's name in 0.1.0, is read too, for one version.
    queues: Annotated[WrittenNames, Field(validation_alias=AliasChoices("TOCK_QUEUES", "TOCK_QUEUE"))] = ("runs",)
    #: The queue of continuations: a tick enqueues one for each shard that its budget was too short for.
    tick_queue: str = "ticks"
    #: Where Cloud Tasks delivers tasks: the URL of the `run` function.
    run_url: Url = ""
    #: Where Cloud Tasks delivers continuations: the URL of the `tick` function, by default `tick_audience`.
    tick_url: Url = ""
    #: The service account that Cloud Tasks and Cloud Scheduler call as: the only identity that `tick` and `run` accept.
    #: Without it both refuse every call.
    service_account: str = ""
    #: The audience of the tokens that `tick` accepts.
    tick_audience: str = ""
    #: The audience of the tokens that `run` accepts.
    run_audience: str = ""
    #: A file of certificates to verify tokens with, instead of Google's; only for a local emulator.
    certificates: Path | None = None
    #: The file of a clock that can be moved (`bootstrap/moved_clock.py`); the local stack sets it, a deployment cannot.
    clock: Path | None = None
    #: When the local stack started, by its clock; the local stack sets it, a deployment cannot.
    started: Instant | None = None
    #: The SHA-256 (hex) of the admin key, which opens every project and issues API keys that open one. Without it
    #: `api`, `trigger` and `retry` refuse every call.
    admin_key_hash: Digest = ""
    #: Whether Cloud Run admits only callers that may invoke this function. It then removes the signature of the tokens
    #: that it verified, and `tick` and `run` trust it. Never set this where everybody may invoke the function.
    behind_iam: bool = False
    #: The modules whose callables agents of kind `python` may name; `acme.*` includes submodules. Comma-separated for
    #: every project, or a JSON object of lists by project, with `*` for every project.
    python_modules: WrittenAllowList = AllowList()
    #: The folders of the agents' modules, separated as in PATH, whose modules are imported anew once they were edited;
    #: only on the local stack.
    source_folders: WrittenFolders = ()
    #: The hosts (or host:port) that Tock may call for `http` agents although they are not https or public; as above.
    allowed_hosts: WrittenAllowList = AllowList()
    #: The programs that agents of kind `command` may name: `{NAME: {"argv": […], "projects": […], …}}`, or the path of
    #: a file that holds it.
    commands: WrittenCommands = Allowed({})
    #: The git repositories that they may name, in the same way: `{NAME: {"url": …, "projects": […], …}}`.
    repositories: WrittenRepositories = Allowed({})
    #: Where the clones of these repositories and the workspaces of runs are, by default among temporary files.
    workspace_folder: Path | None = None
    #: How many workspaces one process keeps at most.
    workspace_count: int = Field(default=_LIMITS.count, ge=1)
    #: How many bytes of workspaces and clones one process keeps at most.
    workspace_bytes: int = Field(default=_LIMITS.size, ge=0)
    #: A JSON object of the secrets that agents name, by `project/name`: signing secrets (`whsec_…`), bearer tokens,
    #: `user:password`. It is mounted from Secret Manager as a whole, for `run`, which sends them, and for `api`, which
    #: masks them in what agents send to it. The other functions check only the form of the name. No agent's process
    #: gets this variable: the functions remove it from their environment once they have read it.
    secrets: WrittenSecrets = None
    #: The key, of at least 32 characters, that signs the tokens of runs, for `run` and `api` only. Without it the API
    #: refuses run tokens, and no agent may have `answers: callback` or `own_triggers`, or wait for a callback.
    run_token_key: LongKey | None = None
    #: The API's public URL, where agents call back. A local stack without keys also answers under its host.
    api_url: Url = ""
    #: A JSON object of how to reach providers of models for `llm` agents, by the provider's name in pydantic-ai:
    #: `{"openai": {"key": "sk-...", "base_url": "https://..."}}`. For `run` only.
    model_providers: WrittenProviders = None
    #: A JSON object of MCP servers that `llm` agents may name, by project (`*` for every project) and name:
    #: `{"demo": {"notes": {"command": "notes-mcp", "args": ["--stdio"], "env": {"TOKEN": "..."}}}}`. As above.
    mcp_servers: WrittenServers = None
    #: A JSON object of prices, by the name of a model that agents report, in US dollars for a million tokens:
    #: `{"openai:gpt-5": {"input": 1.25, "output": 10}}`. They go before the costs that agents state.
    model_prices: WrittenPrices = Field(default_factory=dict)
    #: The shortest interval between two fire times of a schedule.
    shortest_interval: Duration = _DEFAULTS.shortest_interval
    #: How long a runner may write a run without a heartbeat; so soon a dead process is noticed.
    lease: Duration = _DEFAULTS.lease
    #: How often a runner extends its lease, one write each; at most half of the lease.
    heartbeat: Duration = _DEFAULTS.heartbeat
    #: How long after its time a run that has not started gets another task.
    grace: Duration = _DEFAULTS.grace
    #: How far ahead a tick claims fire times.
    look_ahead: Duration = _DEFAULTS.look_ahead
    #: How long the records of runs are kept.
    retention: Duration = _DEFAULTS.retention
    #: How many shards triggers and runs are spread over. May be raised, never lowered: documents in a shard beyond this
    #: number would not be found.
    shards: int = Field(default=_DEFAULTS.shards, ge=1, le=MAX_SHARDS)

    @model_validator(mode="after")
    def _task_targets_are_set(self) -> Self:
        required = {
            "GOOGLE_CLOUD_PROJECT": self.google_cloud_project,
            "TOCK_LOCATION": self.location,
            "TOCK_RUN_URL": self.run_url,
            "TOCK_TICK_URL": self.tick_url or self.tick_audience,
        }
        missing = [name for name, value in required.items() if not value]
        if self.cloud_run_service and not self.local and missing:
            raise ValueError(f"{', '.join(missing)} must be set: otherwise no run can start")
        return self

    @model_validator(mode="after")
    def _heartbeats_fit_the_lease(self) -> Self:
        if self.heartbeat * 2 > self.lease:
            raise ValueError(
                f"TOCK_HEARTBEAT ({self.heartbeat}) must be at most half of TOCK_LEASE ({self.lease}): "
                "otherwise one late heartbeat would lose a working attempt"
            )
        return self

    @model_validator(mode="after")
    def _own_certificates_only_locally(self) -> Self:
        if self.certificates is not None and not self.local:
            raise ValueError("TOCK_CERTIFICATES is for a local emulator only: unset it to use Google's certificates")
        return self

    @model_validator(mode="after")
    def _edits_only_locally(self) -> Self:
        if self.source_folders and not self.local:
            raise ValueError("TOCK_SOURCE_FOLDERS is for a local emulator only: unset it, and deploy what was edited")
        return self

    @model_validator(mode="after")
    def _only_a_local_stack_moves_its_clock(self) -> Self:
        if self.clock is not None and (self.cloud_run_service or not self.local):
            raise ValueError(
                "TOCK_CLOCK is for a local stack only, whose clock can be moved: unset it, a deployment has the "
                "machine's clock"
            )
        return self

    @model_validator(mode="after")
    def _only_a_local_stack_has_just_started(self) -> Self:
        if self.started is not None and (self.cloud_run_service or not self.local):
            raise ValueError(
                "TOCK_STARTED is for a local stack only, whose first tick may be still to come: unset it, a deployment "
                "without ticks is late"
            )
        return self

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the settings. Raises WrongSettings, which names the variables and says what to write there."""
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as exc:
            # A rule over several variables names them itself. The given values may be secret, so they are not quoted.
            problems = [(str((*error["loc"], "the settings")[0]), error["msg"]) for error in exc.errors()]
        raise WrongSettings(problems)

    @property
    def local(self) -> bool:
        """Whether the store is a local emulator."""
        return bool(self.firestore_emulator)

    @property
    def own_hosts(self) -> frozenset[str]:
        """The hosts of the functions' URLs."""
        return frozenset(url.split("/")[2] for url in (self.api_url, self.run_url, self.tick_url) if url)

    @property
    def run_tokens(self) -> RunTokens | None:
        """What makes and reads the tokens of runs, or None without a key."""
        return None if self.run_token_key is None else RunTokens(self.run_token_key.get_secret_value())

    @property
    def timing(self) -> Timing:
        """The engine's timing as configured."""
        return Timing(
            look_ahead=self.look_ahead,
            grace=self.grace,
            lease=self.lease,
            heartbeat=self.heartbeat,
            shortest_interval=self.shortest_interval,
            retention=self.retention,
            shards=self.shards,
        )
