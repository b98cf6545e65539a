import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sdk.api_keys import (
    FORGOTTEN_AFTER,
    MOST_KEYS,
    ROLES,
    USED_EVERY,
    ApiKeys,
    StoredKey,
    TooManyApiKeysError,
    UnknownApiKeyError,
    id_of,
)
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from session_manager.access import (
    LOOKS,
    WRONG_KEYS,
    Access,
    AccessClosedError,
    Principal,
    TooManyRequestsError,
    TooManyWrongKeysError,
    WrongKeyError,
)
from session_manager.fresh import FRESH_S

SECRET = "c" * 32
HERE = "192.0.2.1"


class Door:
    """Access over a bus in memory, with clocks of its own."""

    def __init__(self, requests_per_minute: int = 60) -> None:
        self.now = 1_000.0
        self.bus = MemoryBus(Limits())
        self.keys = ApiKeys(self.bus, SECRET, self.clock)
        self.access = Access(self.keys, self.clock, requests_per_minute, lambda: self.now)

    def clock(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now)

    async def knock(self, text: str, address: str = HERE) -> Principal:
        return await self.access.check({"Authorization": f"Bearer {text}"}, address)


class SilentKeys(ApiKeys):
    """Keys in a Redis that does not answer, once `answers` is set."""

    def __init__(self, bus: MemoryBus, secret: str) -> None:
        super().__init__(bus, secret)
        self.asked, self.answers, self.reads = asyncio.Event(), asyncio.Event(), 0

    async def stored(self) -> dict[str, StoredKey]:
        self.reads += 1
        self.asked.set()
        await self.answers.wait()
        raise BusUnavailableError("no answer")


async def test_a_key_opens_with_its_role_and_either_header() -> None:
    door = Door()
    key, text = await door.keys.make("Yard 1", "operator")
    expected = Principal(key.id, "Yard 1", "operator")
    assert await door.knock(text) == expected
    assert await door.access.check({"X-API-Key": text}, HERE) == expected
    assert await door.access.check({"Authorization": f"bearer  {text} "}, HERE) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic abc"},
        {"X-API-Key": ""},
        {"X-API-Key": "nrm_"},
        {"X-API-Key": "nrm_abc_"},
        {"X-API-Key": "nrm_" + "a" * 12 + "_" + "b" * 43},
        {"X-API-Key": "nrm_used:_x"},
        {"X-API-Key": "x" * 100_000},
    ],
)
async def test_nothing_else_opens(headers: dict[str, str]) -> None:
    door = Door()
    await door.keys.make("a", "administrator")
    with pytest.raises(WrongKeyError):
        await door.access.check(headers, HERE)


async def test_a_secret_of_another_key_or_credential_key_does_not_open() -> None:
    door = Door()
    one, text = await door.keys.make("one", "viewer")
    _, other = await door.keys.make("other", "administrator")
    with pytest.raises(WrongKeyError):
        await door.knock(f"nrm_{one.id}_{other.split('_', 2)[2]}")
    elsewhere = Access(ApiKeys(door.bus, "d" * 32), door.clock, 60)
    with pytest.raises(WrongKeyError):
        await elsewhere.check({"X-API-Key": text}, HERE)


async def test_what_is_kept_opens_nothing() -> None:
    door = Door()
    key, text = await door.keys.make("one", "viewer")
    secret = text.split("_", 2)[2]
    kept = await door.bus.read(keys.API_KEYS)
    assert kept
    assert not any(secret in value for value in kept.values())
    stored = (await door.keys.stored())[key.id]
    with pytest.raises(WrongKeyError):
        await door.knock(f"nrm_{key.id}_{stored.hash}")
    assert stored.hash not in repr(stored)
    assert "hash" not in stored.shown().model_dump()


async def test_a_revoked_key_is_out_within_two_seconds() -> None:
    door = Door()
    key, text = await door.keys.make("one", "viewer")
    await door.knock(text)
    revoked = await ApiKeys(door.bus, SECRET, door.clock).revoke(key.id)  # another process
    assert revoked.revoked_at is not None
    assert FRESH_S <= 2
    door.now += FRESH_S
    with pytest.raises(WrongKeyError):
        await door.knock(text)
    assert [each.revoked_at is None for each in await door.keys.list()] == [False]


async def test_a_key_that_was_just_made_opens_at_once() -> None:
    door = Door()
    _, old = await door.keys.make("old", "viewer")
    await door.knock(old)
    _, new = await door.keys.make("new", "viewer")
    assert (await door.knock(new)).name == "new"


async def test_keys_that_there_are_not_cost_a_bounded_number_of_reads() -> None:
    door = Door()
    _, old = await door.keys.make("old", "viewer")
    await door.knock(old)
    for number in range(LOOKS):
        with pytest.raises(WrongKeyError):
            await door.knock(f"nrm_{number}_x", f"192.0.2.{number}")
    _, new = await door.keys.make("new", "viewer")
    with pytest.raises(WrongKeyError):
        await door.knock(new)
    door.now += FRESH_S
    assert (await door.knock(new)).name == "new"


