"""Identity tokens whose parts or claims are not what an issuer writes are not valid, and never an error."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.auth import crypt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tock.auth.identity_token import SIGNATURE_REMOVED
from tock.auth.oidc import CertificateFile, OidcTokens
from tock.local.identity.token_issuer import TokenIssuer

pytestmark = pytest.mark.anyio
SERVICE, AUDIENCE = "tock@acme.example", "https://run.example/"
NOW = 1_800_000_000
CLAIMS: dict[str, Any] = {
    "iss": "https://accounts.google.com",
    "aud": AUDIENCE,
    "email": SERVICE,
    "email_verified": True,
    "iat": NOW,
    "exp": NOW + 3600,
}
DEEP = "[" * 30_000
#: JSON texts that no issuer writes as a claim.
ODD = {
    "a huge number": "1" + "0" * 400,
    "a huge negative number": "-1" + "0" * 400,
    "an endless number": "9" * 5000,
    "not a number": "NaN",
    "infinity": "Infinity",
    "beyond a float": "1e999",
    "null": "null",
    "a list": "[]",
    "a list of itself": json.dumps([CLAIMS["iss"], AUDIENCE, SERVICE]),
    "an object": "{}",
    "a truth": "true",
    "an untruth": "false",
    "a number as text": f'"{NOW + 1800}"',
    "an empty text": '""',
    "half a character": '"\\ud800"',
    "a deep hole": DEEP,
    "nothing": "",
}


class NoonForever:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)


class Issuer:
    """Signs any text as claims, with the key that the verifier knows."""

    def __init__(self, directory: Path) -> None:
        self.certificates = TokenIssuer.load(directory).certificates
        self._signer = crypt.RSASigner.from_string((directory / "key.pem").read_text())
        self.key_id = next(iter(json.loads(self.certificates.read_text())))

    def token(self, claims: str, *, header: str | None = None, signed: bool = True) -> str:
        header = json.dumps({"alg": "RS256", "kid": self.key_id}) if header is None else header
        content = f"{encoded(header.encode())}.{encoded(claims.encode())}"
        return f"{content}.{encoded(self._signer.sign(content.encode())) if signed else SIGNATURE_REMOVED}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("identity"))


def verifier(issuer: Issuer, *, behind_iam: bool = False) -> OidcTokens:
    return OidcTokens(certificates=CertificateFile(issuer.certificates), clock=NoonForever(), behind_iam=behind_iam)


def with_claim(name: str, text: str) -> str:
    others = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in CLAIMS.items() if key != name)
    return f"{{{others},{json.dumps(name)}:{text}}}"


async def who(issuer: Issuer, token: str, *, behind_iam: bool) -> str | None:
    return await verifier(issuer, behind_iam=behind_iam).email(token, audience=AUDIENCE)


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "behind IAM"])
async def test_an_issuers_claims_are_accepted(issuer: Issuer, *, signed: bool) -> None:
    fraction = CLAIMS | {"iat": NOW - 0.5, "exp": NOW + 3600.5, "azp": [1], "sub": None}

    for claims in (CLAIMS, fraction):
        token = issuer.token(json.dumps(claims), signed=signed)
        assert await who(issuer, token, behind_iam=not signed) == SERVICE


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "behind IAM"])
@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_an_odd_claim_is_not_valid(issuer: Issuer, claim: str, text: str, *, signed: bool) -> None:
    if (claim, text) == ("email_verified", "true"):
        return
    token = issuer.token(with_claim(claim, text), signed=signed)

    assert await who(issuer, token, behind_iam=not signed) is None


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "behind IAM"])
@pytest.mark.parametrize("claim", CLAIMS)
async def test_an_absent_or_repeated_claim_is_not_valid(issuer: Issuer, claim: str, *, signed: bool) -> None:
    without = {key: value for key, value in CLAIMS.items() if key != claim}
    twice = f"{json.dumps(CLAIMS)[:-1]},{json.dumps(claim)}:{json.dumps(CLAIMS[claim])}}}"

    for claims in (json.dumps(without), twice):
        assert await who(issuer, issuer.token(claims, signed=signed), behind_iam=not signed) is None


@pytest.mark.parametrize(
    "header",
    [
        *ODD.values(),
        '{"alg": ["RS256"], "kid": "k"}',
        '{"alg": "none"}',
        '{"alg": "ES256", "kid": KID}',
        '{"alg": "HS256", "kid": KID}',
        '{"alg": "RS256", "kid": ["k"]}',
        '{"alg": "RS256", "kid": {}}',
        '{"alg": "RS256"}',
        '{"alg": "RS256", "kid": ' + DEEP,
    ],
    ids=lambda header: header[:40],
)
async def test_an_odd_header_is_not_valid(issuer: Issuer, header: str) -> None:
    header = header.replace("KID", json.dumps(issuer.key_id))
    token = issuer.token(json.dumps(CLAIMS), header=header)

    assert await who(issuer, token, behind_iam=False) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "e30.e30.",
        f"e30.W10.{SIGNATURE_REMOVED}",
        f"..{SIGNATURE_REMOVED}",
        SIGNATURE_REMOVED,
        "\ud800.e30.e30",
        "é.é.é",
        "GOOD, Bearer GOOD",
        "GOOD GOOD",
        " GOOD",
        "GOOD\n",
        "GOOD=",
    ],
)
async def test_what_has_not_three_parts_of_base64url_is_not_valid(issuer: Issuer, token: str) -> None:
    for signed in (True, False):
        given_token = token.replace("GOOD", issuer.token(json.dumps(CLAIMS), signed=signed))
        assert await who(issuer, given_token, behind_iam=not signed) is None


async def test_an_expired_token_and_one_of_the_future_are_not_valid(issuer: Issuer) -> None:
    def at(moment: datetime) -> dict[str, Any]:
        return CLAIMS | {"iat": int(moment.timestamp()), "exp": int((moment + timedelta(hours=1)).timestamp())}

    now = datetime.fromtimestamp(NOW, UTC)
    for claims in (at(now - timedelta(hours=2)), at(now + timedelta(minutes=5))):
        for signed in (True, False):
            assert await who(issuer, issuer.token(json.dumps(claims), signed=signed), behind_iam=not signed) is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
@given(claim=st.sampled_from(list(CLAIMS)), value=JSON_VALUES, signed=st.booleans())
async def test_no_value_of_a_claim_is_an_error(issuer: Issuer, claim: str, value: Any, *, signed: bool) -> None:
    token = issuer.token(json.dumps(CLAIMS | {claim: value}), signed=signed)

    assert await who(issuer, token, behind_iam=not signed) in {None, SERVICE}
