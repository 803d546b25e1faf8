"""What Tock says of a cron text that it refuses."""

import pytest
from pydantic import ValidationError

from tock.core.schedule.schedule import CronSchedule


def refusal(cron: str) -> str:
    """Return the message of the refusal, which names the field `cron`."""
    with pytest.raises(ValidationError) as caught:
        CronSchedule(cron=cron)
    [error] = caught.value.errors()
    assert error["loc"] == ("cron",)
    return str(error["msg"])
