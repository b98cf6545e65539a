"""The client and the gas account against nodes that are wrong, away or slow."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.deploying import check_deployment
from sdk.chain.dev_node import CHAIN_ID, DevNode, prepare
from sdk.chain.errors import (
    ChainUnavailableError,
    ContractsMissingError,
    InsufficientGasAccountError,
    TransactionRevertedError,
    WrongChainError,
)
from sdk.chain.safe import ZERO
from sdk.chain.sender import Sender
from sdk.chain.settlement import execute

NOBODY = "http://127.0.0.1:9"
PROGRAM = os.environ.get("ANVIL")


async def test_the_contracts_stand_at_their_addresses(chain: ChainClient) -> None:
    await check_deployment(chain, Deployment())
    with pytest.raises(ContractsMissingError, match="no code"):
        await check_deployment(chain, Deployment(payout=new_key().address))
    with pytest.raises(ContractsMissingError, match="other code"):
        await check_deployment(chain, Deployment(payout=Deployment().safe))


async def test_preparing_a_node_twice_changes_nothing(
    chain: ChainClient, chain_node: DevNode
) -> None:
    before = (await chain.block()).number
    assert await prepare(chain_node.ws_url) == Deployment()
    assert (await chain.block()).number == before


async def test_a_wallet_without_a_fallback_handler_needs_none_checked(chain: ChainClient) -> None:
    await check_deployment(chain, Deployment(fallback_handler=ZERO))


async def test_the_next_url_answers_for_one_that_is_down(chain_node: DevNode) -> None:
    client = ChainClient([NOBODY, chain_node.ws_url], CHAIN_ID)
    block = await client.block()
    assert block.number > 0
    assert client.status.connected
    assert client.status.url == chain_node.http_url
    assert client.status.block_number == block.number
    assert client.status.error is None
    await client.close()


async def test_a_node_of_another_chain_is_never_believed(chain_node: DevNode) -> None:
    client = ChainClient([chain_node.http_url], 1)
    with pytest.raises(WrongChainError, match="31337"):
        await client.block()
    assert not client.status.connected
    mixed = ChainClient([chain_node.http_url, NOBODY], 1)
    with pytest.raises(WrongChainError):
        await mixed.balance(ZERO)
    await client.close()
    await mixed.close()


async def test_a_node_that_hangs_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = ChainClient([f"http://127.0.0.1:{port}"], CHAIN_ID, request_timeout=0.1)
        with pytest.raises(ChainUnavailableError):
            await client.block()
        await client.close()


async def test_a_node_that_dies_and_comes_back_loses_nothing(
    tmp_path: Path, purse: Callable[..., Any]
) -> None:
    node = DevNode(program=PROGRAM, state_file=tmp_path / "chain.json")
    await node.start()
    client = node.client()
    gas = Sender(client, node.accounts[0])
    p = purse()
    await gas.send(p.channel.address, b"", value=1000)
    await node.stop()

    tx = p.channel.voucher(10)
    with pytest.raises(ChainUnavailableError):
        await execute(client, gas, p.channel, tx, p.signatures(tx))
    assert not client.status.connected
    assert client.status.error

    await node.start()
    await client.reconnect()
    assert client.status.connected
    paid = await execute(client, gas, p.channel, tx, p.signatures(tx))
    assert (paid.deposit, paid.spent, paid.refund) == (1000, 10, 990)
    await client.close()
    await node.stop()


async def test_many_sends_at_once_are_all_mined(gas: Sender, chain: ChainClient) -> None:
    receiver = new_key().address
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(gas.send(receiver, b"", value=3))
    assert await chain.balance(receiver) == 60


async def test_a_transaction_that_would_revert_is_not_sent(gas: Sender, chain: ChainClient) -> None:
    count = await chain.transaction_count(gas.address)
    with pytest.raises(TransactionRevertedError):
        await gas.send(Deployment().did_registry, b"\x12\x34\x56\x78")
    assert await chain.transaction_count(gas.address) == count


async def test_a_gas_account_that_is_empty_says_so(chain: ChainClient) -> None:
    with pytest.raises(InsufficientGasAccountError):
        await Sender(chain, new_key()).send(ZERO, b"", value=1)


async def test_what_an_earlier_process_sent_is_waited_for(
    chain_node: DevNode, chain: ChainClient
) -> None:
    receiver, key = new_key().address, chain_node.accounts[2]
    await chain.rpc("evm_setAutomine", False)
    cut_off = Sender(chain, key, mined_within=0.1)
    with pytest.raises(ChainUnavailableError, match="not mined"):
        await cut_off.send(receiver, b"", value=5)
    try:
        for sender in (cut_off, Sender(chain, key, mined_within=0.1)):
            with pytest.raises(ChainUnavailableError, match="not mined"):
                await sender.send(receiver, b"", value=5)
        assert await chain.transaction_count(key.address) == (
            await chain.transaction_count(key.address, "latest") + 1
        )
    finally:
        await chain_node.mine()
        await chain.rpc("evm_setAutomine", True)
    await cut_off.send(receiver, b"", value=5)
    assert await chain.balance(receiver) == 10


async def test_a_send_waits_for_its_confirmations(chain_node: DevNode, chain: ChainClient) -> None:
    sender = Sender(chain, chain_node.accounts[1], confirmations=2)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(sender.send(new_key().address, b"", value=1))
        await asyncio.sleep(0.1)
        assert not sending.done()
        await chain_node.mine(2)
    assert sending.result().block_number == (await chain.block()).number - 2


async def test_the_dev_node_runs_as_a_program_and_takes_anvil_with_it() -> None:
    command = [sys.executable, "-m", "sdk.chain.dev_node"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        ready, name, url = (await process.stdout.readline()).decode().split()
        assert (ready, name, url[:5]) == ("ready", "dev_node", "ws://")
        client = ChainClient([url], CHAIN_ID)
        await check_deployment(client, Deployment())
        process.kill()
        gone_by = time.monotonic() + 5
        while await _answers(client):
            assert time.monotonic() < gone_by
            await asyncio.sleep(0.02)
        await client.close()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answers(client: ChainClient) -> bool:
    try:
        await client.block()
    except ChainUnavailableError:
        return False
    return True
