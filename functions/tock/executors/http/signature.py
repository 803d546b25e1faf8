"""Signs requests by the Standard Webhooks scheme."""

from datetime import datetime

#: What a signing secret must be.
SIGNING_KEY_FORM = "'whsec_' followed by base64"


def is_signing_secret(secret: str) -> bool:
    """Return whether requests can be signed with this secret."""
    from standardwebhooks.webhooks import (  # noqa: PLC0415 imported lazily: only signed requests need it
        EmptyWebhookSecretError,
        Webhook,
    )

    try:
        Webhook(secret)
    except (EmptyWebhookSecretError, ValueError):
        return False
    return True


def signature(secret: str, *, message_id: str, at: datetime, body: str) -> str:
    """Return the value of the header `webhook-signature`."""
    from standardwebhooks.webhooks import Webhook  # noqa: PLC0415 imported lazily: only signed requests need it

    return str(Webhook(secret).sign(message_id, at, body))
