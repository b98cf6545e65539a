"""GetConfiguration of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated

from pydantic import Field

from sdk.events.ocpp_part import OcppPart

KeyItem = Annotated[str, Field(max_length=50)]


class GetConfigurationRequest(OcppPart):
    """GetConfiguration.req."""

    key: tuple[KeyItem, ...] | None = None


class ConfigurationKeyItem(OcppPart):
    key: Annotated[str, Field(max_length=50)]
    readonly: bool
    value: Annotated[str | None, Field(max_length=500)] = None


UnknownKeyItem = Annotated[str, Field(max_length=50)]


class GetConfigurationResponse(OcppPart):
    """GetConfiguration.conf."""

    configuration_key: Annotated[
        tuple[ConfigurationKeyItem, ...] | None, Field(alias="configurationKey")
    ] = None
    unknown_key: Annotated[tuple[UnknownKeyItem, ...] | None, Field(alias="unknownKey")] = None
