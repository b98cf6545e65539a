"""OCPP's security profiles: what a connection offers, and whether that is enough. Pure.

0: plain, nothing shown. 1: plain, the right password. 2: TLS, the right password. 3: TLS and a
client certificate of a trusted root, whose CN is the charge point's id (and whose O is the
operator's name, where one is set). See OCPP 1.6 security whitepaper, section 2.
"""

from dataclasses import dataclass, field
from typing import Any

from sdk.charge_point_config import ChargePointConfig


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Whose certificate it is, as its subject says; it was verified before."""

    common_name: str
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a connection has of itself, before credentials are looked at."""

    is_encrypted: bool = False
    certificate: ClientCertificate | None = None


PLAIN = Offer()


@dataclass(frozen=True, slots=True)
class Shown:
    """What the Authorization header is worth: whether it is there, names the charge point, ...

    ... and holds its password, or the next one.
    """

    is_given: bool
    own_name: bool
    is_present: bool
    is_next: bool

    @property
    def is_right(self) -> bool:
        """Whether it shows a password that is stored."""
        return self.own_name and (self.is_present or self.is_next)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A charge point that may enter; `proven` are fields of its configuration to be changed.

    `profile` is what its connection has shown.
    """

    config: ChargePointConfig
    proven: dict[str, Any] = field(default_factory=dict, repr=False)
    profile: int = 0

    @property
    def charge_point_id(self) -> str:
        """Its id."""
        return self.config.charge_point_id


def judge(
    config: ChargePointConfig, offer: Offer, shown: Shown, organization: str | None
) -> Admitted | str:
    """Let in, or give the reason for the log; `organization` is what O has to be, if anything."""
    is_certified = False
    if offer.certificate is not None:
        if offer.certificate.common_name != config.charge_point_id:
            return f"its certificate is of {offer.certificate.common_name[:48]!r}"
        if organization is not None and offer.certificate.organization != organization:
            return f"its certificate is of the operator {offer.certificate.organization[:64]!r}"
        is_certified = True
    if not is_certified:
        if config.password_hash is not None and not shown.is_right:
            return "wrong or no password"
        if shown.is_given and not shown.own_name:
            return "credentials of somebody else"
    profile = _offered(offer, shown, is_certified=is_certified)
    if profile < config.security_profile:
        return f"offers security profile {profile}, needs {config.security_profile}"
    return Admitted(config, _proven(config, shown, profile), profile)


def _offered(offer: Offer, shown: Shown, *, is_certified: bool) -> int:
    if is_certified:
        return 3
    if not shown.is_right:
        return 0
    return 2 if offer.is_encrypted else 1


def _proven(config: ChargePointConfig, shown: Shown, profile: int) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if shown.own_name and shown.is_next:
        changes["password_hash"] = config.next_password_hash
    sent = config.next_security_profile
    if sent is not None and config.security_profile < sent <= profile:
        changes["security_profile"] = sent
    return changes
