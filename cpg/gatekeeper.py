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
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote

from cpg.attempts import Attempts
from cpg.proxies import ForwardingError, Headers, Origin, Proxies
from cpg.quarantine import Quarantine, Stranger
from cpg.security_profiles import PLAIN, Admitted, Offer, Shown, judge
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.register import ChargePointConfig, ConfigError, password_hash, password_matches

SUBPROTOCOL = "ocpp1.6"
_ID = re.compile(r"[A-Za-z0-9._-]{1,48}")
_LONGEST_HEADER = 1024
"""More than user name and password of OCPP take in base64."""
_BACK_SOON_S = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a handshake is turned away; `headers` are those of this refusal in particular.

    `reason` is for the log alone: it would tell somebody who guesses how near he is.
    """

    status: HTTPStatus
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a gatekeeper believes: `organization` is the O of client certificates, if it matters."""

    proxies: Proxies = field(default_factory=Proxies)
    organization: str | None = None


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
        trust: Trust | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`credential_key` keys the password hashes of the register.

        Without `quarantine` unknown charge points are refused. `seconds` never run backwards.
        """
        self._bus = bus
        self._key = credential_key
        self._quarantine = quarantine
        self._attempts = attempts or Attempts()
        self._trust = trust or Trust()
        self._seconds = seconds
        self._nobody = password_hash("", credential_key)

    def hash_password(self, password: str) -> str:
        """Give what the register keeps of a password."""
        return password_hash(password, self._key)

    def origin(self, address: str, offer: Offer, headers: Headers) -> Origin | Refusal:
        """Say who is behind a peer: itself, or whom a trusted proxy forwards."""
        try:
            return self._trust.proxies.origin(address, offer, headers)
        except ForwardingError as error:
            text = "the proxy's headers cannot be understood\n"
            return Refusal(HTTPStatus.BAD_REQUEST, text, reason=str(error))

    async def check(
        self,
        path: str,
        subprotocols: str | None,
        authorization: str | None,
        address: str,
        offer: Offer = PLAIN,
    ) -> Admitted | Stranger | Refusal:
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
        return self._judge(charge_point_id, fields, authorization, Origin(address, offer))

    def _judge(
        self,
        charge_point_id: str,
        fields: Mapping[str, str],
        authorization: str | None,
        origin: Origin,
    ) -> Admitted | Stranger | Refusal:
        address = origin.address
        # looked at again: others of the same kind were judged while the register was read
        if wait := self._attempts.look(address, charge_point_id, self._seconds()):
            return _too_many(wait)
        if not fields:
            return self._unknown(charge_point_id, authorization, address)
        try:
            config = ChargePointConfig.from_hash(charge_point_id, fields)
        except ConfigError:
            return _unavailable("the register's entry is damaged\n")
        shown = self._read(config, authorization)
        verdict = judge(config, origin.offer, shown, self._trust.organization)
        if isinstance(verdict, str):
            self._attempts.fail(address, charge_point_id, self._seconds())
            challenge = ("WWW-Authenticate", 'Basic realm="ocpp", charset="UTF-8"')
            text = "wrong or missing credentials\n"
            return Refusal(HTTPStatus.UNAUTHORIZED, text, (challenge,), verdict)
        self._attempts.connect(charge_point_id, self._seconds())
        return verdict

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

    def _read(self, config: ChargePointConfig, authorization: str | None) -> Shown:
        """Check credentials; all checks are made whatever the others say, so time tells nothing."""
        user, password = read_credentials(authorization) or ("", b"")
        own_name = hmac.compare_digest(user.encode(), config.charge_point_id.encode())
        is_present = self._matches(config.password_hash or self._nobody, password)
        is_next = self._matches(config.next_password_hash or self._nobody, password)
        return Shown(
            is_given=bool(authorization),
            own_name=own_name,
            is_present=is_present and config.password_hash is not None,
            is_next=is_next and config.next_password_hash is not None,
        )

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
