"""The configuration keys of the simulated charge point (OCPP 1.6 edition 2, chapter 9)."""

from dataclasses import dataclass
from typing import Literal

from ocpp.v16.enums import ConfigurationStatus

from simulated_options import Options

Kind = Literal["boolean", "number", "text"]


@dataclass
class Key:
    """One key; `is_secret`: it can be written and not be read."""

    value: str
    kind: Kind = "text"
    readonly: bool = False
    needs_reboot: bool = False
    is_secret: bool = False

    def takes(self, value: str) -> bool:
        """Tell whether a value is one of this key."""
        if self.kind == "boolean":
            return value.lower() in ("true", "false")
        return self.kind == "text" or _is_number(value)


class Configuration:
    """All keys; names are compared in any spelling (CiString)."""

    def __init__(self, options: Options) -> None:
        self._keys = {**_writable(options), **_fixed(options)}

    def __getitem__(self, name: str) -> str:
        """Give a key's value. Raises KeyError."""
        return self._keys[name].value

    def number(self, name: str) -> float:
        """Give the value of a number's key."""
        return float(self._keys[name].value)

    def is_on(self, name: str) -> bool:
        """Give the value of a boolean's key."""
        return self._keys[name].value.lower() == "true"

    def set(self, name: str, value: str) -> None:
        """Change a key without being asked."""
        self._keys[name].value = value

    def find(self, name: str) -> str | None:
        """Give a key's own spelling; None: there is none."""
        return next((key for key in self._keys if key.lower() == name.lower()), None)

    def change(self, name: str, value: str) -> ConfigurationStatus:
        """Change a key as the central system asks."""
        found = self.find(name)
        if found is None:
            return ConfigurationStatus.not_supported
        key = self._keys[found]
        if key.readonly or not key.takes(value):
            return ConfigurationStatus.rejected
        key.value = value
        needs = ConfigurationStatus.reboot_required
        return needs if key.needs_reboot else ConfigurationStatus.accepted

    def tell(self, names: list[str] | None) -> tuple[list[dict[str, object]], list[str]]:
        """Give these keys, or all, as GetConfiguration.conf does, and the names not known."""
        wanted = names or list(self._keys)
        known = [found for name in wanted if (found := self.find(name)) is not None]
        told: list[dict[str, object]] = []
        for name in known:
            key = self._keys[name]
            item: dict[str, object] = {"key": name, "readonly": key.readonly}
            told.append(item if key.is_secret else item | {"value": key.value})
        return told, [name for name in wanted if self.find(name) is None]


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdecimal()


def _text(*, value: bool) -> str:
    return str(value).lower()


def _writable(options: Options) -> dict[str, Key]:
    has_list = _text(value=not options.no_local_list)
    booleans = {
        "AllowOfflineTxForUnknownId": "true",
        "AuthorizationCacheEnabled": "true",
        "AuthorizeRemoteTxRequests": _text(value=options.authorize),
        "LocalAuthListEnabled": has_list,
        "LocalAuthorizeOffline": "true",
        "LocalPreAuthorize": "true",
        "StopTransactionOnEVSideDisconnect": "true",
        "StopTransactionOnInvalidId": "true",
        "UnlockConnectorOnEVSideDisconnect": "true",
    }
    numbers = {
        "ClockAlignedDataInterval": "0",
        "ConnectionTimeOut": "60",
        "HeartbeatInterval": "60",
        "MeterValueSampleInterval": f"{options.interval:g}",
        "ResetRetries": "1",
        "TransactionMessageAttempts": "5",
        "TransactionMessageRetryInterval": "1",
    }
    return {
        **{name: Key(value, "boolean") for name, value in booleans.items()},
        **{name: Key(value, "number") for name, value in numbers.items()},
        "AuthorizationKey": Key(options.password, is_secret=True),
        "CpoName": Key(options.cpo_name),
        "MeterValuesSampledData": Key("Energy.Active.Import.Register,Power.Active.Import,SoC"),
        "SecurityProfile": Key(str(_profile(options)), "number", needs_reboot=True),
        "WebSocketPingInterval": Key("60", "number", needs_reboot=True),
    }


def _profile(options: Options) -> int:
    if options.url.startswith("wss:"):
        return 3 if options.certificate else 2
    return 1 if options.password else 0


def _fixed(options: Options) -> dict[str, Key]:
    features = ["Core", "FirmwareManagement", "RemoteTrigger", "Reservation", "SmartCharging"]
    if not options.no_local_list:
        features.append("LocalAuthListManagement")
    values = {
        "AdditionalRootCertificateCheck": "false",
        "CertificateSignedMaxChainSize": "10000",
        "CertificateStoreMaxLength": "20",
        "ChargeProfileMaxStackLevel": "9",
        "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
        "ChargingScheduleMaxPeriods": "24",
        "ConnectorPhaseRotation": "0.RST",
        "GetConfigurationMaxKeys": "100",
        "LocalAuthListMaxLength": "1000",
        "MaxChargingProfilesInstalled": "20",
        "NumberOfConnectors": str(options.connectors),
        "ReserveConnectorZeroSupported": "true",
        "SendLocalListMaxLength": str(options.list_maximum),
        "SupportedFeatureProfiles": ",".join(features),
    }
    return {name: Key(value, readonly=True) for name, value in values.items()}
