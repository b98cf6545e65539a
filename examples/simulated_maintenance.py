"""Firmware, diagnostics and logs of the simulated charge point: nothing is really fetched or sent.

The image of a firmware is, for its signature, the text of its location.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from ocpp.v16 import call
from ocpp.v16.enums import DiagnosticsStatus, FirmwareStatus, LogStatus, Reason, UploadLogStatus

from sdk.ids import utc_now
from simulated_hardware import Hardware
from simulated_outbox import say

_STEP_S = 0.1
Tell = Callable[[FirmwareStatus], object]


def image(location: str) -> bytes:
    """Give the simulated firmware that is at a location."""
    return location.encode()


class Maintenance:
    """Does one update, and one upload of each kind, at a time."""

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self._put = hardware.state.put
        self._failures = hardware.state.script.failures
        self._version = 0
        self._uploads: dict[str, asyncio.Task[None] | None] = {}
        self._rebooting: Callable[[], object] | None = None
        self.firmware: object = call.FirmwareStatusNotification(FirmwareStatus.idle)
        """What it told last, as it is told again when it is asked for."""
        self.diagnostics: object = call.DiagnosticsStatusNotification(DiagnosticsStatus.idle)
        self.log: object = call.LogStatusNotification(UploadLogStatus.idle, 0)

    @property
    def version(self) -> str:
        """The firmware's version."""
        return f"1.{self._version}"

    def update(self, retrieve_at: str) -> None:
        """Fetch and install a firmware (UpdateFirmware, 5.19)."""
        self._hardware.spawn(self._update(datetime.fromisoformat(retrieve_at), self._tell_plain))

    def update_signed(
        self, number: int, firmware: dict[str, Any], check: Callable[[], bool]
    ) -> None:
        """Do the same, with a signature for `check` (SignedUpdateFirmware, SW 5.3)."""
        retrieve_at = datetime.fromisoformat(firmware["retrieve_date_time"])

        def tell(status: FirmwareStatus) -> None:
            self.firmware = call.SignedFirmwareStatusNotification(status, number)
            self._put(self.firmware)

        if retrieve_at > utc_now():
            tell(FirmwareStatus.download_scheduled)
        self._hardware.spawn(self._update(retrieve_at, tell, check))

    def booted(self) -> None:
        """Go on after a boot: what was installed runs now."""
        if self._rebooting is not None:
            self._rebooting()
            self._rebooting = None

    async def _update(
        self, at: datetime, tell: Tell, check: Callable[[], bool] | None = None
    ) -> None:
        await asyncio.sleep(max(0.0, (at - utc_now()).total_seconds()))
        tell(FirmwareStatus.downloading)
        await asyncio.sleep(_STEP_S)
        if "firmware-download" in self._failures:
            tell(FirmwareStatus.download_failed)
            return
        tell(FirmwareStatus.downloaded)
        if check is not None:
            if not check():
                tell(FirmwareStatus.invalid_signature)
                return
            tell(FirmwareStatus.signature_verified)
        await self._hardware.charging.all_ended()
        tell(FirmwareStatus.installing)
        await asyncio.sleep(_STEP_S)
        if "firmware-install" in self._failures:
            tell(FirmwareStatus.installation_failed)
            return
        if check is not None:
            tell(FirmwareStatus.install_rebooting)
        self._version += 1
        say(f"installed firmware {self.version}")
        self._rebooting = lambda: tell(FirmwareStatus.installed)
        self._hardware.reset(Reason.reboot)

    def _tell_plain(self, status: FirmwareStatus) -> None:
        self.firmware = call.FirmwareStatusNotification(status)
        self._put(self.firmware)

    def send_diagnostics(self) -> str:
        """Upload diagnostics (GetDiagnostics, 5.9); gives the file's name."""

        def tell(status: str) -> None:
            self.diagnostics = call.DiagnosticsStatusNotification(DiagnosticsStatus(status))
            self._put(self.diagnostics)

        self._start_upload("diagnostics", self._send(tell, "UploadFailed"))
        return f"{self._hardware.state.options.id}-diagnostics.log"

    def send_log(self, number: int, kind: str) -> tuple[LogStatus, str]:
        """Upload a log (GetLog, SW 5.2); gives the status and the file's name."""

        def tell(status: str) -> None:
            self.log = call.LogStatusNotification(UploadLogStatus(status), number)
            self._put(self.log)

        cancelled = self._start_upload("log", self._send(tell, "UploadFailure"))
        status = LogStatus.accepted_canceled if cancelled else LogStatus.accepted
        return status, f"{self._hardware.state.options.id}-{kind}.log"

    def _start_upload(self, what: str, work: Coroutine[Any, Any, None]) -> bool:
        """Begin an upload; tells whether one of the same was under way, which is cancelled."""
        running = self._uploads.get(what)
        self._uploads[what] = self._hardware.spawn(work)
        return running is not None and running.cancel()

    async def _send(self, tell: Callable[[str], None], failed: str) -> None:
        tell("Uploading")
        await asyncio.sleep(_STEP_S)
        tell(failed if "upload" in self._failures else "Uploaded")
