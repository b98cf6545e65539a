"""One gas account, several senders of several processes; its journal is in Redis."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from sdk.bus.interface import Commit, Outcome
from sdk.bus.redis_bus import RedisBus
from sdk.bus.sent_journal import SentJournal
from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.errors import TurnLostError
from sdk.chain.journal import Call, Sent
from sdk.chain.outbox import Bidding, Outbox
from sdk.chain.sender import Sender

PROGRAM = """
import asyncio, sys
from sdk.bus.redis_bus import RedisBus
from sdk.bus.sent_journal import SentJournal
from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient
from sdk.chain.sender import Bidding, Sender

async def main(redis_url, chain_url, secret, receiver, count):
    key, bus = SigningKey.from_hex(secret), RedisBus.from_url(redis_url)
    client = ChainClient([chain_url], 31337)
    journal = SentJournal(bus, 31337, key.address, lease_seconds=1.0)
    sender = Sender(client, key, 30, 0, journal, Bidding(replace_after=1.0))
    print("ready", flush=True)
    sys.stdin.readline()
    async with asyncio.TaskGroup() as group:
        for _ in range(int(count)):
            group.create_task(sender.send(receiver, b"", value=1))
    print("done", flush=True)
    await client.close()
    await bus.close()

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass
class Account:
    """A chain, an account on it, and the Redis of its journal."""

    node: DevNode
    client: ChainClient
    bus: RedisBus
    key: SigningKey
    redis_url: str

    def journal(self, lease_seconds: float = 10.0) -> SentJournal:
        return SentJournal(self.bus, CHAIN_ID, self.key.address, lease_seconds)

    def sender(self, replace_after: float = 20.0) -> Sender:
        return Sender(self.client, self.key, 20, 0, self.journal(), Bidding(replace_after))

    async def process(self, receiver: str, count: int) -> asyncio.subprocess.Process:
        secret = self.key.secret.hex()
        arguments = [self.redis_url, self.node.http_url, secret, receiver, str(count)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return process


@pytest.fixture
async def account(redis: Redis, redis_bus: RedisBus, redis_url: str) -> AsyncIterator[Account]:
    assert redis is not None
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        client = node.client()
        yield Account(node, client, redis_bus, node.accounts[1], redis_url)
        await client.close()


async def _go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    await process.stdin.drain()


async def test_senders_that_share_a_journal_share_the_nonces(account: Account) -> None:
    receiver, senders = new_key().address, [account.sender() for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        for number in range(30):
            group.create_task(senders[number % 3].send(receiver, b"", value=1))
    assert await account.client.balance(receiver) == 30
    assert await account.client.transaction_count(account.key.address) == 30


async def test_what_was_written_though_its_answer_was_lost_is_not_sent_twice(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, bus = new_key().address, RedisBus.from_url(account.redis_url)
    apply, commits = bus.apply, list[Commit]()

    async def frozen_before_the_answer(commit: Commit) -> Outcome:
        outcome = await apply(commit)
        commits.append(commit)
        if len(commits) > 1:
            return outcome
        await asyncio.sleep(0.4)
        await account.sender().tend()
        return await apply(commit)

    monkeypatch.setattr(bus, "apply", frozen_before_the_answer)
    journal = SentJournal(bus, CHAIN_ID, account.key.address, lease_seconds=0.2)
    try:
        await Sender(account.client, account.key, 20, 0, journal).send(receiver, b"", value=1)
    finally:
        await bus.close()
    assert commits
    assert await account.client.balance(receiver) == 1


async def test_two_processes_send_from_one_account(account: Account) -> None:
    receiver = new_key().address
    processes = [await account.process(receiver, 20) for _ in range(2)]
    for process in processes:
        await _go(process)
    async with asyncio.timeout(60):
        for process in processes:
            assert await process.wait() == 0
    assert await account.client.balance(receiver) == 40
    assert await account.client.transaction_count(account.key.address) == 40


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_one_that_dies_or_freezes_amid_its_sends_holds_up_nobody(
    account: Account, how: signal.Signals
) -> None:
    receiver, other = new_key().address, new_key().address
    process = await account.process(receiver, 200)
    await _go(process)
    async with asyncio.timeout(30):
        while await account.client.balance(receiver) < 5:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
    process.send_signal(how)
    sender = account.sender(replace_after=1.0)
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(sender.send(other, b"", value=1))
    assert await account.client.balance(other) == 5
    if how == signal.SIGSTOP:
        process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(60):
            assert await process.wait() == 0
        assert await account.client.balance(receiver) == 200
        assert await account.client.transaction_count(account.key.address) == 205
    await process.wait()


async def test_who_lost_his_turn_sends_nothing(account: Account) -> None:
    outbox = Outbox(account.client, account.key, Bidding())
    call = Call(new_key().address, b"", 1, 30_000)
    async with account.journal(lease_seconds=0.1).turn() as lost:
        await asyncio.sleep(0.2)
        await account.sender().send(call.to, b"", value=1)
        with pytest.raises(TurnLostError):
            await outbox.place(lost, call)
    assert await account.client.balance(call.to) == 1
    assert await account.client.transaction_count(account.key.address) == 1


class _HeldLink(ChainClient):
    """A link that holds back what is sent until it is let go."""

    def __init__(self, url: str) -> None:
        super().__init__([url], CHAIN_ID)
        self.sending, self.go_on = asyncio.Event(), asyncio.Event()

    async def send_raw(self, transaction: bytes) -> str:
        self.sending.set()
        await self.go_on.wait()
        return await super().send_raw(transaction)


async def test_who_loses_his_turn_between_writing_and_sending_pays_once(account: Account) -> None:
    receiver, other = new_key().address, new_key().address
    link = _HeldLink(account.node.http_url)
    frozen = Sender(link, account.key, 20, 0, account.journal(lease_seconds=0.2))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        sending = group.create_task(frozen.send(receiver, b"", value=1))
        await link.sending.wait()
        await account.sender().send(other, b"", value=1)
        assert await account.client.balance(receiver) == 1
        link.go_on.set()
    assert sending.result().receipt["status"] == "0x1"
    assert await account.client.balance(receiver) == 1
    assert await account.client.transaction_count(account.key.address) == 2
    await link.close()


async def test_what_one_left_behind_stuck_the_next_gets_mined(account: Account) -> None:
    receiver = new_key().address
    await account.node.set_automine(False)
    process = await account.process(receiver, 1)
    await _go(process)
    async with asyncio.timeout(10):
        while await account.client.transaction_count(account.key.address) < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    (left,) = (await _sent(account)).values()
    await account.node.set_base_fee(10 * left.fees.most)
    await account.node.mine()
    await account.node.set_automine(True)
    await account.sender().send(receiver, b"", value=10)
    assert await account.client.balance(receiver) == 11


async def _sent(account: Account) -> dict[int, Sent]:
    async with account.journal().turn() as turn:
        return dict(turn.sent)
