"""What Payout logs and deploys, whatever else happens around it; and what nobody can do with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.errors import ChainError, ContractsMissingError, TransactionRevertedError
from sdk.chain.payouts import PAID, read_payout
from sdk.chain.safe import (
    ZERO,
    SafeTx,
    create_proxy_call,
    deploy_and_execute_call,
    exec_call,
    join_signatures,
    selector,
)
from sdk.chain.settlement import Payout, execute, read_wallet

DEPOSIT = 1_000_000
NewPurse = Callable[..., Any]
PutContract = Callable[[str], Awaitable[str]]


@asynccontextmanager
async def _one_block(node: DevNode, chain: ChainClient) -> AsyncIterator[None]:
    await chain.rpc("evm_setAutomine", False)
    try:
        yield
        await node.mine()
    finally:
        await chain.rpc("evm_setAutomine", True)


async def _send(chain: ChainClient, key: SigningKey, call: dict[str, Any], *, before: bool) -> str:
    """Offer more for the gas than the others of the block, or less."""
    base = (await chain.block()).base_fee
    fee = 10**12 if before else base * 5 // 4
    fields = {
        "type": 2,
        "chainId": CHAIN_ID,
        "nonce": await chain.transaction_count(key.address),
        "gas": 500_000,
        "maxFeePerGas": fee,
        "maxPriorityFeePerGas": fee - base if before else 0,
        "value": 0,
    }
    signed = Account.sign_transaction(fields | call, key.secret)
    return await chain.send_raw(bytes(signed.raw_transaction))


async def _paid_beside(
    p: Any, node: DevNode, spent: int, call: dict[str, Any], *, before: bool
) -> tuple[Payout, dict[str, Any]]:
    """Pay out in a block in which someone else makes `call`; give both."""
    count, payer = p.client.transaction_count, p.gas.address
    async with asyncio.timeout(10), asyncio.TaskGroup() as group, _one_block(node, p.client):
        paying = group.create_task(p.execute(p.channel.voucher(spent)))
        while await count(payer) == await count(payer, "latest"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
        sent = await _send(p.client, node.accounts[3], call, before=before)
    receipt = await p.client.receipt(sent)
    paid = paying.result()
    assert int(receipt["blockNumber"], 16) == paid.block_number
    return paid, receipt


def _deploy_call(p: Any) -> bytes:
    channel = p.channel
    return create_proxy_call(channel.owners, channel.session_id, channel.deployment)


def _both_calls(p: Any, execution: bytes) -> bytes:
    factory = p.channel.deployment.proxy_factory
    return deploy_and_execute_call(factory, _deploy_call(p), p.channel.address, execution)


def _on_account(function: str, account: str, amount: int) -> bytes:
    arguments = encode(["address", "uint256"], [account, amount])
    return selector(f"{function}(address,uint256)") + arguments


async def test_what_came_just_before_the_payout_is_paid_back(
    purse: NewPurse, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    call = {"to": p.channel.address, "value": 40}
    paid, _ = await _paid_beside(p, chain_node, 10, call, before=True)
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT + 40, 10, DEPOSIT + 30)
    assert await p.balances() == (1 + 10, 1 + DEPOSIT + 30, 0)


async def test_what_comes_just_after_the_payout_is_not_counted(
    purse: NewPurse, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    call = {"to": p.channel.address, "value": DEPOSIT}
    paid, _ = await _paid_beside(p, chain_node, 10, call, before=False)
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT, 10, DEPOSIT - 10)
    assert paid.left == DEPOSIT
    assert await p.balances() == (1 + 10, 1 + DEPOSIT - 10, DEPOSIT)
    found = await p.execute(p.channel.voucher(10))
    assert found == replace(paid, already=True)


async def test_one_unit_more_does_not_make_a_payout_run_dry(
    purse: NewPurse, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    call = {"to": p.channel.address, "value": 1}
    paid, _ = await _paid_beside(p, chain_node, DEPOSIT, call, before=True)
    assert (paid.spent, paid.refund, paid.left) == (DEPOSIT, 1, 0)


async def test_a_token_that_comes_just_after_is_not_counted(
    purse: NewPurse, chain_node: DevNode, put_contract: PutContract
) -> None:
    p = purse(token=await put_contract("Token"))
    mint = _on_account("mint", p.channel.address, DEPOSIT)
    await p.gas.send(p.channel.token, mint)
    call = {"to": p.channel.token, "data": mint}
    paid, _ = await _paid_beside(p, chain_node, 10, call, before=False)
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT, 10, DEPOSIT - 10)
    assert await p.balances() == (10, DEPOSIT - 10, DEPOSIT)


async def test_a_deployment_in_front_only_delays_the_payout(
    purse: NewPurse, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    count, payer = p.client.transaction_count, p.gas.address
    before = await count(payer)
    call = {"to": p.channel.deployment.proxy_factory, "data": _deploy_call(p)}
    block = _one_block(chain_node, p.client)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group, block:
        paying = group.create_task(p.execute(p.channel.voucher(10)))
        while await count(payer) == before:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
        deployment = await _send(p.client, chain_node.accounts[3], call, before=True)
    paid = paying.result()
    assert (paid.spent, paid.refund, paid.already) == (10, DEPOSIT - 10, False)
    assert await count(payer) == before + 2
    first = await p.client.receipt(deployment)
    assert int(first["blockNumber"], 16) < paid.block_number
    assert paid.gas_used < 120_000
    assert await p.balances() == (11, 1 + DEPOSIT - 10, 0)


async def test_a_failing_payout_is_not_tried_twice(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    await p.gas.send(p.channel.deployment.proxy_factory, _deploy_call(p))
    before = await p.client.transaction_count(p.gas.address)
    with pytest.raises(TransactionRevertedError):
        await p.execute(p.channel.gated_refund())
    assert await p.client.transaction_count(p.gas.address) == before


@pytest.mark.parametrize("deployed", [False, True])
async def test_without_payout_nothing_is_sent(purse: NewPurse, *, deployed: bool) -> None:
    whole = purse()
    missing = Deployment(payout=new_key().address)
    p = replace(whole, channel=replace(whole.channel, deployment=missing))
    await p.deposit(DEPOSIT)
    if deployed:
        await p.gas.send(missing.proxy_factory, _deploy_call(p))
    with pytest.raises(ContractsMissingError):
        await p.execute(p.channel.voucher(10))
    wallet = await read_wallet(p.client, p.channel)
    assert (wallet.deployed, wallet.nonce, wallet.balance) == (deployed, 0, DEPOSIT)


@pytest.mark.parametrize("signers", ["driver", "station", "nobody"])
async def test_a_stranger_needs_both_signatures(purse: NewPurse, signers: str) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    tx = p.channel.voucher(10)
    forged = SigningKey.from_bytes(b"\1" * 32)
    signatures = {
        p.driver.address: p.channel.sign(tx, p.driver if signers == "driver" else forged),
        p.station.address: p.channel.sign(tx, p.station if signers == "station" else forged),
    }
    call = _both_calls(p, exec_call(tx, join_signatures(signatures)))
    with pytest.raises(TransactionRevertedError, match="GS0"):
        await p.gas.send(p.channel.deployment.payout, call)
    wallet = await read_wallet(p.client, p.channel)
    assert (wallet.deployed, wallet.balance) == (False, DEPOSIT)


async def test_a_wallet_runs_it_for_both_owners_only(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    await p.gas.send(p.channel.deployment.proxy_factory, _deploy_call(p))
    anyone = new_key().address
    inner = deploy_and_execute_call(anyone, b"", p.channel.deployment.safe, b"")
    tx = SafeTx(p.channel.deployment.payout, inner, 0)
    one = {p.station.address: p.channel.sign(tx, p.station)}
    for signatures in (one, one | {p.driver.address: p.channel.sign(tx, p.station)}):
        with pytest.raises(TransactionRevertedError, match="GS02"):
            await p.gas.send(p.channel.address, exec_call(tx, join_signatures(signatures)))
    assert (await read_wallet(p.client, p.channel)).nonce == 0


async def test_payout_itself_pays_only_what_someone_gave_it(
    purse: NewPurse, chain: ChainClient
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    payout = p.channel.deployment.payout
    mined = await p.gas.send(payout, p.channel.voucher(10).data, value=25)
    assert await p.balances() == (1 + 10, 1 + 15, DEPOSIT)
    assert await chain.balance(payout) == 0
    (log,) = mined.receipt["logs"]
    assert (log["address"], log["topics"]) == (payout.lower(), [PAID])
    voucher = "0x" + p.channel.digest(p.channel.voucher(10)).hex()
    with pytest.raises(ChainError, match="no payout"):
        await read_payout(chain, p.channel, mined.receipt, voucher)
    with pytest.raises(TransactionRevertedError):
        await p.gas.send(payout, _both_calls(p, b""), value=1)


async def test_payout_can_spend_nobodys_tokens(purse: NewPurse, put_contract: PutContract) -> None:
    p = purse(token=await put_contract("Token"))
    await p.gas.send(p.channel.token, _on_account("mint", p.channel.address, DEPOSIT))
    transfer = _on_account("transfer", new_key().address, 1)
    factory = p.channel.deployment.proxy_factory
    call = deploy_and_execute_call(factory, _deploy_call(p), p.channel.token, transfer)
    with pytest.raises(TransactionRevertedError):
        await p.gas.send(p.channel.deployment.payout, call)
    assert (await p.balances())[2] == DEPOSIT


@pytest.mark.parametrize("step", ["creation", "wallet", "execution"])
async def test_each_step_must_succeed(purse: NewPurse, step: str) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    tx = p.channel.voucher(10)
    execution = exec_call(tx, join_signatures(p.signatures(tx)))
    factory, creation, wallet = (
        p.channel.deployment.proxy_factory,
        _deploy_call(p),
        p.channel.address,
    )
    unsigned = exec_call(tx, b"")
    call = {
        "creation": deploy_and_execute_call(factory, b"none", wallet, execution),
        "wallet": deploy_and_execute_call(new_key().address, creation, wallet, execution),
        "execution": deploy_and_execute_call(factory, creation, wallet, unsigned),
    }[step]
    with pytest.raises(TransactionRevertedError):
        await p.gas.send(p.channel.deployment.payout, call)
    assert await p.balances() == (1, 1, DEPOSIT)


async def test_the_gas_account_may_be_either_party(purse: NewPurse, chain: ChainClient) -> None:
    p = purse()
    p = replace(p, channel=replace(p.channel, refund_account=p.gas.address.lower(), token=ZERO))
    await p.deposit(DEPOSIT)
    tx = p.channel.voucher(10)
    paid = await execute(chain, p.gas, p.channel, tx, p.signatures(tx))
    assert (paid.spent, paid.refund) == (10, DEPOSIT - 10)
    assert paid.gas_used <= 350_000
