"""Which argument of a definition in code is suggested where Python itself suggests none."""

import pytest

from tock.manifest.code.meant_argument import meant_argument


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (TypeError("agent() got an unexpected keyword argument 'timout'"), ". Did you mean 'timeout'?"),
        (TypeError("trigger() got an unexpected keyword argument 'catchup'"), ". Did you mean 'catch_up'?"),
        (TypeError("cron() got an unexpected keyword argument 'timezone'"), ". Did you mean 'time_zone'?"),
        (TypeError("agent() got an unexpected keyword argument 'timout'. Did you mean 'timeout'?"), ""),
        (TypeError("agent() got an unexpected keyword argument 'colour'"), ""),
        (TypeError("render() got an unexpected keyword argument 'timout'"), ""),
        (ValueError("agent() got an unexpected keyword argument 'timout'"), ""),
    ],
)
def test_the_argument_that_was_probably_meant_is_named(error: Exception, meant: str) -> None:
    assert meant_argument(error) == meant
