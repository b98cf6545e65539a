"""Unknown charge points wait, are written down seldom, and are few; over the bus in memory."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cpg.frames import Call
from cpg.quarantine import AdmittedError, Quarantine, Stranger
from cpg.validation import Violation
from sdk import quarantine as register
from sdk.bus import keys
from sdk.bus.memory_bus import MemoryBus

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
HASH, OTHER = "ab" * 32, "cd" * 32
BOOT = {
    "chargePointVendor": "Acme",
    "chargePointModel": "One",
    "chargeBoxSerialNumber": "S1",
    "firmwareVersion": "1.2",
}


class Watched(MemoryBus):
    """Counts what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    async def write(self, key: str, fields: Any) -> None:
        self.written += 1
        await super().write(key, fields)


class Ward:
    """A quarantine, and the time in it."""

    def __init__(self, bus: MemoryBus, **settings: int) -> None:
        self.bus = bus
        self.now = START
        self.quarantine = Quarantine(bus, lambda: self.now, **settings)

    async def boot(self, stranger: Stranger, **changes: Any) -> dict[str, Any]:
        return await self.quarantine.answer(
            stranger, Call("m1", "BootNotification", {**BOOT, **changes})
        )

    async def waiting(self) -> list[register.WaitingChargePoint]:
        return await register.waiting(self.bus, self.now)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def bus() -> Watched:
    return Watched()


def stranger(name: str = "CP9", kept: str | None = HASH, address: str = "192.0.2.1") -> Stranger:
    return Stranger(name, kept, address)


async def test_a_boot_is_pending_and_written_down(bus: Watched) -> None:
    ward = Ward(bus, interval=30)
    answer = await ward.boot(stranger())
    assert answer == {
        "status": "Pending",
        "currentTime": "2026-05-01T12:00:00.000Z",
        "interval": 30,
    }
    ward.later(60)
    await ward.boot(stranger())
    (entry,) = await ward.waiting()
    assert entry == register.WaitingChargePoint(
        charge_point_id="CP9",
        vendor="Acme",
        model="One",
        serial_number="S1",
        firmware_version="1.2",
        address="192.0.2.1",
        password_hash=HASH,
        first_seen=START,
        last_seen=START + timedelta(seconds=60),
    )
    assert HASH not in repr(entry)


@pytest.mark.parametrize("action", ["Heartbeat", "StatusNotification", "StartTransaction", "X"])
async def test_nothing_else_is_heard(bus: Watched, action: str) -> None:
    with pytest.raises(Violation) as caught:
        await Ward(bus).quarantine.answer(stranger(), Call("m1", action, {}))
    assert caught.value.code == "SecurityError"
    assert bus.written == 0


async def test_who_boots_all_the_time_is_written_down_now_and_then(bus: Watched) -> None:
    ward = Ward(bus)
    for _ in range(2_500):
        assert (await ward.boot(stranger()))["status"] == "Pending"
        ward.later(0.01)
    assert bus.written == 3


async def test_a_change_is_written_at_once_but_not_every_time(bus: Watched) -> None:
    ward = Ward(bus)
    await ward.boot(stranger())
    ward.later(1)
    await ward.boot(stranger(), firmwareVersion="1.3")
    assert (await ward.waiting())[0].firmware_version == "1.3"
    for number in range(900):
        ward.later(0.01)
        await ward.boot(stranger(), firmwareVersion=str(number))
    assert bus.written < 10


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("x" * 5_000, "x" * 50),
        ("A\x1b[31m\nB\x00\ud800", "A[31mB"),
        ("  A  ", "A"),
        (7, ""),
        (None, ""),
        (["A"], ""),
    ],
)
async def test_what_it_tells_is_cut_to_what_can_be_shown(
    bus: Watched, told: object, kept: str
) -> None:
    ward = Ward(bus)
    await ward.boot(stranger(), chargePointVendor=told)
    assert (await ward.waiting())[0].vendor == kept


async def test_an_empty_boot_waits_too(bus: Watched) -> None:
    ward = Ward(bus)
    await ward.quarantine.answer(stranger(kept=None), Call("m1", "BootNotification", {}))
    (entry,) = await ward.waiting()
    assert (entry.vendor, entry.password_hash) == ("", None)


@pytest.mark.parametrize(("first", "then"), [(HASH, OTHER), (None, HASH), (HASH, None)])
async def test_more_than_one_password_is_remembered(
    bus: Watched, first: str | None, then: str | None
) -> None:
    ward = Ward(bus)
    await ward.boot(stranger(kept=first))
    assert not (await ward.waiting())[0].contested
    await ward.boot(stranger(kept=then))
    ward.later(20)
    await ward.boot(stranger(kept=then))
    (entry,) = await ward.waiting()
    assert entry.contested
    assert entry.password_hash == then


async def test_a_flood_pushes_out_its_own(bus: Watched) -> None:
    ward = Ward(bus, most=5)
    await ward.boot(stranger("real", address="192.0.2.7"))
    for number in range(50):
        ward.later(1)
        await ward.boot(stranger(f"X{number}"))
    waiting = [entry.charge_point_id for entry in await ward.waiting()]
    assert waiting == ["X46", "X47", "X48", "X49", "real"]


async def test_those_not_seen_for_a_week_are_forgotten(bus: Watched) -> None:
    ward = Ward(bus)
    await ward.boot(stranger("old"))
    ward.later(register.KEPT.total_seconds() - 1)
    assert len(await ward.waiting()) == 1
    ward.later(2)
    await ward.boot(stranger("new"))
    assert list(await bus.read(keys.QUARANTINE)) == ["new"]


async def test_what_is_unreadable_is_forgotten(bus: Watched) -> None:
    await bus.write(keys.QUARANTINE, {"X": "{", "Y": json.dumps({"charge_point_id": "Y"})})
    assert await Ward(bus).waiting() == []
    assert await bus.read(keys.QUARANTINE) == {}


async def test_who_is_dismissed_is_listed_again_when_it_comes_again(bus: Watched) -> None:
    ward = Ward(bus)
    await ward.boot(stranger(kept=HASH))
    await ward.boot(stranger(kept=OTHER))
    await register.forget(bus, "CP9")
    ward.later(60)
    await ward.boot(stranger(kept=OTHER))
    (entry,) = await ward.waiting()
    assert entry.first_seen == ward.now
    assert not entry.contested


async def test_who_is_registered_by_now_is_told_apart(bus: Watched) -> None:
    ward = Ward(bus)
    await ward.boot(stranger())
    await bus.write(keys.config("CP9"), {"did": "x"})
    assert await ward.waiting() == []
    ward.later(11)
    with pytest.raises(AdmittedError):
        await ward.boot(stranger())
    assert await bus.read(keys.QUARANTINE) == {}


async def test_two_gateways_see_one_quarantine(bus: Watched) -> None:
    one, two = Ward(bus), Ward(bus)
    await one.boot(stranger("A"))
    two.later(30)
    await two.boot(stranger("A"))
    (entry,) = await two.waiting()
    assert (entry.first_seen, entry.last_seen) == (one.now, two.now)


def test_seats_are_counted() -> None:
    quarantine = Quarantine(MemoryBus(), lambda: START, most=2)
    with quarantine.seat():
        assert not quarantine.full
        with quarantine.seat():
            assert quarantine.full
    assert not quarantine.full
