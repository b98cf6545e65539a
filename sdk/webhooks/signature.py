"""The signature of a webhook's request: HMAC-SHA256 over its time and body. Pure."""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime

SIGNATURE = "Noroam-Signature"
TOLERANCE_S = 300
"""How old a request may be, so that one that was overheard can't be sent again later."""
_PREFIX = "whsec_"
_PURPOSE = b"\0webhook\0"
"""No password or API key, which CREDENTIAL_KEY is also used for, has such bytes."""


def secret_of(credential_key: str, webhook_id: str, salt: str) -> str:
    """Give the secret of a webhook, which is kept nowhere: it is made of CREDENTIAL_KEY."""
    named = _PURPOSE + f"{webhook_id}:{salt}".encode()
    digest = hmac.digest(credential_key.encode(), named, "sha256")
    return _PREFIX + urlsafe_b64encode(digest).decode().rstrip("=")


def signature_header(secret: str, body: bytes, at: datetime) -> str:
    """Make the header `Noroam-Signature` of a request that is sent at `at`."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def is_signed(
    secret: str, header: str, body: bytes, now: datetime, tolerance_s: float = TOLERANCE_S
) -> bool:
    """Tell whether a request is ours and new, in constant time; `header` is as it came."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    seconds, given = parts.get("t", ""), parts.get("v1", "")
    if not (seconds.isascii() and seconds.isdecimal() and given.isascii()):
        return False
    is_new = abs(now.timestamp() - int(seconds)) <= tolerance_s
    return hmac.compare_digest(_mac(secret, int(seconds), body), given) and is_new


def _mac(secret: str, seconds: int, body: bytes) -> str:
    return hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
