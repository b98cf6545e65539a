"""A charge point over the memory bus: one socket after the other, and what the gateway keeps."""

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from cpg.calls import Calls
from cpg.errands import Errands
from cpg.frames import Call, read_frame
from cpg.inbound import Inbound
from cpg.peer import Peer
from cpg.register import Entry
from sdk.bus import keys
from sdk.bus.interface import Commit, Entrance, Outcome
from sdk.bus.keys import GATEWAY_READER, Lane
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.events.envelope import Envelope

CP = "CP-1"
START = datetime(2026, 5, 1, 12, tzinfo=UTC)
CONNECTORS = 2
"""So many it is registered with; it tells of one more."""

Json = dict[str, Any]


class SlowBus(MemoryBus):
    """Lets others go on before it answers, as a bus that is far away does."""

    async def apply(self, commit: Commit) -> Outcome:
        await asyncio.sleep(0)
        return await super().apply(commit)

    async def enter(self, charge_point_id: str, reader: str) -> Entrance:
        await asyncio.sleep(0)
        return await super().enter(charge_point_id, reader)

    async def read(self, key: str) -> dict[str, str]:
        await asyncio.sleep(0)
        return await super().read(key)

    async def open_transaction(
        self, charge_point_id: str, natural_key: str, fields: Any
    ) -> tuple[int, bool]:
        await asyncio.sleep(0)
        return await super().open_transaction(charge_point_id, natural_key, fields)


class World:
    """The bus, a clock that is set, and the sockets so far; the last one is the newest."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self.now = START + timedelta(hours=1)
        # doubles are forgotten soon, as they are after a long time offline
        self.bus = SlowBus(Limits(event_memory=3), now=self._seconds)
        self.sockets: list[Inbound] = []
        self.boots = 0
        self._messages = 0

    async def connect(self) -> None:
        """Bring a new socket."""
        guard = (await self.bus.enter(CP, GATEWAY_READER)).guard
        generation = int(guard.token.partition("-")[0])
        peer = Peer(CP, guard, generation, self.bus, lambda: self.now, CONNECTORS)
        calls = Calls(lambda _: None, 1.0, lambda *_, **__: None, peer.mend_answer)
        calls.close()
        self.sockets.append(Inbound(peer, 60, self._on_boot, Errands(calls, self._spawn)))

    def _seconds(self) -> float:
        return self.now.timestamp()

    def _on_boot(self) -> None:
        self.boots += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._group.create_task(work)

    def message(self, action: str, payload: Json) -> Call:
        """Make a message of the charge point."""
        self._messages += 1
        frame = read_frame(json.dumps([2, f"m{self._messages}", action, payload]))
        assert isinstance(frame, Call)
        return frame

    async def tell(self, action: str, payload: Json, socket: Inbound | None = None) -> Json:
        """Send a message over a socket, else over the newest, and give the answer."""
        socket = socket or self.sockets[-1]
        answer, used = await socket.answer(self.message(action, payload), frozenset())
        assert not used
        return answer

    async def permit(self, tag: str, *, may_charge: bool) -> None:
        """Put a tag into the register, or take it out."""
        key = keys.id_tags(CP)
        if may_charge:
            await self.bus.write(key, {tag: Entry().to_json()})
        else:
            await self.bus.apply(Commit(CP, removed_fields={key: [tag]}))

    async def connector(self, n: int) -> dict[str, str]:
        return await self.bus.read(keys.connector(CP, n))

    async def transaction(self, transaction_id: int) -> dict[str, str]:
        return await self.bus.read(keys.transaction(CP, transaction_id))

    async def told(self) -> list[Envelope]:
        """Give all that was told, in order."""
        async with self.bus.follow() as follower:
            lane = await follower.subscribe(CP, Lane.IN, after="0")
            found = []
            while delivery := await lane.take():
                found.append(delivery.envelope)
            return found

    def kept(self) -> Any:
        """Give all that is kept, but transactions that nobody was told of yet."""
        store = self.bus._store
        hashes = {
            key: dict(fields)
            for key, fields in store.hashes.items()
            if fields and (":tx:" not in key or "told_at" in fields)
        }
        return hashes, {key: stream.last_id for key, stream in store.streams.items()}
