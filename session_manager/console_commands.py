"""The operator's commands: checked, put on the bus, and answered by whoever drives the station."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import ValidationError

from sdk.bus.interface import Bus, BusUnavailableError, OverloadedError
from sdk.bus.keys import Lane
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.station import (
    BalanceRequested,
    ChainReconnectRequested,
    DidPublishRequested,
    DisputeResolveRequested,
    PublicKeyRequested,
    SessionStopRequested,
    StationCommandRefused,
)
from sdk.faults import first_fault
from sdk.ids import Clock, new_event_id
from sdk.pending import Pending

COMMANDS: Mapping[str, tuple[type[Body], float]] = {
    "BalanceRequested": (BalanceRequested, 15.0),
    "PublicKeyRequested": (PublicKeyRequested, 10.0),
    "DidPublishRequested": (DidPublishRequested, 90.0),
    "ChainReconnectRequested": (ChainReconnectRequested, 30.0),
    "SessionStopRequested": (SessionStopRequested, 15.0),
    "DisputeResolveRequested": (DisputeResolveRequested, 15.0),
}
"""Every command that the page may give, and how many seconds its answer may take."""

Refusal = Literal["unknown_station", "unknown_type", "invalid", "timeout", "overloaded"]


class Commands:
    """Gives commands to stations and waits for their answers; never raises for what a page sent."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        is_station: Callable[[str], bool],
        answer_timeout: float | None = None,
    ) -> None:
        """`answer_timeout` (seconds) replaces those of `COMMANDS`."""
        self._clock = clock
        self._is_station = is_station
        self._answer_timeout = answer_timeout
        self._pending = Pending(bus)

    def notice(self, envelope: Envelope) -> None:
        """Look at an event of an `:out` lane: it may be the answer that a command waits for."""
        if envelope.peer_id is None:
            self._pending.notice(envelope)

    async def give(self, data: object) -> dict[str, Any]:
        """Carry out what a page sent and give the answer's body, or a StationCommandRefused."""
        answer = await self._answer(data)
        return answer.model_dump(mode="json")

    async def _answer(self, data: object) -> Body:
        fields = data if isinstance(data, dict) else {}
        command = str(fields.get("type", ""))[:100]
        known = COMMANDS.get(command)
        if known is None:
            return _refused(command, "unknown_type")
        if not self._is_station(str(fields.get("charge_point_id", ""))):
            return _refused(command, "unknown_station")
        model, seconds = known
        try:
            envelope = self._envelope(model, fields)
        except ValidationError as error:
            return _refused(command, "invalid", first_fault(error)[:300])
        return await self._ask(envelope, self._answer_timeout or seconds)

    def _envelope(self, model: type[Body], fields: Mapping[str, object]) -> Envelope:
        body = model.model_validate(fields)
        return Envelope.model_validate(
            {
                "id": new_event_id(),
                "charge_point_id": fields["charge_point_id"],
                "connector_id": fields.get("connector_id"),
                "session_id": fields.get("session_id"),
                "at": self._clock(),
                "body": body.model_dump(),
            }
        )

    async def _ask(self, envelope: Envelope, seconds: float) -> Body:
        try:
            async with asyncio.timeout(seconds):
                return await self._pending.ask(Lane.IN, envelope)
        except TimeoutError:
            return _refused(envelope.type, "timeout", f"no answer within {seconds:g} s")
        except OverloadedError as error:
            return _refused(envelope.type, "overloaded", str(error) or None)
        except BusUnavailableError as error:
            return _refused(envelope.type, "timeout", str(error) or "Redis does not answer")


def _refused(command: str, reason: Refusal, detail: str | None = None) -> StationCommandRefused:
    return StationCommandRefused(command=command, reason=reason, detail=detail)
