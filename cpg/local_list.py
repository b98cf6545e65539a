"""The charge point's own list of idTags: follows the register as far as the charge point can."""

from collections.abc import Mapping
from typing import Any, Literal

from cpg.calls import Answered, Calls, Refused
from cpg.peer import Peer
from cpg.register import read_entry
from cpg.translate import write_time
from sdk.bus import keys
from sdk.bus.interface import StateWrite

_TIMEOUT_S = 5.0
_CHUNK = 100


class LocalList:
    """What is known of one charge point's local list, and how it is kept.

    The charge point is asked at the first use after a boot, and not again by later sockets. One
    that does not answer is not asked again on this socket.
    """

    def __init__(self, peer: Peer, calls: Calls) -> None:
        """Keep the list over `calls`."""
        self._peer = peer
        self._calls = calls
        self._loaded = False
        self._mute = False
        self._supported: bool | None = None
        self._version = 0

    def forget(self) -> None:
        """Ask again at the next use: the charge point has booted, and may be another one."""
        self._loaded = True
        self._supported = None

    def writes(self) -> list[StateWrite]:
        """Give what `{CP}:charge_point` should keep of it."""
        if not self._loaded:
            return []
        fields: dict[str, str] = {"local_list": self._support}
        if self._supported:
            fields["local_list_version"] = str(self._version)
        return [StateWrite(keys.state(self._peer.charge_point_id), fields)]

    async def put(self, tag: str, register: Mapping[str, str]) -> bool:
        """Put a tag on the list; False where the charge point must ask for it instead."""
        entry = _entry(tag, register[tag])
        return entry is not None and await self._change(entry, register)

    async def take(self, tag: str, register: Mapping[str, str]) -> bool:
        """Take a tag off the list; `register` is already without it."""
        return await self._change({"idTag": tag}, register)

    @property
    def _support(self) -> Literal["yes", "no", "unknown"]:
        return "unknown" if self._supported is None else ("yes" if self._supported else "no")

    async def _change(self, entry: dict[str, Any], register: Mapping[str, str]) -> bool:
        await self._load()
        await self._learn()
        if not self._supported:
            return False
        status = await self._send("Differential", [entry])
        if status in ("VersionMismatch", "Failed"):
            await self._relearn()
            status = await self._send_whole(register)
        return status == "Accepted"

    async def _load(self) -> None:
        if self._loaded:
            return
        state = await self._peer.bus.read(keys.state(self._peer.charge_point_id))
        version = state.get("local_list_version", "")
        known = state.get("local_list")
        if known == "no":
            self._supported = False
        elif known == "yes" and version.isdecimal():
            self._supported, self._version = True, int(version)
        self._loaded = True

    async def _learn(self) -> None:
        """Ask for the version, unless it is known; -1 or a refusal means there are no lists."""
        if self._supported is not None or self._mute:
            return
        answer = await self._calls.call("GetLocalListVersion", {}, _TIMEOUT_S)
        match answer:
            case Answered(payload):
                self._version = int(payload["listVersion"])
                self._supported = self._version >= 0
            case Refused():
                self._refused(answer)
            case _:
                self._mute = True

    async def _relearn(self) -> None:
        known, self._supported = self._version, None
        await self._learn()
        self._version = max(known, self._version)

    async def _send_whole(self, register: Mapping[str, str]) -> str | None:
        known = [_entry(tag, text) for tag, text in sorted(register.items())]
        entries = [entry for entry in known if entry is not None]
        status = await self._send("Full", entries[:_CHUNK])
        for start in range(_CHUNK, len(entries), _CHUNK):
            if status != "Accepted":
                break
            status = await self._send("Differential", entries[start : start + _CHUNK])
        return status

    async def _send(self, kind: str, entries: list[dict[str, Any]]) -> str | None:
        payload: dict[str, Any] = {"listVersion": max(0, self._version) + 1, "updateType": kind}
        if entries:
            payload["localAuthorizationList"] = entries
        answer = await self._calls.call("SendLocalList", payload, _TIMEOUT_S)
        match answer:
            case Answered({"status": "Accepted"}):
                self._version = payload["listVersion"]
                self._supported = True
                return "Accepted"
            case Answered({"status": "NotSupported"}):
                self._supported = False
                return None
            case Answered(content):
                return str(content["status"])
            case Refused():
                self._refused(answer)
                return None
            case _:
                return None

    def _refused(self, answer: Refused) -> None:
        if answer.unsupported:
            self._supported = False


def _entry(tag: str, text: str) -> dict[str, Any] | None:
    entry = read_entry(text)
    if entry is None:
        return None
    info: dict[str, Any] = {"status": "Accepted"}
    if entry.valid_until is not None:
        info["expiryDate"] = write_time(entry.valid_until)
    return {"idTag": tag, "idTagInfo": info}
