"""What this Session Manager registers charge points with: where its keys are, and its chain."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from sdk.charge_point_config import password_hash
from sdk.station_key import StationKey
from session_manager.api.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Registrar:
    """The folder and password of the stations' keystores, the chain, and CREDENTIAL_KEY."""

    keys_folder: Path
    keys_password: SecretStr | None
    credential_key: SecretStr | None
    chain_id: int

    def new_key(self) -> StationKey:
        """Give the key that a station is to have. Raises ProblemError (422)."""
        if self.keys_password is None:
            raise ProblemError(
                422,
                "No key can be made for it, as this Session Manager has no KEYS_PASSWORD: give the "
                "`did` of a key that it has, or register it by command.",
            )
        return StationKey(self.keys_folder, self.keys_password.get_secret_value())

    def password_hash(self, password: str) -> str:
        """Give what is kept of a charge point's password. Raises ProblemError (503)."""
        if self.credential_key is None:
            raise ProblemError(503, "CREDENTIAL_KEY is not set, so no password can be kept.")
        return password_hash(password, self.credential_key.get_secret_value())
