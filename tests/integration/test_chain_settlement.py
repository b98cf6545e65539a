"""A wallet from deposit to payout on a real chain, to the last unit."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sdk.chain.client import ChainClient
from sdk.chain.dev_node import DevNode
from sdk.chain.errors import DepositGoneError, TransactionRevertedError
from sdk.chain.safe import (
    SafeTx,
    create_proxy_call,
    exec_call,
    join_signatures,
    selector,
)
from sdk.chain.sender import Sender
from sdk.chain.settlement import (
    confirmed_deposit,
    execute,
    find_payout,
    leftover,
    read_wallet,
    sweep,
)

ETHER = 10**18
DEPOSIT = ETHER // 3
NewPurse = Callable[..., Any]


async def _deploy(purse: Any) -> None:
    channel = purse.channel
    call = create_proxy_call(channel.owners, channel.session_id, channel.deployment)
    await purse.gas.send(channel.deployment.proxy_factory, call)


async def test_a_voucher_pays_both_and_deploys_in_one_transaction(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    assert (await confirmed_deposit(p.client, p.channel, 0))[0] == DEPOSIT
    paid = await p.execute(p.channel.voucher(123_456_789))

    assert await p.balances() == (1 + 123_456_789, 1 + DEPOSIT - 123_456_789, 0)
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT, 123_456_789, DEPOSIT - 123_456_789)
    assert (paid.left, paid.already) == (0, False)
    assert paid.gas_used <= 352_000
    assert paid.sender.lower() == p.gas.address.lower()
    assert paid.safe_tx_hash == "0x" + p.channel.digest(p.channel.voucher(123_456_789)).hex()
    wallet = await read_wallet(p.client, p.channel)
    assert (wallet.deployed, wallet.nonce, wallet.balance) == (True, 1, 0)


async def test_a_station_that_pays_its_own_gas_needs_less(purse: NewPurse) -> None:
    p = purse()
    own = Sender(p.client, p.station)
    await p.gas.send(p.station.address, b"", value=ETHER)
    await p.deposit(DEPOSIT)
    tx = p.channel.voucher(5)
    paid = await execute(p.client, own, p.channel, tx, p.signatures(tx))
    assert paid.gas_used <= 350_000
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT, 5, DEPOSIT - 5)
    assert (await p.balances())[1:] == (1 + DEPOSIT - 5, 0)


async def test_the_wallet_is_the_one_that_was_computed(purse: NewPurse) -> None:
    p = purse()
    await _deploy(p)
    call, address = p.client.call, p.channel.address
    owners = await call(address, selector("getOwners()"))
    assert [owners[76:96].hex(), owners[108:128].hex()] == [
        owner[2:].lower() for owner in p.channel.owners
    ]
    assert int.from_bytes(await call(address, selector("getThreshold()")), "big") == 2
    tx = p.channel.voucher(5)
    name = "getTransactionHash(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,"
    arguments = exec_call(tx, b"")[4:]
    # execTransaction's signatures and getTransactionHash's nonce are both the tenth argument
    head = arguments[: 9 * 32] + tx.nonce.to_bytes(32, "big") + arguments[10 * 32 :]
    assert await call(address, selector(name + "uint256)") + head) == p.channel.digest(tx)


async def test_a_deposit_counts_when_it_is_deep_enough(
    purse: NewPurse, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    assert (await confirmed_deposit(p.client, p.channel, 2))[0] == 0
    await chain_node.mine(2)
    amount, number = await confirmed_deposit(p.client, p.channel, 2)
    assert amount == DEPOSIT
    assert number == (await p.client.block()).number - 2


@pytest.mark.parametrize("difference", [-1, 5])
async def test_a_deposit_a_little_short_or_over_locks_nothing(
    purse: NewPurse, difference: int
) -> None:
    p = purse()
    await p.deposit(DEPOSIT + difference)
    paid = await p.execute(p.channel.voucher(DEPOSIT))
    spent = min(DEPOSIT, DEPOSIT + difference)
    refund = max(0, difference)
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT + difference, spent, refund)
    assert await p.balances() == (1 + spent, 1 + refund, 0)


@pytest.mark.parametrize("spent", [0, 7])
async def test_an_empty_wallet_keeps_its_voucher_for_the_deposit(
    purse: NewPurse, spent: int
) -> None:
    p = purse()
    count = await p.client.transaction_count(p.gas.address)
    with pytest.raises(DepositGoneError, match="holds nothing"):
        await p.execute(p.channel.voucher(spent))
    assert await p.client.transaction_count(p.gas.address) == count
    await p.deposit(DEPOSIT)
    assert (await p.execute(p.channel.voucher(spent))).spent == spent


async def test_the_gated_refund_waits_for_its_time(purse: NewPurse, chain_node: DevNode) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    refund = p.channel.gated_refund()
    with pytest.raises(TransactionRevertedError):
        await p.execute(refund)
    await _deploy(p)
    with pytest.raises(TransactionRevertedError):
        await p.execute(refund)
    wallet = await read_wallet(p.client, p.channel)
    assert (wallet.nonce, wallet.balance) == (0, DEPOSIT)

    now = (await p.client.block()).timestamp
    await chain_node.increase_time(p.channel.refund_opens_at - now)
    driver_pays = Sender(p.client, chain_node.accounts[1])
    paid = await execute(p.client, driver_pays, p.channel, refund, p.signatures(refund))
    assert (paid.deposit, paid.spent, paid.refund) == (DEPOSIT, 0, DEPOSIT)
    assert await p.balances() == (1, 1 + DEPOSIT, 0)


async def test_a_voucher_that_comes_second_finds_the_first(
    purse: NewPurse, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    first = await p.execute(p.channel.voucher(10))
    other = Sender(p.client, chain_node.accounts[1])
    tx = p.channel.voucher(20)
    again = await execute(p.client, other, p.channel, tx, p.signatures(tx))
    assert again.already
    assert (again.transaction_hash, again.spent, again.refund) == (
        first.transaction_hash,
        10,
        DEPOSIT - 10,
    )
    assert await p.balances() == (1 + 10, 1 + DEPOSIT - 10, 0)


async def test_a_sweep_pays_back_what_is_left_and_only_once(purse: NewPurse) -> None:
    p = purse()
    signatures = p.signatures(p.channel.sweep())
    await p.deposit(DEPOSIT)
    assert await leftover(p.client, p.channel) == 0
    assert await sweep(p.client, p.gas, p.channel, signatures) is None
    await p.execute(p.channel.voucher(10))
    assert await leftover(p.client, p.channel) == 0
    assert await sweep(p.client, p.gas, p.channel, signatures) is None
    await p.deposit(77)
    assert await leftover(p.client, p.channel) == 77
    swept = await sweep(p.client, p.gas, p.channel, signatures)
    assert swept is not None
    assert (swept.spent, swept.refund, swept.left, swept.already) == (0, 77, 0, False)
    await p.deposit(5)
    again = await sweep(p.client, p.gas, p.channel, signatures)
    assert again is not None
    assert (again.transaction_hash, again.already, again.left) == (swept.transaction_hash, True, 5)
    assert await leftover(p.client, p.channel) == 0
    assert await p.balances() == (1 + 10, 1 + DEPOSIT - 10 + 77, 5)


async def test_a_sweep_needs_both_signatures(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    await p.execute(p.channel.voucher(10))
    await p.deposit(77)
    tx = p.channel.sweep()
    station = p.channel.sign(tx, p.station)
    for signatures in (
        {p.station.address: station},
        {p.station.address: station, p.driver.address: station},
    ):
        with pytest.raises(TransactionRevertedError):
            await sweep(p.client, p.gas, p.channel, signatures)
    assert await leftover(p.client, p.channel) == 77


async def test_what_came_in_later_is_swept_back(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    first = await p.execute(p.channel.voucher(10))
    await p.deposit(77)
    swept = await p.execute(p.channel.sweep())
    assert (swept.deposit, swept.spent, swept.refund) == (77, 0, 77)
    assert await p.balances() == (1 + 10, 1 + DEPOSIT - 10 + 77, 0)
    assert (await p.execute(p.channel.voucher(30))).transaction_hash == first.transaction_hash
    assert (await find_payout(p.client, p.channel)).transaction_hash == swept.transaction_hash


async def test_the_sweep_cannot_come_first(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    with pytest.raises(TransactionRevertedError):
        await p.execute(p.channel.sweep())
    assert (await p.balances())[2] == DEPOSIT


async def test_a_wallet_that_someone_else_deployed_pays_out(purse: NewPurse) -> None:
    p = purse()
    await p.deposit(DEPOSIT)
    await _deploy(p)
    paid = await p.execute(p.channel.voucher(10))
    assert await p.balances() == (11, 1 + DEPOSIT - 10, 0)
    assert paid.gas_used < 120_000


async def test_a_refund_account_that_takes_nothing_blocks_nobody(purse: NewPurse) -> None:
    refuses = purse().channel.deployment.did_registry
    p = purse(refund_account=refuses)
    await p.deposit(DEPOSIT)
    paid = await p.execute(p.channel.voucher(10))
    assert (paid.deposit, paid.spent, paid.refund, paid.left) == (10, 10, 0, DEPOSIT - 10)
    assert await p.balances() == (11, 0, DEPOSIT - 10)


@pytest.mark.parametrize("deployed", [False, True])
async def test_the_gas_that_a_refund_account_needs_is_there(
    purse: NewPurse, put_contract: Callable[[str], Awaitable[str]], *, deployed: bool
) -> None:
    p = purse(refund_account=await put_contract("HungryAccount"))
    await p.deposit(DEPOSIT)
    if deployed:
        await _deploy(p)
    paid = await p.execute(p.channel.voucher(10))
    assert (paid.spent, paid.refund, paid.left) == (10, DEPOSIT - 10, 0)


async def test_nobody_can_starve_the_refund_of_gas(
    purse: NewPurse, put_contract: Callable[[str], Awaitable[str]], chain: ChainClient
) -> None:
    p = purse(refund_account=await put_contract("HungryAccount"))
    await p.deposit(DEPOSIT)
    await _deploy(p)
    tx = p.channel.voucher(10)
    call = exec_call(tx, join_signatures(p.signatures(tx)))
    tried = {"from": p.gas.address, "to": p.channel.address, "data": "0x" + call.hex()}
    refused = 0
    for gas in range(60_000, 300_000, 10_000):
        try:
            await chain.rpc("eth_call", tried | {"gas": hex(gas)}, "latest")
        except TransactionRevertedError:
            refused += 1
            continue
        await chain.rpc("anvil_impersonateAccount", p.gas.address)
        await chain.rpc("eth_sendTransaction", tried | {"gas": hex(gas)})
        await chain.rpc("anvil_stopImpersonatingAccount", p.gas.address)
        break
    assert refused > 5
    assert (await p.balances())[1:] == (DEPOSIT - 10, 0)


@pytest.mark.parametrize("bad", ["swapped", "one", "stranger"])
async def test_wrong_signatures_pay_nothing(purse: NewPurse, bad: str) -> None:
    p, other = purse(), purse()
    await p.deposit(DEPOSIT)
    tx: SafeTx = p.channel.voucher(10)
    good = p.signatures(tx)
    driver, station = good[p.driver.address], good[p.station.address]
    signatures = {
        "swapped": {p.driver.address: station, p.station.address: driver},
        "one": {p.station.address: station},
        "stranger": {
            p.station.address: station,
            other.driver.address: p.channel.sign(tx, other.driver),
        },
    }[bad]
    with pytest.raises(TransactionRevertedError):
        await execute(p.client, p.gas, p.channel, tx, signatures)
    assert await p.balances() == (1, 1, DEPOSIT)
