"""What the simulated charge point answers: the Core profile (OCPP 1.6 edition 2)."""

from functools import partial
from typing import Any

from ocpp.v16 import call, call_result
from ocpp.v16.enums import (
    ClearCacheStatus,
    ConfigurationStatus,
    DataTransferStatus,
    Reason,
    RemoteStartStopStatus,
    ResetStatus,
    TriggerMessageStatus,
)

from simulated_car import sample
from simulated_outbox import say
from simulated_parts import Answers, handles

VENDOR = "Noroam"
"""Whose DataTransfers it answers: it gives the data back."""


class CoreAnswers(Answers):
    """Core and RemoteTrigger."""

    @handles("RemoteStartTransaction")
    def remote_start(
        self,
        id_tag: str,
        connector_id: int | None = None,
        charging_profile: dict[str, Any] | None = None,
    ) -> call_result.RemoteStartTransaction:
        """Start for a tag (5.11)."""
        say(f"received RemoteStartTransaction {id_tag} on {connector_id}")
        accepted = self.parts.hardware.remote_start(id_tag, connector_id, charging_profile)
        return call_result.RemoteStartTransaction(_taken(taken=accepted))

    @handles("RemoteStopTransaction")
    def remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        """Stop a transaction (5.12)."""
        say(f"received RemoteStopTransaction {transaction_id}")
        accepted = self.parts.hardware.remote_stop(transaction_id)
        return call_result.RemoteStopTransaction(_taken(taken=accepted))

    @handles("GetConfiguration")
    def get_configuration(self, key: list[str] | None = None) -> call_result.GetConfiguration:
        """Tell configuration keys (5.8)."""
        known, unknown = self.state.configuration.tell(key)
        return call_result.GetConfiguration(configuration_key=known, unknown_key=unknown)

    @handles("ChangeConfiguration")
    def change_configuration(self, key: str, value: str) -> call_result.ChangeConfiguration:
        """Change a configuration key (5.3)."""
        name = self.state.configuration.find(key)
        if name is not None and not self.parts.security.may_change(name, value):
            return call_result.ChangeConfiguration(ConfigurationStatus.rejected)
        status = self.state.configuration.change(key, value)
        say(f"received ChangeConfiguration {key}: {status}")
        if name == "AuthorizationKey":
            self.afterwards(self.parts.reconnect)
        return call_result.ChangeConfiguration(status)

    @handles("ChangeAvailability")
    def change_availability(self, connector_id: int, type: str) -> call_result.ChangeAvailability:  # noqa: A002 - OCPP's own name
        """Take a connector out of service, or back (5.2)."""
        status = self.parts.hardware.make(connector_id, operative=type == "Operative")
        say(f"received ChangeAvailability {type} of {connector_id}: {status}")
        return call_result.ChangeAvailability(status)

    @handles("ClearCache")
    def clear_cache(self) -> call_result.ClearCache:
        """Forget the tags that it learnt (5.4)."""
        done = self.state.tags.clear_cache()
        status = ClearCacheStatus.accepted if done else ClearCacheStatus.rejected
        return call_result.ClearCache(status)

    @handles("UnlockConnector")
    def unlock(self, connector_id: int) -> call_result.UnlockConnector:
        """Unlock a plug, which ends its transaction (5.18)."""
        say(f"received UnlockConnector {connector_id}")
        return call_result.UnlockConnector(self.parts.hardware.unlock(connector_id))

    @handles("Reset")
    def reset(self, type: str) -> call_result.Reset:  # noqa: A002 - OCPP's own name
        """Start again, after the transactions have ended (5.14)."""
        say(f"received Reset {type}")
        self.afterwards(partial(self.parts.hardware.reset, Reason(f"{type}Reset")))
        return call_result.Reset(ResetStatus.accepted)

    @handles("DataTransfer")
    def data_transfer(
        self, vendor_id: str, message_id: str | None = None, data: str | None = None
    ) -> call_result.DataTransfer:
        """Give back what its own vendor sends (5.6)."""
        if vendor_id != VENDOR:
            return call_result.DataTransfer(DataTransferStatus.unknown_vendor_id)
        if message_id not in (None, "echo"):
            return call_result.DataTransfer(DataTransferStatus.unknown_message_id)
        return call_result.DataTransfer(DataTransferStatus.accepted, data)

    @handles("TriggerMessage")
    def trigger(
        self, requested_message: str, connector_id: int | None = None
    ) -> call_result.TriggerMessage:
        """Send a message that is asked for (5.17)."""
        return call_result.TriggerMessage(self.triggered(requested_message, connector_id))

    def triggered(self, wanted: str, connector_id: int | None) -> TriggerMessageStatus:
        """Send a message, or say why not."""
        if not self.state.knows(connector_id):
            return TriggerMessageStatus.rejected
        plugs = self.state.at(connector_id)
        requests: dict[str, list[object]] = {
            "BootNotification": [self.parts.boot()],
            "DiagnosticsStatusNotification": [self.parts.maintenance.diagnostics],
            "FirmwareStatusNotification": [self.parts.maintenance.firmware],
            "LogStatusNotification": [self.parts.maintenance.log],
            "Heartbeat": [call.Heartbeat()],
            "MeterValues": [sample(plug, 0.0) for plug in plugs],
            "StatusNotification": [plug.told() for plug in plugs],
        }
        if wanted not in requests:
            return TriggerMessageStatus.not_implemented
        for request in requests[wanted]:
            self.state.put(request)
        return TriggerMessageStatus.accepted


def _taken(*, taken: bool) -> RemoteStartStopStatus:
    return RemoteStartStopStatus.accepted if taken else RemoteStartStopStatus.rejected
