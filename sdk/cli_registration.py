"""What the commands share that register a charge point: `add`, and `admit` out of quarantine."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdk import cli_options as options
from sdk.cli_context import CliSettings
from sdk.errors import InvalidInputError
from sdk.register import ChargePointConfig, password_hash
from sdk.registration import WITH_PASSWORD
from sdk.settings import SettingsError

if TYPE_CHECKING:
    from sdk.station_key import StationKey

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="The station's keystore (else: a new one is made in KEYS_DIR)."
    ),
]


def _no_chain_id() -> int:
    raise SettingsError("CHAIN_ID: is missing, and so is --chain-id")


ChainId = Annotated[
    int,
    typer.Option(
        "--chain-id",
        envvar="CHAIN_ID",
        min=1,
        default_factory=_no_chain_id,
        show_default=False,
        help="The chain of the DID.",
    ),
]

SecurityProfile = Annotated[
    int | None,
    typer.Option(
        "--security-profile",
        min=0,
        max=3,
        help="The least that it must connect with: 0 nothing, 1 a password, 2 TLS and a password, "
        "3 TLS and a client certificate (1, or 0 with --no-password).",
    ),
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a command was told of how a charge point signs in; None: nothing."""

    password: options.ChosenPassword | None
    profile: int | None

    def fields(
        self, environment: CliSettings, before: ChargePointConfig | None = None
    ) -> dict[str, Any]:
        """Give the fields that this sets in what was `before`; a password never lowers a profile.

        Raises SettingsError, InvalidInputError for a profile without the password that it needs.
        """
        stored = before.security_profile if before else 0
        has_password = before is not None and before.password_hash is not None
        fields: dict[str, Any] = {}
        profile = self.profile
        if self.password is not None:
            kept = self.password.value
            has_password = kept is not None
            key = environment.require_credential_key() if kept is not None else ""
            fields["password_hash"] = password_hash(kept, key) if kept is not None else None
            if before is not None:
                fields["next_password_hash"] = None
            if profile is None:
                profile = max(1, stored) if has_password else _without_password(stored)
        if profile in WITH_PASSWORD and not has_password:
            raise InvalidInputError(f"security profile {profile} needs a password")
        if self.profile is not None and before is not None:
            fields["next_security_profile"] = None
        return fields if profile is None else {**fields, "security_profile": profile}


def _without_password(stored: int) -> int:
    return 0 if stored == 1 else stored


def station_key(environment: CliSettings, key_file: Path | None) -> "StationKey":
    """Give the key that the station is to have. Raises SettingsError."""
    from sdk.station_key import StationKey  # noqa: PLC0415 - a third of a second that only this needs

    return StationKey(environment.keys_folder, environment.require_keys_password(), key_file)
