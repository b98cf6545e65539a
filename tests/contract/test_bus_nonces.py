"""The journal of a gas account over a bus: one turn at a time, and none for who lost it."""

import asyncio

import pytest

from sdk.bus.interface import Bus
from sdk.bus.redis_bus import RedisBus
from sdk.bus.sent_journal import SentJournal
from sdk.chain.errors import JournalUnavailableError, TurnLostError
from sdk.chain.fees import Fees
from sdk.chain.journal import Call, MemoryJournal, Sent

ACCOUNT = "0x" + "aB" * 20
CALL = Call("0x" + "cd" * 20, b"\1\2", 10**30, 21_000, ("0x" + "ef" * 20,))


def _sent(nonce: int, *hashes: str) -> Sent:
    return Sent(nonce, CALL, Fees(10**20, 7), hashes or ("0xa",), 1234.5, "0xgenesis")


async def test_what_is_written_is_there_for_the_next(bus: Bus) -> None:
    one, two = SentJournal(bus, 1, ACCOUNT), SentJournal(bus, 1, ACCOUNT.lower())
    async with one.turn() as turn:
        assert not turn.sent
        await turn.write(_sent(3))
        await turn.write(_sent(4))
        await turn.write(_sent(3, "0xa", "0xb"))
    async with two.turn() as turn:
        assert turn.sent == {3: _sent(3, "0xa", "0xb"), 4: _sent(4)}
        await turn.forget([4])
    assert await one.read(3) == _sent(3, "0xa", "0xb")
    assert await one.read(4) is None


async def test_accounts_and_chains_have_their_own(bus: Bus) -> None:
    async with SentJournal(bus, 1, ACCOUNT).turn() as turn:
        await turn.write(_sent(3))
        for other in (SentJournal(bus, 2, ACCOUNT), SentJournal(bus, 1, "0x" + "12" * 20)):
            async with asyncio.timeout(1), other.turn() as free:
                assert not free.sent


@pytest.mark.parametrize("shared", [True, False])
async def test_turns_exclude_each_other(bus: Bus, *, shared: bool) -> None:
    one = SentJournal(bus, 1, ACCOUNT)
    journals = [one, one, one] if shared else [SentJournal(bus, 1, ACCOUNT) for _ in range(3)]
    inside = 0

    async def take(journal: SentJournal) -> None:
        nonlocal inside
        async with journal.turn() as turn:
            inside += 1
            await asyncio.sleep(0.005)
            assert inside == 1
            await turn.write(_sent(len(turn.sent)))
            inside -= 1

    async with asyncio.TaskGroup() as group:
        for number in range(12):
            group.create_task(take(journals[number % 3]))
    async with journals[0].turn() as turn:
        assert sorted(turn.sent) == list(range(12))


async def test_who_was_frozen_past_his_turn_writes_nothing(bus: Bus) -> None:
    frozen = SentJournal(bus, 1, ACCOUNT, lease_seconds=0.05)
    async with frozen.turn() as lost:
        await asyncio.sleep(0.1)
        async with SentJournal(bus, 1, ACCOUNT).turn() as turn:
            with pytest.raises(TurnLostError):
                await lost.write(_sent(5, "0xlost"))
            await turn.write(_sent(5))
            with pytest.raises(TurnLostError):
                await lost.forget([5])
    assert await frozen.read(5) == _sent(5)


async def test_who_was_slow_but_not_followed_goes_on(bus: Bus) -> None:
    slow = SentJournal(bus, 1, ACCOUNT, lease_seconds=0.05)
    async with slow.turn() as turn:
        await asyncio.sleep(0.1)
        await turn.write(_sent(5))
    assert await slow.read(5) == _sent(5)


async def test_the_turn_of_one_that_died_ends_by_itself(bus: Bus) -> None:
    dead = SentJournal(bus, 1, ACCOUNT, lease_seconds=0.1)
    dying = dead.turn()
    await dying.__aenter__()
    async with asyncio.timeout(2), SentJournal(bus, 1, ACCOUNT).turn():
        pass
    await dying.__aexit__(None, None, None)


async def test_a_failing_turn_is_given_back(bus: Bus) -> None:
    journal = SentJournal(bus, 1, ACCOUNT, lease_seconds=60)
    with pytest.raises(ValueError, match="mine"):
        async with journal.turn():
            raise ValueError("mine")
    async with asyncio.timeout(1), SentJournal(bus, 1, ACCOUNT).turn():
        pass


async def test_a_bus_that_is_away_is_told_as_such() -> None:
    away = RedisBus.from_url("redis://127.0.0.1:9", answer_seconds=0.2)
    journal = SentJournal(away, 1, ACCOUNT)
    with pytest.raises(JournalUnavailableError):
        async with journal.turn():
            raise AssertionError
    with pytest.raises(JournalUnavailableError):
        await journal.read(1)
    await away.close()


async def test_a_process_of_its_own_needs_no_bus() -> None:
    journal = MemoryJournal()
    async with journal.turn() as turn:
        await turn.write(_sent(3))
        await turn.write(_sent(4))
        await turn.forget([3, 9])
    assert (await journal.read(3), await journal.read(4)) == (None, _sent(4))
