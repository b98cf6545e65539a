"""The base of all that OCPP messages are made of; the messages themselves are in `ocpp16`."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class OcppPart(BaseModel):
    """A message of OCPP 1.6, or a part of one: read by OCPP's names or by Python's."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )

    def to_ocpp(self) -> dict[str, Any]:
        """Give the JSON object that OCPP wants: its own names, absent fields left out."""
        return self.model_dump(mode="json", exclude_none=True)
