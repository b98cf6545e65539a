"""What is known of a charge point's local list: if there is one, its version, and how it is sent.

The charge point is asked at the first use after a boot, and not again by later sockets. One that
does not answer is not asked again on this socket. Whoever has it asked has the turn of `Calls`: so
nobody else gives the list a version meanwhile.
"""

from datetime import datetime, timedelta
from typing import Literal

from cpg.calls import Answer, Answered, Calls, Refused, Unknown
from cpg.list_entries import Entries
from cpg.operations import answer_of, request_of
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.operations import GetLocalListVersion, SendLocalList, SendLocalListAnswered
from sdk.fields import is_expired

UpdateType = Literal["Full", "Differential"]
AGAIN = ("VersionMismatch", "Failed")
"""Answers after which the whole list is sent, once."""
MOST_VERSION = 2**31 - 1
"""Above it a version is no integer to a charge point, and nothing could follow it."""
_TIMEOUT_S = 5.0
_MINUTE = timedelta(minutes=1)
_DEFAULT_MOST = 100
_LIMIT = "SendLocalListMaxLength"
"""Configuration key: how many entries one SendLocalList may have (9.3)."""


class ListExchange:
    """Asks one charge point about its list, and sends it parts of one."""

    __slots__ = (
        "_calls",
        "_lacking",
        "_loaded",
        "_most",
        "_mute",
        "_peer",
        "_told_most",
        "is_foreign",
        "supported",
        "version",
    )

    def __init__(self, peer: Peer, calls: Calls) -> None:
        """Ask over `calls`."""
        self._peer = peer
        self._calls = calls
        self._lacking: dict[str, str] = {}
        """Operations that the charge point said it lacks since it booted, and when."""
        self._loaded = False
        self._mute = False
        self._most: int | None = None
        self._told_most = ""
        self.supported: bool | None = None
        self.version: int | None = None
        self.is_foreign = False
        """Its version is not the one that we left: it may hold anything."""

    def forget(self) -> None:
        """Ask again at the next use: the charge point has booted, and may be another one."""
        self.supported = self._most = None
        self._told_most = ""
        self._lacking.clear()

    def writes(self) -> list[StateWrite]:
        """Give what is to be kept of it in the charge point's hashes."""
        if not self._loaded:
            return []
        support = "unknown" if self.supported is None else ("yes" if self.supported else "no")
        fields = {"local_list": support, "local_list_most": self._told_most}
        if self.supported:
            fields["local_list_version"] = str(self.version)
        cp = self._peer.charge_point_id
        lacking = [StateWrite(keys.unsupported(cp), self._lacking)] if self._lacking else []
        return [StateWrite(keys.state(cp), fields), *lacking]

    async def load(self) -> None:
        """Read what earlier sockets learnt. Raises BusUnavailableError."""
        if self._loaded:
            return
        state = await self._peer.bus.read(keys.state(self._peer.charge_point_id))
        if self._loaded:  # somebody else was faster, and may have learnt more since
            return
        version, known = state.get("local_list_version", ""), state.get("local_list")
        self.version = int(version) if version.isdecimal() else None
        if known == "no":
            self.supported = False
        elif known == "yes" and self.version is not None:
            self.supported = True
            self._told_most = state.get("local_list_most", "")
            self._most = int(self._told_most) if self._told_most.isdecimal() else None
        self._loaded = True

    async def has_none(self) -> bool:
        """Tell whether there is no list to use, as far as is known without asking.

        Needs no turn. Raises BusUnavailableError.
        """
        await self.load()
        return self.supported is False or (self.supported is None and self._mute)

    async def is_usable(self) -> bool:
        """Tell whether there is a list, and ask its version where that is not known.

        Raises BusUnavailableError.
        """
        await self.load()
        await self._learn()
        return self.supported is True

    async def learn_again(self) -> None:
        """Ask for the version: it is not what we thought."""
        known, self.supported = self.version or 0, None
        await self._learn()
        self.version = max(known, self.version or 0)

    async def parts(self, entries: Entries) -> list[Entries]:
        """Cut entries into parts that fit into one message each; none make one empty part."""
        if len(entries) <= 1:
            return [entries]
        most = await self._longest()
        return [entries[start : start + most] for start in range(0, len(entries), most)]

    def part(self, kind: UpdateType, entries: Entries) -> SendLocalList:
        """Give the message that gives the list these entries and its next version."""
        return SendLocalList(
            list_version=self.next_version,
            update_type=kind,
            entries=entries,
            expires_at=self._peer.clock() + _MINUTE,
        )

    @property
    def next_version(self) -> int:
        """The version that the next change makes."""
        return max(0, self.version or 0) + 1

    @property
    def told_version(self) -> int | None:
        """The version, where there is a list."""
        return self.version if self.supported else None

    async def send(self, body: SendLocalList, lapses_at: datetime | None) -> SendLocalListAnswered:
        """Send one message, unless it has lapsed when its turn comes, and give what came of it."""
        if body.list_version > MOST_VERSION:
            return too_high()
        action, payload = request_of(body, None)
        clock = self._peer.clock
        answer = await self._calls.ask(
            action,
            payload,
            _TIMEOUT_S if lapses_at is None else None,
            has_lapsed=lambda: lapses_at is not None and is_expired(lapses_at, clock()),
        )
        self._note(answer, body)
        return SendLocalListAnswered.model_validate(answer_of(body, answer).model_dump())

    async def ask_version(self, body: GetLocalListVersion) -> Answer:
        """Ask for the version as an operator wants it, and believe what is told."""
        clock = self._peer.clock
        answer = await self._calls.ask(
            "GetLocalListVersion", {}, has_lapsed=lambda: is_expired(body.expires_at, clock())
        )
        self._note_version(answer)
        return answer

    def _note(self, answer: Answer, body: SendLocalList) -> None:
        match answer:
            case Answered({"status": "Accepted"}):
                self.version, self.supported = body.list_version, True
                if body.update_type == "Full":
                    self.is_foreign = False
            case Answered({"status": "NotSupported"}):
                self.supported = False
            case Refused() if answer.unsupported:
                self._lacks("SendLocalList")
            case _:
                return

    async def _learn(self) -> None:
        """Ask for the version, unless it is known; -1 or a refusal means there are no lists."""
        if self.supported is not None or self._mute:
            return
        answer = await self._calls.ask("GetLocalListVersion", {}, _TIMEOUT_S)
        self._note_version(answer)
        self._mute = isinstance(answer, Unknown)

    def _note_version(self, answer: Answer) -> None:
        match answer:
            case Answered(payload):
                left, self.version = self.version, int(payload["listVersion"])
                self.is_foreign |= left is not None and left != self.version
                self.supported = self.version >= 0
            case Refused() if answer.unsupported:
                self._lacks("GetLocalListVersion")
            case _:
                return

    def _lacks(self, action: str) -> None:
        self.supported = False
        self._lacking[action] = self._peer.clock().isoformat()

    async def _longest(self) -> int:
        """Give how many entries a message may have; asked once, and where it says nothing, 100."""
        if self._most is None:
            answer = await self._calls.ask("GetConfiguration", {"key": [_LIMIT]}, _TIMEOUT_S)
            told = answer.payload if isinstance(answer, Answered) else {}
            items = told.get("configurationKey", ())
            text = next((item.get("value") or "" for item in items), "").strip()
            is_number = text.isdecimal() and int(text) > 0
            self._told_most = text if is_number else ""
            self._most = int(text) if is_number else _DEFAULT_MOST
        return self._most


def too_high() -> SendLocalListAnswered:
    """Give the answer where no version is left; nothing was sent."""
    return SendLocalListAnswered(outcome="refused", reason=f"a version above {MOST_VERSION}")
