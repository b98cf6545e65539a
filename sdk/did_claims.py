"""Which charge point a DID belongs to, so that no two are registered with one DID.

Each DID has a key of its own, claimed before the register's entry is written: one commit on one
key, so of two that claim at once one wins. A claim whose holder's entry names another DID, or is
gone, is void; the holder may be about to write its entry, so it is respected for a minute.
"""

from datetime import datetime, timedelta

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome, StateWrite
from sdk.ids import Clock

_WRITTEN_WITHIN = timedelta(minutes=1)
_ATTEMPTS = 5


class DidClaims:
    """Gives DIDs to charge points. Every method raises BusUnavailableError."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    async def claim(self, did: str, charge_point_id: str) -> str | None:
        """Give the DID to a charge point; gives the id of the one that has it already, or None."""
        await self._complete()
        holder = None
        for _ in range(_ATTEMPTS):
            held = await self._bus.read(keys.did_claim(did))
            holder = held.get("charge_point_id")
            if holder == charge_point_id:
                return None
            if holder is not None and await self._is_valid(did, holder, held["at"]):
                return holder
            if await self._write(did, charge_point_id, int(held.get("version", 0))):
                return None
        return holder

    async def release(self, did: str, charge_point_id: str) -> None:
        """Take the DID away from a charge point, if it has it."""
        held = await self._bus.read(keys.did_claim(did))
        if held.get("charge_point_id") == charge_point_id:
            gone = StateWrite(keys.did_claim(did), None, expected_version=int(held["version"]))
            await self._bus.apply(Commit(charge_point_id, writes=[gone]))

    async def _is_valid(self, did: str, holder: str, at: str) -> bool:
        entry = await self._bus.read(keys.config(holder))
        if entry.get("did", "").lower() == did.lower():
            return True
        return self._clock() - datetime.fromisoformat(at) < _WRITTEN_WITHIN

    async def _write(self, did: str, charge_point_id: str, version: int) -> bool:
        fields = {
            "charge_point_id": charge_point_id,
            "at": self._clock().isoformat(),
            "version": str(version + 1),
        }
        write = StateWrite(keys.did_claim(did), fields, expected_version=version)
        return await self._bus.apply(Commit(charge_point_id, writes=[write])) is Outcome.APPLIED

    async def _complete(self) -> None:
        """Claim, once for ever, for the charge points that were registered without claims."""
        if await self._bus.read(keys.DIDS):
            return
        ids = sorted(await self._bus.members(keys.STATIONS))
        entries = await self._bus.read_many([keys.config(each) for each in ids])
        for charge_point_id, entry in zip(ids, entries, strict=True):
            if did := entry.get("did"):
                await self._write(did, charge_point_id, 0)
        await self._bus.write(keys.DIDS, {"complete": "1"})
