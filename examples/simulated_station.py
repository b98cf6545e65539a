"""What the simulated charge point answers beyond Core: all other profiles, and security's."""

from datetime import datetime
from typing import Any

from ocpp.v16 import call_result
from ocpp.v16.enums import (
    CancelReservationStatus,
    CertificateSignedStatus,
    ChargingProfileStatus,
    ClearChargingProfileStatus,
    GetCompositeScheduleStatus,
    GetInstalledCertificateStatus,
    TriggerMessageStatus,
    UpdateFirmwareStatus,
)

from sdk.ids import utc_now
from simulated_answers import CoreAnswers
from simulated_outbox import now, say
from simulated_parts import handles
from simulated_reservations import Reservation


class ProfileAnswers(CoreAnswers):
    """LocalAuthListManagement, Reservation, SmartCharging and FirmwareManagement."""

    @handles("GetLocalListVersion")
    def list_version(self) -> call_result.GetLocalListVersion:
        """Tell the version of the local list (5.10)."""
        say("received GetLocalListVersion")
        return call_result.GetLocalListVersion(self.state.tags.version)

    @handles("SendLocalList")
    def send_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
    ) -> call_result.SendLocalList:
        """Take a local list, or changes of it (5.15)."""
        entries = local_authorization_list or []
        status = self.state.tags.take_list(list_version, update_type, entries)
        say(f"received SendLocalList {update_type} {list_version}: {status}")
        return call_result.SendLocalList(status)

    @handles("ReserveNow")
    def reserve(
        self,
        connector_id: int,
        expiry_date: str,
        id_tag: str,
        reservation_id: int,
        parent_id_tag: str | None = None,
    ) -> call_result.ReserveNow:
        """Keep a connector for a tag (5.13)."""
        ends = datetime.fromisoformat(expiry_date)
        wanted = Reservation(reservation_id, connector_id, id_tag, parent_id_tag, ends)
        status = self.parts.hardware.reserve(wanted)
        say(f"received ReserveNow {reservation_id} of {connector_id}: {status}")
        return call_result.ReserveNow(status)

    @handles("CancelReservation")
    def cancel_reservation(self, reservation_id: int) -> call_result.CancelReservation:
        """Let a reservation go (5.1)."""
        done = self.parts.hardware.cancel(reservation_id)
        status = CancelReservationStatus.accepted if done else CancelReservationStatus.rejected
        return call_result.CancelReservation(status)

    @handles("SetChargingProfile")
    def set_profile(
        self, connector_id: int, cs_charging_profiles: dict[str, Any]
    ) -> call_result.SetChargingProfile:
        """Take a charging profile (5.16)."""
        status = ChargingProfileStatus.rejected
        if self.state.knows(connector_id):
            plug = self.state.plugs.get(connector_id)
            running = plug.transaction.number if plug and plug.transaction else None
            status = self.state.profiles.install(connector_id, cs_charging_profiles, running)
        say(f"received SetChargingProfile for {connector_id}: {status}")
        return call_result.SetChargingProfile(status)

    @handles("ClearChargingProfile")
    def clear_profile(
        self,
        id: int | None = None,  # noqa: A002 - OCPP's own name
        connector_id: int | None = None,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
    ) -> call_result.ClearChargingProfile:
        """Remove charging profiles (5.5)."""
        done = self.state.profiles.clear(id, connector_id, charging_profile_purpose, stack_level)
        known, unknown = ClearChargingProfileStatus.accepted, ClearChargingProfileStatus.unknown
        return call_result.ClearChargingProfile(known if done else unknown)

    @handles("GetCompositeSchedule")
    def composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str = "W"
    ) -> call_result.GetCompositeSchedule:
        """Tell what the charging profiles come to (5.7)."""
        if not self.state.knows(connector_id):
            return call_result.GetCompositeSchedule(GetCompositeScheduleStatus.rejected)
        plug = self.state.plugs.get(connector_id)
        began = plug.transaction.started_at if plug and plug.transaction else utc_now()
        periods = self.state.profiles.composite(
            connector_id, duration, charging_rate_unit, self.state.options.power, began
        )
        schedule = {
            "duration": duration,
            "charging_rate_unit": charging_rate_unit,
            "charging_schedule_period": periods,
        }
        return call_result.GetCompositeSchedule(
            GetCompositeScheduleStatus.accepted, connector_id, now(), schedule
        )

    @handles("UpdateFirmware")
    def update_firmware(self, retrieve_date: str, **_: object) -> call_result.UpdateFirmware:
        """Fetch and install a firmware (5.19)."""
        self.parts.maintenance.update(retrieve_date)
        return call_result.UpdateFirmware()

    @handles("GetDiagnostics")
    def diagnostics(self, **_: object) -> call_result.GetDiagnostics:
        """Upload diagnostics (5.9)."""
        return call_result.GetDiagnostics(self.parts.maintenance.send_diagnostics())


class Station(ProfileAnswers):
    """All of them, with those of "Improved security for OCPP 1.6-J", edition 3 (chapter 5)."""

    @handles("ExtendedTriggerMessage")
    def extended_trigger(
        self, requested_message: str, connector_id: int | None = None
    ) -> call_result.ExtendedTriggerMessage:
        """Send a message that is asked for."""
        if requested_message == "SignChargePointCertificate":
            self.parts.security.request_certificate()
            return call_result.ExtendedTriggerMessage(TriggerMessageStatus.accepted)
        return call_result.ExtendedTriggerMessage(self.triggered(requested_message, connector_id))

    @handles("CertificateSigned")
    def certificate_signed(self, certificate_chain: str) -> call_result.CertificateSigned:
        """Take its own certificate."""
        done = self.parts.security.take_certificate(certificate_chain)
        accepted, rejected = CertificateSignedStatus.accepted, CertificateSignedStatus.rejected
        return call_result.CertificateSigned(accepted if done else rejected)

    @handles("InstallCertificate")
    def install(self, certificate_type: str, certificate: str) -> call_result.InstallCertificate:
        """Trust a root."""
        status = self.parts.security.install(certificate_type, certificate)
        say(f"received InstallCertificate {certificate_type}: {status}")
        return call_result.InstallCertificate(status)

    @handles("GetInstalledCertificateIds")
    def installed(self, certificate_type: str) -> call_result.GetInstalledCertificateIds:
        """Tell whom it trusts."""
        held = self.parts.security.installed(certificate_type)
        found, none = (
            GetInstalledCertificateStatus.accepted,
            GetInstalledCertificateStatus.not_found,
        )
        return call_result.GetInstalledCertificateIds(found if held else none, held or None)

    @handles("DeleteCertificate")
    def delete(self, certificate_hash_data: dict[str, Any]) -> call_result.DeleteCertificate:
        """Trust a root no longer."""
        status = self.parts.security.delete(certificate_hash_data)
        return call_result.DeleteCertificate(status)

    @handles("GetLog")
    def get_log(self, log_type: str, request_id: int, **_: object) -> call_result.GetLog:
        """Upload a log."""
        return call_result.GetLog(*self.parts.maintenance.send_log(request_id, log_type))

    @handles("SignedUpdateFirmware")
    def update_signed(
        self, request_id: int, firmware: dict[str, Any], **_: object
    ) -> call_result.SignedUpdateFirmware:
        """Fetch, check and install a firmware."""
        check = self.parts.security.signature_check(firmware)
        if check is None:
            return call_result.SignedUpdateFirmware(UpdateFirmwareStatus.invalid_certificate)
        self.parts.maintenance.update_signed(request_id, firmware, check)
        return call_result.SignedUpdateFirmware(UpdateFirmwareStatus.accepted)