async def test_a_key_that_is_used_does_not_come_back_when_it_is_revoked() -> None:
    door = Door()
    key, text = await door.keys.make("one", "viewer")
    await door.knock(text)
    assert (await door.keys.list())[0].last_used_at == door.clock()
    await door.keys.revoke(key.id)
    await door.keys.note_use(key.id)
    assert (await door.keys.list())[0].revoked_at is not None


async def test_use_is_written_down_now_and_then() -> None:
    door = Door()
    _, text = await door.keys.make("one", "viewer")
    await door.knock(text)
    first = (await door.keys.list())[0].last_used_at
    door.now += USED_EVERY.total_seconds() - 1
    await door.knock(text)
    assert (await door.keys.list())[0].last_used_at == first
    door.now += 1
    await door.knock(text)
    assert (await door.keys.list())[0].last_used_at == door.clock()


async def test_wrong_keys_are_counted_by_network_and_hurt_no_right_one() -> None:
    door = Door()
    key, text = await door.keys.make("one", "viewer")
    wrong = f"nrm_{key.id}_wrong"
    for _ in range(WRONG_KEYS):
        with pytest.raises(WrongKeyError):
            await door.knock(wrong)
    with pytest.raises(TooManyWrongKeysError) as raised:
        await door.knock(wrong)
    assert raised.value.seconds > 0
    assert (await door.knock(text)).id == key.id
    with pytest.raises(WrongKeyError):
        await door.knock(wrong, "192.0.2.2")
    door.now += raised.value.seconds
    with pytest.raises(WrongKeyError):
        await door.knock(wrong)


@pytest.mark.parametrize(("own", "usual", "most"), [(None, 3, 3), (5, 3, 5)])
async def test_a_key_asks_as_often_as_it_may(own: int | None, usual: int, most: int) -> None:
    door = Door(usual)
    _, text = await door.keys.make("one", "viewer", own)
    _, other = await door.keys.make("other", "viewer", own)
    principal = await door.knock(text)
    for _ in range(most):
        door.access.count(principal)
    with pytest.raises(TooManyRequestsError) as raised:
        door.access.count(principal)
    assert raised.value.seconds == 60 // most
    door.access.count(await door.knock(other))
    door.now += raised.value.seconds
    door.access.count(principal)


async def test_without_a_credential_key_nobody_is_let_in() -> None:
    door = Door()
    _, text = await door.keys.make("one", "administrator")
    closed = Access(None, door.clock, 60)
    with pytest.raises(AccessClosedError, match="CREDENTIAL_KEY"):
        await closed.check({"X-API-Key": text}, HERE)


def test_each_role_may_what_those_before_it_may() -> None:
    for at, role in enumerate(ROLES):
        may = [Principal("1", "n", role).may(least) for least in ROLES]
        assert may == [place <= at for place in range(len(ROLES))]


async def test_old_revoked_keys_make_room_and_there_is_an_end_to_it() -> None:
    door = Door()
    first, _ = await door.keys.make("first", "viewer")
    for number in range(MOST_KEYS - 1):
        await door.keys.make(f"k{number}", "viewer")
    with pytest.raises(TooManyApiKeysError):
        await door.keys.make("more", "viewer")
    await door.keys.revoke(first.id)
    await door.keys.note_use(first.id)
    with pytest.raises(TooManyApiKeysError):
        await door.keys.make("more", "viewer")
    door.now += FORGOTTEN_AFTER.total_seconds() + 1
    await door.keys.make("more", "viewer")
    names = {key.name for key in await door.keys.list()}
    assert "first" not in names
    assert "more" in names
    assert not [name for name in await door.bus.read(keys.API_KEYS) if first.id in name]


async def test_a_key_that_there_is_not_cannot_be_revoked() -> None:
    with pytest.raises(UnknownApiKeyError):
        await Door().keys.revoke("0" * 12)


async def test_who_waits_for_a_redis_that_does_not_answer_waits_once() -> None:
    door = Door()
    keys = SilentKeys(door.bus, SECRET)
    access = Access(keys, door.clock, 60, lambda: door.now)

    async def knock() -> None:
        with pytest.raises(BusUnavailableError):
            await access.check({"X-API-Key": "nrm_a_b"}, HERE)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(knock())
        await keys.asked.wait()
        door.now += 3
        keys.answers.set()
    assert keys.reads == 1
    door.now += 1
    await knock()
    assert keys.reads == 2


async def test_what_cannot_be_read_is_no_key() -> None:
    door = Door()
    await door.bus.write(keys.API_KEYS, {"0" * 12: "{"})
    assert await door.keys.list() == []


def test_the_id_of_a_key_is_in_its_text() -> None:
    assert id_of("nrm_abc_de_f") == "abc"
    for wrong in ("", "nrm", "nrm_abc", "nrm_abc_", "nrm__x", "other_abc_x", "nrm_a_" + "x" * 100):
        assert id_of(wrong) is None


@pytest.mark.parametrize("used", ["", "yesterday", "2030-01-01T00:00:00"])
async def test_a_key_whose_last_use_is_damaged_opens_nevertheless(used: str) -> None:
    door = Door()
    key, text = await door.keys.make("one", "viewer")
    await door.bus.write(keys.API_KEYS, {f"used:{key.id}": used})
    assert [each.last_used_at for each in await door.keys.list()] == [None]
    await door.knock(text)
    assert [each.last_used_at for each in await door.keys.list()] == [door.clock()]
