"""Who may connect: decided before the upgrade, so that a refusal is a plain HTTP answer.

OCPP-J would have the server accept and then close for a wrong subprotocol; refusing at once tells
the charge point more, and costs less.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.register import ChargePointConfig, ConfigError, password_matches

SUBPROTOCOL = "ocpp1.6"
_NEEDS_TLS = 2
"""The security profile from which on a plain socket is not enough; ours is plain."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,48}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a handshake is turned away."""

    status: HTTPStatus
    text: str


def read_id(path: str) -> str | None:
    """Give the charge point id that a request path ends in; None for one that is no id."""
    try:
        segment = unquote(urlsplit(path).path.rsplit("/", 1)[-1], errors="strict")
    except (UnicodeDecodeError, ValueError):
        return None
    return segment if _ID.fullmatch(segment) else None


def offers_ocpp(header: str | None) -> bool:
    """Tell whether the subprotocols that a charge point offers hold ocpp1.6."""
    return SUBPROTOCOL in [item.strip() for item in (header or "").split(",")]


def read_credentials(header: str | None) -> tuple[str, bytes] | None:
    """Read a Basic Authorization header (RFC 7617) as user name and password.

    The password of OCPP's security profile 1 may be any bytes, a colon included.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


class Gatekeeper:
    """Checks handshakes against the register."""

    def __init__(self, bus: Bus, credential_key: str) -> None:
        """`credential_key` keys the password hashes of the register."""
        self._bus = bus
        self._key = credential_key

    async def check(
        self, path: str, subprotocols: str | None, authorization: str | None
    ) -> ChargePointConfig | Refusal:
        """Let a charge point in, or say why not. Raises BusUnavailableError."""
        if not offers_ocpp(subprotocols):
            return Refusal(HTTPStatus.BAD_REQUEST, f"subprotocol {SUBPROTOCOL} is needed\n")
        charge_point_id = read_id(path)
        if charge_point_id is None:
            return Refusal(HTTPStatus.BAD_REQUEST, "the path ends in no charge point id\n")
        fields = await self._bus.read(keys.config(charge_point_id))
        if not fields:
            return Refusal(HTTPStatus.NOT_FOUND, "unknown charge point\n")
        try:
            config = ChargePointConfig.from_hash(charge_point_id, fields)
        except ConfigError:
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the register's entry is damaged\n")
        if not self._may_enter(config, authorization):
            return Refusal(HTTPStatus.UNAUTHORIZED, "wrong or missing credentials\n")
        return config

    def _may_enter(self, config: ChargePointConfig, authorization: str | None) -> bool:
        if config.security_profile >= _NEEDS_TLS:
            return False
        if config.password_hash is None and not authorization:
            return True
        user, password = read_credentials(authorization) or ("", b"")
        matches = config.password_hash is None or self._matches(config.password_hash, password)
        return matches and user == config.charge_point_id

    def _matches(self, expected: str, password: bytes) -> bool:
        """Compare in constant time; a key that is configured in hex may be sent as its bytes."""
        forms = (password, password.hex().encode(), password.hex().upper().encode())
        return any([password_matches(expected, form, self._key) for form in forms])  # noqa: C419 - all are compared, so that time tells nothing
