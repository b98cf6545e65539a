"""What a proxy that ends TLS tells of whom it forwards; heard from trusted proxies only. Pure.

Nothing is guessed: where a trusted proxy contradicts itself the handshake is refused. A proxy has
to set, or take away, all four headers, as a client can send them too.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from cryptography import x509
from cryptography.x509.oid import NameOID

from cpg.security_profiles import PLAIN, ClientCertificate, Offer

FORWARDED_FOR, FORWARDED_PROTO = "X-Forwarded-For", "X-Forwarded-Proto"
CLIENT_VERIFY, CLIENT_DN = "X-SSL-Client-Verify", "X-SSL-Client-S-DN"
_IS_ENCRYPTED = {"https": True, "wss": True, "http": False, "ws": False}
_VERIFIED = "SUCCESS"
_LONGEST = 2_048
_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")
_SLASH = re.compile(r"/(?=[A-Za-z][A-Za-z0-9.-]*=)")
_NAMES = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "EMAILADDRESS": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "title": NameOID.TITLE,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
}

IpAddress = IPv4Address | IPv6Address
Headers = Callable[[str], Sequence[str]]
"""Gives all values of a header, in their order."""


class ForwardingError(ValueError):
    """A trusted proxy says what can't be understood in one way only."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who connects: the address that attempts are counted by, and what the connection offers."""

    address: str
    offer: Offer


class Proxies:
    """The proxies that are believed."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Trust addresses and networks, e.g. 10.0.0.0/8. Raises ValueError for what is none."""
        self._networks = [ip_network(network) for network in networks]

    def origin(self, address: str, offer: Offer, headers: Headers) -> Origin:
        """Say who is behind a peer of this address, which offers this. Raises ForwardingError."""
        if not self._networks or not self._trusts(_read_address(address)):
            return Origin(address, offer)
        return Origin(self._last_stranger(address, headers), _forwarded_offer(headers))

    def _last_stranger(self, address: str, headers: Headers) -> str:
        """Give the last hop that is no proxy of ours: what is left of it anybody can have written.

        Several headers are one list (RFC 9110, 5.3).
        """
        hops = [hop.strip() for value in headers(FORWARDED_FOR) for hop in value.split(",")]
        last = address
        for hop in reversed(hops):
            ip = _read_address(hop)
            if ip is None:
                raise ForwardingError(FORWARDED_FOR)
            last = str(ip)
            if not self._trusts(ip):
                return last
        return last

    def _trusts(self, ip: IpAddress | None) -> bool:
        return ip is not None and any(ip in network for network in self._networks)


def read_dn(text: str) -> ClientCertificate:
    """Read CN and O of a subject, as RFC 2253 or with slashes writes it. Raises ForwardingError."""
    pairs = _slashed(text) if text.startswith("/") else _rfc2253(text)
    names = [value for name, value in pairs if name == "CN"]
    owners = [value for name, value in pairs if name == "O"]
    if len(names) != 1 or len(owners) > 1:
        raise ForwardingError(CLIENT_DN)
    return ClientCertificate(names[0], owners[0] if owners else "")


def _forwarded_offer(headers: Headers) -> Offer:
    protocol = _only(headers, FORWARDED_PROTO)
    is_encrypted = None if protocol is None else _IS_ENCRYPTED.get(protocol.lower())
    if protocol is not None and is_encrypted is None:
        raise ForwardingError(FORWARDED_PROTO)
    subject = _only(headers, CLIENT_DN)
    if _only(headers, CLIENT_VERIFY) != _VERIFIED:
        return Offer(is_encrypted=True) if is_encrypted else PLAIN
    if not subject or is_encrypted is False:
        raise ForwardingError(CLIENT_VERIFY)
    return Offer(is_encrypted=True, certificate=read_dn(subject))


def _only(headers: Headers, name: str) -> str | None:
    values = headers(name)
    if len(values) > 1 or any(len(value) > _LONGEST for value in values):
        raise ForwardingError(name)
    return values[0].strip() if values else None


def _rfc2253(text: str) -> list[tuple[str, str]]:
    try:
        # what is not ASCII in a header stands there as the bytes that came
        subject = text.encode("ascii", "surrogateescape").decode()
        name = x509.Name.from_rfc4514_string(subject, _NAMES)
        return [(each.rfc4514_attribute_name, _text(each.value)) for each in name]
    except ValueError as error:
        raise ForwardingError(CLIENT_DN) from error


def _slashed(text: str) -> list[tuple[str, str]]:
    """Split at what can only be the start of an attribute; nothing is escaped in this form."""
    pairs = [part.partition("=") for part in _SLASH.split(text)[1:]]
    return [(name, value) for name, _, value in pairs]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def _read_address(text: str) -> IpAddress | None:
    """Read an address, with a port or without."""
    if found := _WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"]
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    if not isinstance(ip, IPv6Address):
        return ip
    return None if ip.scope_id else ip.ipv4_mapped or ip
