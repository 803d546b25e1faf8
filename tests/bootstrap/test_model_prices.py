"""What models cost: by the deployment's prices, and by those of genai-prices."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tock.bootstrap.model_prices import ModelPrices
from tock.bootstrap.settings import Settings
from tock.core.run.price import Price

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
OWN = {"openai:gpt-5": Price(input=1.0, output=2.0), "home-made": Price(input=0.0, output=0.0)}


@pytest.fixture
def prices() -> ModelPrices:
    return ModelPrices(OWN, now=lambda: NOON)


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        pytest.param("openai:gpt-5", 4.0, id="with its provider"),
        pytest.param("home-made", 0.0, id="for nothing"),
        pytest.param("ollama:home-made", 0.0, id="of any provider"),
        pytest.param("gpt-5", None, id="of no provider"),
        pytest.param("azure:gpt-5", None, id="of another provider"),
        pytest.param("other", None, id="another model"),
    ],
)
async def test_the_deployments_price_is_found_by_the_models_name(
    prices: ModelPrices, model: str, cost: float | None
) -> None:
    assert prices.set_cost(model, input_tokens=2_000_000, output_tokens=1_000_000) == cost


@pytest.mark.parametrize("model", ["openai:gpt-4o", "gpt-4o"])
async def test_a_published_price_is_found_with_and_without_the_provider(prices: ModelPrices, model: str) -> None:
    cost = await prices.published_cost(model, input_tokens=1_000_000, output_tokens=1_000_000)

    # OpenAI's prices of this model: 2.50 and 10 dollars for a million tokens.
    assert cost == 12.5


@pytest.mark.parametrize(
    "model", ["home-made", "nobody:gpt-4o", "openai:home-made", "further models", "test", ":", "a:b:c"]
)
async def test_the_price_of_a_model_that_nobody_knows_is_not_guessed(prices: ModelPrices, model: str) -> None:
    assert await prices.published_cost(model, input_tokens=1, output_tokens=1) is None


def test_without_the_library_no_published_price_is_known_and_nothing_imports_it_before_it_is_needed() -> None:
    code = f"""
import sys, asyncio
sys.path[:] = {sys.path!r}
import tock.bootstrap.deployment
from tock.bootstrap.model_prices import ModelPrices
from tock.bootstrap.system_clock import SystemClock
prices = ModelPrices({{}}, now=SystemClock().now)
assert "genai_prices" not in sys.modules
sys.modules["genai_prices"] = None
print(asyncio.run(prices.published_cost("openai:gpt-4o", input_tokens=1, output_tokens=1)))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout == "None\n"


def test_prices_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCK_MODEL_PRICES", '{"m": {"input": 1.25, "output": 10}}')

    assert Settings.of_environment().model_prices == {"m": Price(input=1.25, output=10.0)}
