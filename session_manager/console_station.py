"""One charge point as the console shows it: its objects on the board, made of its hashes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.ids import Clock, utc_now
from sdk.records.curve import Reading
from session_manager.console_board import Board
from session_manager.console_curve import Curve, CurvePoint, SessionCurve, collected_points
from session_manager.console_page import (
    StationHashes,
    disputes_object,
    document_object,
    identity_object,
    session_object,
    status_object,
)
from session_manager.console_reading import Wanted


class Station:
    """Keeps the board's objects of one charge point; curves only while a page watches it."""

    def __init__(self, charge_point_id: str, board: Board, clock: Clock = utc_now) -> None:
        self.charge_point_id = charge_point_id
        self.is_heard = False
        """Whether its events are followed, so that no reading is missed from now on."""
        self._board = board
        self._clock = clock
        self._known: tuple[StationHashes, frozenset[str]] | None = None
        self._curves: dict[int, SessionCurve] = {}
        self._restored: dict[int, str] = {}
        """By connector, the session whose earlier readings are in its curve."""

    def see(self, envelope: Envelope) -> None:
        """Take notice of an event: it may be a reading."""
        number, body = envelope.connector_id, envelope.body
        curve = self._curves.get(number) if number is not None else None
        if curve is None or not isinstance(body, ChargingStatus):
            return
        if curve.session_id == body.session_id:
            self._draw(curve, body)

    def show(self, hashes: StationHashes, dead: frozenset[str], *, is_watched: bool) -> None:
        """Show what was read; `dead` are the gateways that died."""
        point, board = self.charge_point_id, self._board
        if self._known != (hashes, dead):
            self._known = (hashes, dead)
            board.put("status", status_object(point, hashes, dead))
            board.put("identity", identity_object(point, hashes.identity))
            for number, hash_ in hashes.sessions.items():
                board.put("session", session_object(point, number, hash_))
        # What can be done about a dispute changes as time goes by.
        board.put("disputes", disputes_object(point, hashes, self._clock()))
        if is_watched:
            board.put("document", document_object(point, hashes.identity))
            for number, status in _running(hashes.sessions):
                self._begin_or_draw(number, status)
        elif self._curves:
            self._curves.clear()
            self._restored.clear()

    def lacking(self) -> list[Wanted]:
        """Tell of which sessions the readings so far have to be read, once events are followed."""
        if self._known is None or not self.is_heard:
            return []
        return [
            Wanted(self.charge_point_id, number, status)
            for number, status in _running(self._known[0].sessions)
            if number in self._curves and self._restored.get(number) != status.session_id
        ]

    def restore(self, wanted: Wanted, readings: Sequence[Reading]) -> None:
        """Put the readings so far in front of a session's curve."""
        status, number = wanted.status, wanted.connector_id
        curve = self._curves.get(number)
        if curve is None or curve.session_id != status.session_id:
            return
        self._restored[number] = curve.session_id
        curve.curve.restore(collected_points(readings, status.meter_start_wh or 0))
        self._board.put_curve(curve)

    def _begin_or_draw(self, number: int, status: ChargingStatus) -> None:
        curve = self._curves.get(number)
        if curve is None or curve.session_id != status.session_id:
            curve = SessionCurve(self.charge_point_id, number, status.session_id or "", Curve())
            self._curves[number] = curve
            self._board.put_curve(curve)
        self._draw(curve, status)

    def _draw(self, curve: SessionCurve, status: ChargingStatus) -> None:
        """Add a reading to the curve of its session, late or not."""
        if status.sampled_at is None:
            return
        point = CurvePoint(_milliseconds(status.sampled_at), status.power_w, status.energy_wh)
        if curve.curve.add(point):
            self._board.put_curve(curve)


def _running(sessions: Mapping[int, Mapping[str, str]]) -> Iterator[tuple[int, ChargingStatus]]:
    """Give the sessions that connectors have: running ones, and those that ended last."""
    for number, hash_ in sessions.items():
        try:
            status = ChargingStatus.model_validate_json(hash_.get("status", ""))
        except ValidationError:
            continue
        if status.session_id:
            yield number, status


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
