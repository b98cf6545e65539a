"""What a charge point answers that says yes to whatever it is asked."""

from collections.abc import Mapping

from cpg_world import Json

from sdk.events.ocpp16.messages import FROM_CENTRAL_SYSTEM

WILLING: Mapping[str, Json] = {
    **{action: {"status": "Accepted"} for action in FROM_CENTRAL_SYSTEM},
    "GetConfiguration": {},
    "GetDiagnostics": {"fileName": "diagnostics.log"},
    "GetInstalledCertificateIds": {"status": "NotFound"},
    "GetLocalListVersion": {"listVersion": 0},
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": {},
}
