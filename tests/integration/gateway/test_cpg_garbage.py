"""A socket that is gone leaves nothing to the garbage collector: in a storm of reconnects it would
hold up everybody else.
"""

import asyncio
import gc

from cpg_world import World, soon

ROUNDS = 4


async def visit(world: World, cp: str, *, abrupt: bool = False) -> None:
    """Do one of everything on a socket of its own, and hang up, `abrupt` or not."""
    async with world.point(cp) as point:
        point.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        await point.tell("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        await point.tell("Heartbeat", {})
        await point.tell("StatusNotification", status("Available"))
        await point.meter((soon(0), 100))
        await point.call("Nonsense", {})
        await point.socket.send("nonsense")
        await world.command(cp, "StartCharging", id_tag="TAG")
        await point.until_asked("RemoteStartTransaction")
        if abrupt:
            point.socket.transport.abort()
    await world.until(cp, lambda state: state["connected"] == "0")


def status(name: str) -> dict[str, object]:
    return {"connectorId": 1, "status": name, "errorCode": "NoError"}


async def test_a_socket_that_is_gone_leaves_no_garbage(world: World, cp: str) -> None:
    await visit(world, cp)
    await asyncio.sleep(0.5)  # the message log takes its turn
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for number in range(ROUNDS):
            await visit(world, cp, abrupt=number % 2 == 1)
        await asyncio.sleep(0.5)
        gc.collect()
        kinds = [f"{type(item).__module__}.{type(item).__qualname__}" for item in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    of_the_gateway = [
        kind for kind in kinds if kind.startswith(("cpg.", "websockets.server", "sdk."))
    ]
    assert of_the_gateway == []
