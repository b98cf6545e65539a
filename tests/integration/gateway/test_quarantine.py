"""A charge point that nobody knows: it waits on a real socket, is admitted, and comes again."""

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest
from cpg_world import CREDENTIAL_KEY, Point
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from cpg.connection import Rules
from cpg.gatekeeper import Gatekeeper
from cpg.quarantine import Quarantine
from cpg.server import Gateway
from sdk import logs, quarantine
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from sdk.register import Register, checked_config, password_hash, station_did
from sdk.tariff import Tariff

BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}


@pytest.fixture
async def url(redis_bus: RedisBus) -> AsyncIterator[str]:
    """A gateway that lets unknown charge points into quarantine, two at a time."""
    ward = Quarantine(redis_bus, utc_now, interval=30, most=2)
    keeper = Gatekeeper(redis_bus, CREDENTIAL_KEY, quarantine=ward)
    log = logs.get_logger("cpg")
    gateway = Gateway(redis_bus, keeper, Rules("test", 60, 60, 2), utc_now, log, quarantine=ward)
    async with redis_bus.follow() as follower, asyncio.TaskGroup() as group:
        _, port = await gateway.start("127.0.0.1", 0, follower, group)
        try:
            yield f"ws://127.0.0.1:{port}"
        finally:
            await gateway.stop()


def knock(url: str, charge_point_id: str = "CP9", key: str = "own") -> connect:
    secret = base64.b64encode(f"{charge_point_id}:{key}".encode()).decode()
    return connect(
        f"{url}/{charge_point_id}",
        subprotocols=["ocpp1.6"],  # type: ignore[list-item]
        additional_headers={"Authorization": f"Basic {secret}"},
        compression=None,
    )


async def admit(bus: RedisBus, charge_point_id: str = "CP9") -> None:
    entry = await quarantine.find(bus, charge_point_id, utc_now())
    fields = {
        "charge_point_id": charge_point_id,
        "did": station_did(31337, "0x" + "1" * 40),
        "tariff": Tariff(per_kwh=1000),
        "password_hash": entry.password_hash,
        "security_profile": 1,
    }
    await Register(bus).add(checked_config(fields))


async def until_closed(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(5):
        await socket.wait_closed()
    return socket.close_code


async def test_it_waits_is_admitted_and_comes_again_with_its_own_password(
    url: str, redis_bus: RedisBus
) -> None:
    async with knock(url) as socket:
        point = Point(socket)
        answer = await point.tell("BootNotification", BOOT)
        assert (answer["status"], answer["interval"]) == ("Pending", 30)
        assert (await point.call("Heartbeat", {}))[2] == "SecurityError"
        (entry,) = await quarantine.waiting(redis_bus, utc_now())
        assert (entry.charge_point_id, entry.vendor) == ("CP9", "Acme")
        assert entry.address == "127.0.0.1"
        assert entry.password_hash == password_hash("own", CREDENTIAL_KEY)
        await admit(redis_bus)
        assert await until_closed(socket) in (1001, 1012)
    async with knock(url) as socket:
        answer = await Point(socket).tell("BootNotification", BOOT)
        assert answer["status"] == "Accepted"
    assert await quarantine.waiting(redis_bus, utc_now()) == []
    with pytest.raises(InvalidStatus) as caught:
        async with knock(url, key="another"):
            pass
    response = caught.value.response
    assert response.status_code == 401
    assert response.headers.get_all("WWW-Authenticate") == ['Basic realm="ocpp", charset="UTF-8"']


async def test_a_full_quarantine_refuses_others_and_has_room_again(url: str) -> None:
    async with knock(url, "A"), knock(url, "B"):
        with pytest.raises(InvalidStatus) as caught:
            async with knock(url, "C"):
                pass
        response = caught.value.response
        assert (response.status_code, response.headers["Retry-After"]) == (429, "30")
    async with asyncio.timeout(5):
        while True:
            try:
                async with knock(url, "C"):
                    break
            except InvalidStatus:
                await asyncio.sleep(0.02)
