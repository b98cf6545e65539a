"""Who may connect: decided before the upgrade, so that a refusal is a plain HTTP answer.

OCPP-J would have the server accept and then close for a wrong subprotocol; refusing at once tells
the charge point more, and costs less.
"""

import base64
import binascii
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from cpg.attempts import Attempts
from cpg.quarantine import Quarantine, Stranger
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.register import ChargePointConfig, ConfigError, password_hash, password_matches

SUBPROTOCOL = "ocpp1.6"
_NEEDS_TLS = 2
"""The security profile from which on a plain socket is not enough; ours is plain."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,48}")
_LONGEST_HEADER = 1024
"""More than user name and password of OCPP take in base64."""
_BACK_SOON_S = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a handshake is turned away; `headers` are those of this refusal in particular."""

    status: HTTPStatus
    text: str
    headers: tuple[tuple[str, str], ...] = ()


def read_id(path: str) -> str | None:
    """Give the charge point id that a request path ends in; None for one that is no id."""
    segment = path.partition("?")[0].partition("#")[0].rpartition("/")[2]
    try:
        decoded = unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return None
    return decoded if _ID.fullmatch(decoded) else None


def offers_ocpp(header: str | None) -> bool:
    """Tell whether the subprotocols that a charge point offers hold ocpp1.6."""
    return SUBPROTOCOL in [item.strip() for item in (header or "").split(",")]


def read_credentials(header: str | None) -> tuple[str, bytes] | None:
    """Read a Basic Authorization header (RFC 7617) as user name and password.

    The password of OCPP's security profile 1 may be any bytes, a colon included.
    """
    if header is None or len(header) > _LONGEST_HEADER:
        return None
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


class Gatekeeper:
    """Checks handshakes against the register; each one that gets so far reads it once."""

    def __init__(
        self,
        bus: Bus,
        credential_key: str,
        *,
        quarantine: Quarantine | None = None,
        attempts: Attempts | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`credential_key` keys the password hashes of the register.

        Without `quarantine` unknown charge points are refused. `seconds` never run backwards.
        """
        self._bus = bus
        self._key = credential_key
        self._quarantine = quarantine
        self._attempts = attempts or Attempts()
        self._seconds = seconds
        self._nobody = password_hash("", credential_key)

    async def check(
        self, path: str, subprotocols: str | None, authorization: str | None, address: str
    ) -> ChargePointConfig | Stranger | Refusal:
        """Let a charge point in, or say why not; `address` is the peer's, without its port."""
        if not offers_ocpp(subprotocols):
            return Refusal(HTTPStatus.BAD_REQUEST, f"subprotocol {SUBPROTOCOL} is needed\n")
        charge_point_id = read_id(path)
        if charge_point_id is None:
            return Refusal(HTTPStatus.BAD_REQUEST, "the path ends in no charge point id\n")
        if wait := self._attempts.look(address, charge_point_id, self._seconds()):
            return _too_many(wait)
        try:
            fields = await self._bus.read(keys.config(charge_point_id))
        except BusUnavailableError:
            return _unavailable("try again later\n")
        return self._judge(charge_point_id, fields, authorization, address)

    def _judge(
        self,
        charge_point_id: str,
        fields: Mapping[str, str],
        authorization: str | None,
        address: str,
    ) -> ChargePointConfig | Stranger | Refusal:
        # looked at again: others of the same kind were judged while the register was read
        if wait := self._attempts.look(address, charge_point_id, self._seconds()):
            return _too_many(wait)
        if not fields:
            return self._unknown(charge_point_id, authorization, address)
        try:
            config = ChargePointConfig.from_hash(charge_point_id, fields)
        except ConfigError:
            return _unavailable("the register's entry is damaged\n")
        if not self._may_enter(config, authorization):
            self._attempts.fail(address, charge_point_id, self._seconds())
            challenge = ("WWW-Authenticate", 'Basic realm="ocpp", charset="UTF-8"')
            text = "wrong or missing credentials\n"
            return Refusal(HTTPStatus.UNAUTHORIZED, text, (challenge,))
        self._attempts.connect(charge_point_id, self._seconds())
        return config

    def _unknown(
        self, charge_point_id: str, authorization: str | None, address: str
    ) -> Stranger | Refusal:
        if wait := self._attempts.miss(address, self._seconds()):
            return _too_many(wait)
        if self._quarantine is None:
            return Refusal(HTTPStatus.NOT_FOUND, "unknown charge point\n")
        if self._quarantine.full:
            return _too_many(self._quarantine.interval)
        self._attempts.connect(charge_point_id, self._seconds())
        user, password = read_credentials(authorization) or ("", b"")
        presented = password if user == charge_point_id else b""
        kept = password_hash(presented, self._key) if presented else None
        return Stranger(charge_point_id, kept, address)

    def _may_enter(self, config: ChargePointConfig, authorization: str | None) -> bool:
        """Judge credentials; all checks are made whatever the others say, so time tells nothing."""
        user, password = read_credentials(authorization) or ("", b"")
        own_name = hmac.compare_digest(user.encode(), config.charge_point_id.encode())
        right = self._matches(config.password_hash or self._nobody, password)
        if config.password_hash is None:
            allowed = own_name or not authorization
        else:
            allowed = own_name and right
        return allowed and config.security_profile < _NEEDS_TLS

    def _matches(self, expected: str, password: bytes) -> bool:
        """Compare in constant time; a key that is configured in hex may be sent as its bytes."""
        forms = (password, password.hex().encode(), password.hex().upper().encode())
        return any([password_matches(expected, form, self._key) for form in forms])  # noqa: C419 - all are compared


def _too_many(seconds: int) -> Refusal:
    headers = (("Retry-After", str(seconds)),)
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too many attempts\n", headers)


def _unavailable(text: str) -> Refusal:
    headers = (("Retry-After", str(_BACK_SOON_S)),)
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, text, headers)
