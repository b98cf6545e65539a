"""The cookie by which a browser is known again that an account signed in with before. Pure.

It opens nothing: it only lets the browser wait for its own wrong passwords, and not for those that
strangers try. It is signed with the account's generation, so that another password makes all
browsers strangers, and there is one for each account, as a desk may be shared.
"""

import hmac
import re

from sdk.accounts import StoredAccount
from session_manager.sign_in_cookie import parts_of

LIVES_S = 180 * 24 * 3600
"""How long a browser keeps it; each sign-in gives it anew."""
_NAME = "noroam_device_"
_ONLY_TLS = "__Secure-"
_VALUE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})")


def device_in(cookies: str, account: StoredAccount, *, secure: bool) -> str | None:
    """Find the device's id in a Cookie header; None: the account never signed in with it."""
    for name, value in parts_of(cookies):
        found = _VALUE.fullmatch(value) if name == _name(account, secure=secure) else None
        if found and hmac.compare_digest(found[2], _signature(account, found[1])):
            return found[1]
    return None


def device_given(account: StoredAccount, device: str, path: str, *, secure: bool) -> str:
    """Write the Set-Cookie header; it is sent to `path` alone. `device`: 16 random bytes, hex."""
    value = f"{device}.{_signature(account, device)}"
    end = "; Secure" if secure else ""
    name = _name(account, secure=secure)
    return f"{name}={value}; Path={path}; Max-Age={LIVES_S}; HttpOnly; SameSite=Strict{end}"


def _name(account: StoredAccount, *, secure: bool) -> str:
    return f"{_ONLY_TLS if secure else ''}{_NAME}{account.id}"


def _signature(account: StoredAccount, device: str) -> str:
    told = f"{account.id}:{device}".encode()
    return hmac.digest(account.generation.encode(), told, "sha256").hex()
