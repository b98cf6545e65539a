"""Calls that are sent together: who reads several hashes, and who gives up, blocks nobody."""

import asyncio
from random import Random

from soak_random import seeded

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus

READERS, ROUNDS, HASHES = 60, 20, 5


async def test_reads_of_one_and_of_many_hashes_never_wait_for_each_other(
    redis_bus: RedisBus,
) -> None:
    names = [keys.connector("CP-1", number) for number in range(HASHES)]
    for number, name in enumerate(names):
        await redis_bus.write(name, {"n": str(number)})

    async def read(rng: Random) -> int:
        found = 0
        for _ in range(ROUNDS):
            some = rng.sample(names, rng.randint(1, HASHES))
            hashes = await redis_bus.read_many(some)
            assert [f"CP-1}}:connector:{each['n']}" for each in hashes] == [
                name.partition("{")[2] for name in some
            ]
            found += len(hashes) + bool(await redis_bus.read(some[0]))
        return found

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        tasks = [group.create_task(read(seeded(number))) for number in range(READERS)]
    assert all(task.result() >= 2 * ROUNDS for task in tasks)


async def test_readers_that_are_cancelled_hold_up_nobody(redis_bus: RedisBus) -> None:
    names = [keys.connector("CP-1", number) for number in range(HASHES)]
    rng = seeded(1)

    async def read() -> None:
        while True:
            await redis_bus.read_many(names)

    async with asyncio.timeout(30):
        for _ in range(ROUNDS):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(read()) for _ in range(READERS)]
                for task in tasks:
                    await asyncio.sleep(rng.random() / 1000)
                    task.cancel()
        assert await redis_bus.read_many(names) == [{}] * HASHES
