"""Where the local certificate authority is, for whoever uses it."""

from pathlib import Path

from pydantic import Field

from sdk.ca.local import DEFAULT_DAYS
from sdk.settings import ServiceSettings


class AuthoritySettings(ServiceSettings):
    """`ca_days` is how many days a certificate is valid that is issued from now on."""

    ca_dir: Path | None = None
    ca_days: int = Field(default=DEFAULT_DAYS, ge=1, le=3650)

    @property
    def ca_folder(self) -> Path:
        """The authority's folder."""
        return self.ca_dir or self.data_dir / "ca"
