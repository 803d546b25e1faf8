"""What building a deployment does to its process."""

import json
import os
import subprocess
import sys

PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
READ_SETTINGS = f"""
import subprocess, sys
from tock.bootstrap.deployment import settings
assert settings().secrets["acme/CRM"].get_secret_value() == "whsec_c2VjcmV0"
subprocess.run([sys.executable, "-c", {PRINT_ENVIRONMENT!r}], check=True)
"""


def test_no_process_that_the_functions_start_inherits_their_secrets() -> None:
    secrets = {
        "TOCK_SECRETS": '{"acme/CRM": "whsec_c2VjcmV0"}',
        "TOCK_RUN_TOKEN_KEY": "a-key-of-run-tokens-that-is-long-enough",
        "TOCK_KEY": "the-admin-key",
        "TOCK_IDENTITY_TOKEN": "eyJhbGciOi",
    }
    environment = {**os.environ, **secrets, "PYTHONPATH": os.pathsep.join(sys.path), "ACME_KEY": "7"}

    printed = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS], env=environment, capture_output=True, text=True, check=True
    )

    inherited = json.loads(printed.stdout)
    assert inherited["ACME_KEY"] == "7"
    assert secrets.keys() & inherited.keys() == set()
