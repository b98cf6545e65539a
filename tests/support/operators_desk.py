"""An operator's desk: commands a charge point which answers as the test wants it to."""

import asyncio
from typing import Any

from cpg_world import B, Ear, Json, Point, World

from sdk.events import operations as ops
from sdk.events.envelope import Envelope


async def answering(point: Point, ear: Ear, kind: type[B]) -> tuple[Envelope, B]:
    """Wait for an event while the charge point answers what it is asked."""

    async def answer() -> None:
        while True:
            await point.take()

    async with asyncio.TaskGroup() as group:
        serving = group.create_task(answer())
        try:
            return await ear.next(kind)
        finally:
            serving.cancel()


class Desk:
    """An operator's desk beside one charge point."""

    def __init__(self, world: World, charge_point_id: str, point: Point, ear: Ear) -> None:
        self.world, self.charge_point_id, self.point, self.ear = world, charge_point_id, point, ear

    async def ask(
        self, kind: str, answer: Json | list[Any], connector_id: int | None = 1, /, **fields: Any
    ) -> ops.Answered:
        """Command what the charge point answers by `answer`; give what the gateway tells."""
        self.point.answers[kind] = answer
        await self.world.command(self.charge_point_id, kind, connector_id=connector_id, **fields)
        event: type[ops.Answered] = getattr(ops, f"{kind}Answered")
        _, body = await answering(self.point, self.ear, event)
        return body
