"""The charge point's own list of idTags: follows the register as far as the charge point can."""

from collections.abc import Mapping
from typing import Any, Literal

from cpg.calls import Answered, Calls, Refused
from cpg.register import read_entry
from cpg.translate import write_time

_TIMEOUT_S = 5.0
_MOST_ENTRIES = 100


class LocalList:
    """What is known of one charge point's local list, and how it is kept."""

    def __init__(self, calls: Calls) -> None:
        """Keep the list over `calls`."""
        self._calls = calls
        self.supported: bool | None = None
        """None until the charge point has told."""
        self.version = 0

    @property
    def support(self) -> Literal["yes", "no", "unknown"]:
        """How `{CP}:charge_point` tells it."""
        return "unknown" if self.supported is None else ("yes" if self.supported else "no")

    async def learn(self) -> None:
        """Ask for the version, unless it is known; -1 or a refusal means there are no lists."""
        if self.supported is not None:
            return
        answer = await self._calls.call("GetLocalListVersion", {}, _TIMEOUT_S)
        match answer:
            case Answered(payload):
                self.version = int(payload["listVersion"])
                self.supported = self.version >= 0
            case Refused():
                self.supported = False
            case _:
                return

    async def put(self, tag: str, register: Mapping[str, str]) -> bool:
        """Put a tag on the list; False where the charge point must ask for it instead."""
        return await self._change(_entry(tag, register[tag]), register)

    async def take(self, tag: str, register: Mapping[str, str]) -> bool:
        """Take a tag off the list; `register` is already without it."""
        return await self._change({"idTag": tag}, register)

    async def _change(self, entry: dict[str, Any], register: Mapping[str, str]) -> bool:
        await self.learn()
        if not self.supported:
            return False
        status = await self._send("Differential", [entry])
        if status in ("VersionMismatch", "Failed"):
            await self._relearn()
            whole = [_entry(tag, text) for tag, text in sorted(register.items())]
            status = await self._send("Full", whole[:_MOST_ENTRIES])
        return status == "Accepted"

    async def _relearn(self) -> None:
        known, self.supported = self.version, None
        await self.learn()
        self.version = max(known, self.version)

    async def _send(self, kind: str, entries: list[dict[str, Any]]) -> str | None:
        payload: dict[str, Any] = {"listVersion": max(0, self.version) + 1, "updateType": kind}
        if entries:
            payload["localAuthorizationList"] = entries
        answer = await self._calls.call("SendLocalList", payload, _TIMEOUT_S)
        match answer:
            case Answered({"status": "Accepted"}):
                self.version = payload["listVersion"]
                self.supported = True
                return "Accepted"
            case Answered({"status": "NotSupported"}):
                self.supported = False
                return None
            case Answered(content):
                return str(content["status"])
            case Refused():
                self.supported = False
                return None
            case _:
                return None


def _entry(tag: str, text: str) -> dict[str, Any]:
    until = read_entry(text).valid_until
    info: dict[str, Any] = {"status": "Accepted"}
    if until is not None:
        info["expiryDate"] = write_time(until)
    return {"idTag": tag, "idTagInfo": info}
