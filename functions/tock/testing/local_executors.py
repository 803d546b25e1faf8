"""The executors of all kinds of agents, as a local stack has them."""

import json
from collections.abc import Mapping

from tock.bootstrap.deployment import executors_of
from tock.bootstrap.settings import Settings
from tock.executors.registry import Executors
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.function_environment import THIS_MACHINE
from tock.ports.abandoned_work import AbandonedWork


def local_executors(
    *, secrets: Mapping[str, str], run_token_key: str, api_url: str, environment: Mapping[str, str]
) -> Executors:
    """Return them for these secrets, with the TOCK_ variables of the environment besides.

    Agents may be on this machine. Raises WrongSettings, WrongEnvironment.
    """
    settings = Settings.of_environment(
        {
            **environment,
            # What a local stack has; without an emulator nothing is stored, and nothing is here.
            "FIRESTORE_EMULATOR_HOST": "unused",
            "TOCK_ALLOWED_HOSTS": allow_list("TOCK_ALLOWED_HOSTS", environment).allowing(*THIS_MACHINE).text,
            "TOCK_SECRETS": json.dumps(dict(secrets)),
            "TOCK_RUN_TOKEN_KEY": run_token_key,
            "TOCK_API_URL": api_url,
        }
    )
    return executors_of(settings, abandoned=AbandonedWork())
