"""Tokens of the local identity, checked by the library that checks Google's."""

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from google.auth import exceptions, jwt

from tock.local.cloud_tasks.clock import SystemClock
from tock.local.identity.token_issuer import TokenIssuer

EMAIL = "tock@p.iam.gserviceaccount.com"
AUDIENCE = "https://run.example"


def issued(token_issuer: TokenIssuer, *, ago: timedelta = timedelta()) -> str:
    return token_issuer.token(email=EMAIL, audience=AUDIENCE, now=SystemClock().now() - ago)


def certs(token_issuer: TokenIssuer) -> dict[str, str]:
    published: dict[str, str] = json.loads(token_issuer.certificates.read_text())
    return published


def test_a_token_is_verified_with_the_published_certificate(tmp_path: Path) -> None:
    token_issuer = TokenIssuer.load(tmp_path / "identity")

    claims = jwt.decode(issued(token_issuer), certs=certs(token_issuer), audience=AUDIENCE)

    assert claims == {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "email": EMAIL,
        "email_verified": True,
        "sub": claims["sub"],
        "iat": claims["iat"],
        "exp": claims["iat"] + 3600,
    }
    assert jwt.decode_header(issued(token_issuer)) == {
        "alg": "RS256",
        "typ": "JWT",
        "kid": next(iter(certs(token_issuer))),
    }


def test_a_token_is_refused_for_another_audience(tmp_path: Path) -> None:
    token_issuer = TokenIssuer.load(tmp_path)

    with pytest.raises(exceptions.InvalidValue, match="wrong audience"):
        jwt.decode(issued(token_issuer), certs=certs(token_issuer), audience="https://other.example")


def test_a_token_is_refused_after_an_hour(tmp_path: Path) -> None:
    token_issuer = TokenIssuer.load(tmp_path)
    token = issued(token_issuer, ago=timedelta(hours=1, seconds=5))

    with pytest.raises(exceptions.InvalidValue, match="expired"):
        jwt.decode(token, certs=certs(token_issuer), audience=AUDIENCE)


def test_a_token_of_another_identity_is_refused(tmp_path: Path) -> None:
    ours, theirs = TokenIssuer.load(tmp_path / "a"), TokenIssuer.load(tmp_path / "b")

    with pytest.raises(exceptions.MalformedError):
        jwt.decode(issued(theirs), certs=certs(ours), audience=AUDIENCE)


def test_an_identity_is_the_same_when_loaded_again(tmp_path: Path) -> None:
    first = TokenIssuer.load(tmp_path)
    token = issued(first)

    again = TokenIssuer.load(tmp_path)

    assert jwt.decode(token, certs=certs(again), audience=AUDIENCE)["email"] == EMAIL


def test_only_the_owner_can_read_the_key_and_no_draft_is_left(tmp_path: Path) -> None:
    TokenIssuer.load(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"key.pem", "certificates.json"}
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_whoever_loads_at_the_same_time_gets_the_same_identity(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        identities = list(pool.map(lambda _: TokenIssuer.load(tmp_path), range(4)))

    kids = {jwt.decode_header(issued(token_issuer))["kid"] for token_issuer in identities}
    assert kids == set(certs(identities[0]))


@pytest.mark.parametrize(
    "damage",
    [
        lambda pem: pem[:0],
        lambda pem: pem[:200],
        lambda pem: pem[:-200],
        lambda pem: pem.replace(b"-----BEGIN PRIVATE KEY-----", b""),
        lambda pem: bytes(len(pem)),
        lambda pem: b"\xff" + pem,
    ],
    ids=["emptied", "key cut", "certificate cut", "key without begin", "zeroed", "no text"],
)
def test_a_damaged_key_is_set_aside_and_replaced_with_a_sentence(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    said: list[str] = []
    TokenIssuer.load(tmp_path)
    damaged = damage((tmp_path / "key.pem").read_bytes())
    (tmp_path / "key.pem").write_bytes(damaged)

    token_issuer = TokenIssuer.load(tmp_path, log=said.append)

    assert jwt.decode(issued(token_issuer), certs=certs(token_issuer), audience=AUDIENCE)["email"] == EMAIL
    assert (tmp_path / "key.pem.damaged").read_bytes() == damaged
    assert said == [
        f"{tmp_path}/key.pem is damaged: it was set aside as key.pem.damaged, and a new key made; nothing else is lost"
    ]
    assert issued(TokenIssuer.load(tmp_path, log=said.append)).count(".") == 2
    assert len(said) == 1
