"""The cookie of a browser's session, and what a request by it has to show. Pure.

SameSite alone is not enough: another port of the same host is the same site. So what changes
something needs a header that a foreign page cannot send without being asked about first (Fetch,
CORS-preflight), and an `Origin` that is ours.
"""

import re
from collections.abc import Iterator, Mapping

from sdk.errors import InvalidInputError

COOKIE = "noroam_session"
ONLY_TLS = "__Host-"
"""Before the name, where it is `Secure`: no other host and no answer by http can set such a one."""
HEADER = "X-Noroam-Console"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class ForeignRequestError(InvalidInputError):
    """The request may come from another page, which uses the browser's cookie."""


def parts_of(cookies: str) -> Iterator[tuple[str, str]]:
    """Read a Cookie header: names and values."""
    for part in cookies.split(";"):  # by hand: what other cookies hold may be no cookie's syntax
        name, _, value = part.strip().partition("=")
        yield name, value


def token_in(cookies: str, *, secure: bool) -> str | None:
    """Find the session's token in a Cookie header; None for what can be none."""
    wanted = _name(secure=secure)
    found = (value for name, value in parts_of(cookies) if name == wanted)
    return next((value for value in found if _TOKEN.fullmatch(value)), None)


def given(token: str, seconds: int, *, secure: bool) -> str:
    """Write the Set-Cookie header that gives a token for `seconds`."""
    end = "; Secure" if secure else ""
    name = _name(secure=secure)
    return f"{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{end}"


def _name(*, secure: bool) -> str:
    return f"{ONLY_TLS}{COOKIE}" if secure else COOKIE


def taken(*, secure: bool) -> str:
    """Write the Set-Cookie header that takes it back."""
    return given("", 0, secure=secure)


def check_ours(method: str, headers: Mapping[str, str]) -> None:
    """Refuse what could be another page's doing. Raises ForeignRequestError."""
    if method in SAFE:
        return
    check_origin(headers)
    if headers.get(HEADER) != "1":
        raise ForeignRequestError(f"A change by cookie needs the header {HEADER}: 1.")


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuse an `Origin` of another page; there need not be one. Raises ForeignRequestError."""
    origin = headers.get("Origin")
    if origin is not None and not is_ours(origin, headers.get("Host", "")):
        raise ForeignRequestError("The request comes from a page of another origin.")


def is_ours(origin: str, host: str) -> bool:
    """Tell whether a page's origin is the host that it asks (RFC 6454).

    The scheme is left out: before a proxy that ends TLS it is another than behind it.
    """
    scheme, _, rest = origin.partition("://")
    return bool(host) and scheme in ("http", "https") and rest.lower() == host.lower()
