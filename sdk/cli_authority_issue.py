"""Issuing a credential from the command line: over which keys, until when, and kept where."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from sdk.cli_context import run_on_bus, settings
from sdk.did.identifier import same_did
from sdk.errors import InvalidInputError
from sdk.faults import first_fault
from sdk.p2p.keys import load_key
from sdk.register import Register

if TYPE_CHECKING:
    from sdk.did.credential import StationSubject

_LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Peer:
    """The P2P server's public keys, 64 hex digits each."""

    ed25519: str
    x25519: str

    @classmethod
    def of(cls, ed25519: str | None, x25519: str | None) -> "Peer":
        """Take both keys as given; without them those of this machine's P2P server."""
        if ed25519 is not None and x25519 is not None:
            return cls(ed25519, x25519)
        if ed25519 is not x25519:
            raise InvalidInputError("--ed25519 and --x25519 belong together: see `noroam p2p-key`")
        return cls.of_file(settings().p2p_key)

    @classmethod
    def of_file(cls, file: Path) -> "Peer":
        """Take those of a key file, which must be there. Raises InvalidInputError."""
        if not file.exists():
            raise InvalidInputError(
                f"{file} does not exist: give --ed25519 and --x25519, as `noroam p2p-key` prints "
                "them where the P2P server runs"
            )
        own = load_key(file)
        return cls(own.ed25519, own.x25519)

    def subject(self, charge_point_id: str, did: str) -> "StationSubject":
        """Give what is vouched for: this peer speaks for the station. Raises InvalidInputError."""
        from sdk.did.credential import StationSubject  # noqa: PLC0415 - slow to load
        from sdk.did.identifier import EthrDid  # noqa: PLC0415

        try:
            return StationSubject(
                did=did,
                charge_point_id=charge_point_id,
                account=EthrDid.parse(did).address,
                ed25519=self.ed25519,
                x25519=self.x25519,
            )
        except ValidationError as error:
            raise InvalidInputError(first_fault(error)) from None


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when a credential holds."""

    start: datetime
    end: datetime

    @classmethod
    def of(
        cls, now: datetime, days: int | None, until: str | None, default_days: int | None = None
    ) -> "Term":
        """Read the options `--days` and `--until`. Raises InvalidInputError."""
        if days is not None and until is not None:
            raise InvalidInputError("give either --days or --until")
        if until is not None:
            return cls(now, _moment(until, now))
        chosen = days or default_days
        if chosen is None:
            raise InvalidInputError("give --days or --until")
        return cls(now, now + timedelta(days=chosen))


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(
            f"--until: {text} is no day or moment, such as 2030-12-31"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not now < moment <= now + _LONGEST:
        raise InvalidInputError("--until: is in the past, or more than ten years ahead")
    return moment


def issue_credential(
    key_file: Path, subject: "StationSubject", term: Term, replaces: str | None = None
) -> str:
    """Issue with the keystore in `key_file`, and keep it in the journal beside.

    Slow on purpose (scrypt). Raises SettingsError, KeyFileError, InvalidInputError.
    """
    from sdk.chain.accounts import load_keystore  # noqa: PLC0415 - slow to load
    from sdk.did.authority import issue_station_credential  # noqa: PLC0415
    from sdk.did.issued import IssuedJournal  # noqa: PLC0415

    authority = load_keystore(key_file, settings().require_authority_password())
    start, end = term.start, term.end
    token = issue_station_credential(authority, subject, start, end - start)
    IssuedJournal.beside(key_file).note_issued(token, start, replaces)
    return token


def registered_did(charge_point_id: str, wanted: str | None = None) -> str:
    """Give a charge point's DID; InvalidInputError where `wanted` is another one."""
    did = run_on_bus(lambda bus: Register(bus).get(charge_point_id)).did
    if wanted is not None and not same_did(wanted, did):
        raise InvalidInputError(f"the DID of {charge_point_id} is {did} in the register")
    return did


def store_credential(charge_point_id: str, token: str) -> None:
    """Put a credential into the register. Raises UnknownChargePointError, UnavailableError."""
    run_on_bus(lambda bus: Register(bus).set(charge_point_id, credential=token))
