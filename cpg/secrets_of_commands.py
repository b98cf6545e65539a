"""Commands as they may be kept: without passwords. Pure."""

from cpg.locations import shown_location
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.operations import (
    ChangeConfiguration,
    GetDiagnostics,
    GetLog,
    SignedUpdateFirmware,
    UpdateFirmware,
)
from sdk.secret_names import is_secret_name

_HIDDEN = "*" * 16
"""As long as the shortest password, so that it can be read again."""


def without_secrets(envelope: Envelope) -> Envelope:
    """Give a command with masks for what opens a door, of the charge point or of a file server."""
    shown = _shown(envelope.body)
    return envelope if shown is envelope.body else envelope.model_copy(update={"body": shown})


def hides_value(body: Body) -> bool:
    """Tell whether a command sets what may not be shown."""
    return isinstance(body, ChangeConfiguration) and is_secret_name(body.key)


def _shown(body: Body) -> Body:
    match body:
        case ChangeConfiguration() if hides_value(body):
            return body.model_copy(update={"value": _HIDDEN})
        case GetDiagnostics() | UpdateFirmware():
            return body.model_copy(update={"location": shown_location(body.location)})
        case GetLog(log=log):
            where = shown_location(log.remote_location)
            return body.model_copy(
                update={"log": log.model_copy(update={"remote_location": where})}
            )
        case SignedUpdateFirmware(firmware=firmware):
            where = shown_location(firmware.location)
            part = firmware.model_copy(update={"location": where})
            return body.model_copy(update={"firmware": part})
        case _:
            return body
