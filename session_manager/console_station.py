"""One charge point as the console sees it: read again whenever something happened to it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.ids import Clock, utc_now
from session_manager.console_board import Board
from session_manager.console_curve import Curve, CurvePoint
from session_manager.console_page import (
    ChainStatus,
    StationHashes,
    connector_ids,
    disputes_object,
    identity_object,
    session_object,
    status_object,
)

OPEN_PHASES = frozenset(
    {"verifying", "authorising", "starting", "charging", "stopping", "settling"}
    | {"executing", "refunding"}
)
SETTLE_S = 0.05
"""The shortest time between two readings of a station's hashes."""
LOOK_AGAIN_S = 2.0
"""How often they are read although no event told of a change."""


class Station:
    """Keeps the board's objects of one charge point, and the curves of its sessions."""

    def __init__(
        self,
        charge_point_id: str,
        bus: Bus,
        board: Board,
        chain_status: Callable[[], ChainStatus],
        clock: Clock = utc_now,
    ) -> None:
        self.charge_point_id = charge_point_id
        self._bus = bus
        self._board = board
        self._chain_status = chain_status
        self._clock = clock
        self._hashes = StationHashes()
        self._bus_connected = True
        self._happened = asyncio.Event()
        self._curves: dict[int, tuple[str, Curve]] = {}

    @property
    def has_open_session(self) -> bool:
        """Tell whether a session runs on a connector, so that there is a curve to rebuild."""
        return any(hash_.get("phase") in OPEN_PHASES for hash_ in self._hashes.sessions.values())

    def see(self, envelope: Envelope) -> None:
        """Take notice of an event: something about this charge point may be different now."""
        if isinstance(envelope.body, ChargingStatus) and envelope.connector_id is not None:
            self._draw(envelope.connector_id, envelope.body)
        self._happened.set()

    async def load(self) -> None:
        """Read all hashes and show them. Raises BusUnavailableError."""
        config = await self._bus.read(keys.config(self.charge_point_id))
        numbers = connector_ids(config)
        point = self.charge_point_id
        state, identity, disputes, *rest = await self._bus.read_many(
            [
                keys.state(point),
                keys.identity(point),
                keys.disputes(point),
                *(keys.connector(point, number) for number in numbers),
                *(keys.session(point, number) for number in numbers),
            ]
        )
        disputed = await self._bus.read_many([keys.disputed(point, item) for item in disputes])
        self._hashes = StationHashes(
            config=config,
            state=state,
            identity=identity,
            disputes=disputes,
            disputed=dict(zip(disputes, disputed, strict=True)),
            connectors=dict(zip(numbers, rest[: len(numbers)], strict=True)),
            sessions=dict(zip(numbers, rest[len(numbers) :], strict=True)),
        )
        self._show()

    async def keep_showing(self) -> None:
        """Read again after each event, and now and then without one, until cancelled."""
        while True:
            await self._wait_for_something()
            try:
                await self.load()
                self._bus_connected = True
            except BusUnavailableError:
                self._bus_connected = False
            self.show_status()
            await asyncio.sleep(SETTLE_S)

    def show_status(self) -> None:
        """Show the charge point and the chain as they are known now."""
        shown = status_object(
            self.charge_point_id,
            self._hashes,
            self._chain_status(),
            bus_connected=self._bus_connected,
        )
        self._board.put("status", shown)

    async def _wait_for_something(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self._happened.wait()
        except TimeoutError:
            return
        finally:
            self._happened.clear()

    def _show(self) -> None:
        self.show_status()
        self._board.put("identity", identity_object(self.charge_point_id, self._hashes.identity))
        disputes = disputes_object(self.charge_point_id, self._hashes, self._clock())
        self._board.put("disputes", disputes)
        for number, hash_ in self._hashes.sessions.items():
            curve = self._curve_of(number, hash_)
            self._board.put(
                "session", session_object(self.charge_point_id, number, hash_, curve.as_json())
            )

    def _curve_of(self, number: int, hash_: Mapping[str, str]) -> Curve:
        status = _charging_status(hash_)
        if status is None:
            return Curve()
        session_id, curve = self._curves.get(number, ("", Curve()))
        if session_id != status.session_id:
            curve = Curve()
            self._curves[number] = (status.session_id, curve)
        self._draw(number, status)
        return curve

    def _draw(self, number: int, status: ChargingStatus) -> None:
        """Add a reading to the curve of the connector's present session, late or not."""
        session_id, curve = self._curves.get(number, ("", Curve()))
        if session_id == status.session_id and status.sampled_at is not None:
            curve.add(
                CurvePoint(_milliseconds(status.sampled_at), status.power_w, status.energy_wh)
            )


def _charging_status(hash_: Mapping[str, str]) -> ChargingStatus | None:
    try:
        return ChargingStatus.model_validate_json(hash_.get("status", ""))
    except ValidationError:
        return None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
