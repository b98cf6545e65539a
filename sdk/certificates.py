"""The certificates on charge points, as they said themselves; written by the gateway."""

from typing import Literal

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.operations.certificates import CertificateUse
from sdk.fields import Frozen, Moment


class HeldCertificate(Frozen):
    """A certificate on a charge point, by its hashes (OCSP, RFC 6960); all are hexadecimal.

    `subject` and `expires_at` are known of what we sent; `issuer_key_hash` is empty where its
    issuer is not.
    """

    use: CertificateUse | Literal["ChargePointCertificate"]
    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"] = "SHA256"
    issuer_name_hash: str
    issuer_key_hash: str = ""
    serial_number: str
    subject: str | None = None
    expires_at: Moment | None = None
    at: Moment
    """When the charge point took or reported it."""

    @property
    def field(self) -> str:
        """The field of `{CP}:certificates`."""
        return certificate_field(self.serial_number, self.issuer_key_hash)


def certificate_field(serial_number: str, issuer_key_hash: str) -> str:
    """Name a certificate: serial numbers are unique with their issuer, and written in two cases."""
    return f"{serial_number.lstrip('0').casefold()}:{issuer_key_hash.casefold()}"


async def read_certificates(bus: Bus, charge_point_id: str) -> tuple[HeldCertificate, ...]:
    """Read them by use and serial number. Raises BusUnavailableError."""
    stored = await bus.read(keys.certificates(charge_point_id))
    held = [HeldCertificate.model_validate_json(text) for text in stored.values()]
    return tuple(sorted(held, key=lambda one: (one.use, one.serial_number)))
