"""What a stack is told when it is made, and what follows from that."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tock.local.clock.clock_file import CLOCK_FILE
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.function_environment import GOOGLE_PROJECT, LOCATION, QUEUE, TICK_QUEUE, process_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """What holds for all processes of a stack."""

    #: The directory that stores everything.
    data: Path
    #: The file with the functions.
    entry_module: Path
    #: What is given to every function besides, and overrides the stack's own variables.
    environment: Mapping[str, str]
    #: The folders that the functions import from.
    path: Sequence[Path]
    #: How often the ticker calls the tick.
    period: timedelta

    @property
    def clock_file(self) -> Path:
        """The file of the clock, if the stack has one that can be moved."""
        return self.data / CLOCK_FILE

    @property
    def project(self) -> str:
        """The Google Cloud project that the emulators' data belongs to."""
        return self.environment.get("GOOGLE_CLOUD_PROJECT", GOOGLE_PROJECT)

    @property
    def service_account(self) -> str:
        """The service account that calls the functions."""
        return self.environment.get("TOCK_SERVICE_ACCOUNT", f"tock@{self.project}.iam.gserviceaccount.com")

    @property
    def queues(self) -> tuple[str, ...]:
        """The whole names of the queues."""
        parent = f"projects/{self.project}/locations/{LOCATION}/queues"
        return f"{parent}/{QUEUE}", f"{parent}/{TICK_QUEUE}"

    @property
    def allowed_modules(self) -> Sequence[str]:
        """The modules that agents of any project may name."""
        return allow_list("TOCK_PYTHON_MODULES", {**os.environ, **self.environment}).entries

    @property
    def process_environment(self) -> dict[str, str]:
        """The variables of every process."""
        return process_environment(self.path)
