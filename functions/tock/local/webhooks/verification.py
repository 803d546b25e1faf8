"""Verifies the signature of a webhook by the Standard Webhooks scheme."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

_SIGNATURE = "webhook-signature"


class Verdict(StrEnum):
    """What became of the verification."""

    #: The signature is right.
    VERIFIED = "verified"
    #: There is a signature, but it is not right, or the message is older or newer than five minutes.
    REFUSED = "refused"
    #: There is no signature, although a secret was given to verify it with.
    UNSIGNED = "unsigned"
    #: No secret was given to verify it with.
    UNCHECKED = "not verified"


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict, and why it is none of the good ones."""

    verdict: Verdict
    problem: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the webhook may be passed on."""
        return self.verdict in {Verdict.VERIFIED, Verdict.UNCHECKED}


#: Judges a webhook by its body and its headers.
Verify = Callable[[bytes, Mapping[str, str]], Verification]


def verifier(secret: str | None) -> Verify:
    """Return what verifies webhooks with this signing secret, which `is_signing_secret`; None verifies nothing."""
    if secret is None:
        return lambda _body, _headers: Verification(Verdict.UNCHECKED, "no secret was given")
    webhook = Webhook(secret)

    def verify(body: bytes, headers: Mapping[str, str]) -> Verification:
        if _SIGNATURE not in headers:
            return Verification(Verdict.UNSIGNED, f"it has no header {_SIGNATURE}")
        try:
            webhook.verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as exc:
            return Verification(Verdict.REFUSED, str(exc))
        except ValueError as exc:
            return Verification(Verdict.REFUSED, f"its signature cannot be read: {exc}")
        return Verification(Verdict.VERIFIED)

    return verify
