"""Leases and fencing tokens."""

import asyncio

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome

CP = "CP-1"


async def test_one_owner_at_a_time(bus: Bus) -> None:
    held = await bus.acquire_lease(CP, "one", ttl=5)
    assert held is not None
    assert held.owner == "one"
    assert await bus.acquire_lease(CP, "two", ttl=5) is None
    assert await bus.acquire_lease("CP-2", "two", ttl=5) is not None


async def test_renewing_keeps_the_token_and_the_lease(bus: Bus) -> None:
    held = await bus.acquire_lease(CP, "one", ttl=0.2)
    for _ in range(4):
        await asyncio.sleep(0.08)
        assert await bus.acquire_lease(CP, "one", ttl=0.2) == held
    assert await bus.acquire_lease(CP, "two", ttl=5) is None


async def test_an_expired_lease_comes_with_a_new_token(bus: Bus) -> None:
    first = await bus.acquire_lease(CP, "one", ttl=0.03)
    await asyncio.sleep(0.06)
    again = await bus.acquire_lease(CP, "one", ttl=5)
    assert first is not None
    assert again is not None
    assert again.guard != first.guard
    assert await bus.apply(Commit(CP, guards=[first.guard])) is Outcome.FENCED


async def test_a_released_lease_is_free_at_once(bus: Bus) -> None:
    held = await bus.acquire_lease(CP, "one", ttl=5)
    assert held is not None
    await bus.release_lease(held)
    assert await bus.acquire_lease(CP, "two", ttl=5) is not None


async def test_nobody_releases_what_he_lost(bus: Bus) -> None:
    lost = await bus.acquire_lease(CP, "one", ttl=0.03)
    await asyncio.sleep(0.06)
    await bus.acquire_lease(CP, "two", ttl=5)
    assert lost is not None
    await bus.release_lease(lost)
    assert await bus.acquire_lease(CP, "three", ttl=5) is None


async def test_a_token_rises_and_can_not_be_guessed(bus: Bus) -> None:
    key = keys.gateway(CP)
    tokens = [(await bus.new_fence(key)).token for _ in range(3)]
    assert [int(token.partition("-")[0]) for token in tokens] == [1, 2, 3]
    assert len({token.partition("-")[2] for token in tokens}) == 3
