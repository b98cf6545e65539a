"""A session's wallet on the chain: what it holds, and the one transaction that pays it out."""

from dataclasses import dataclass, replace

from eth_utils.address import to_checksum_address

from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.errors import (
    ChainUnavailableError,
    ContractsMissingError,
    DepositGoneError,
    TransactionRevertedError,
)
from sdk.chain.payouts import Payout, find_payout, read_payout
from sdk.chain.safe import (
    ZERO,
    SafeTx,
    create_proxy_call,
    deploy_and_execute_call,
    exec_call,
    join_signatures,
    selector,
)
from sdk.chain.sender import Mined, Sender

__all__ = [
    "Payout",
    "Wallet",
    "confirmed_deposit",
    "execute",
    "find_payout",
    "leftover",
    "read_wallet",
    "sweep",
]

_REFUND_GAS = 145_000
"""What Payout insists on before it pays back; an estimate has it where there is something to."""
_WORD_BYTES = 32
_SPENT = slice(4 + 3 * 32, 4 + 4 * 32)
"""Where the call of Payout.pay has its fourth argument."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the chain says of a wallet: whether it has code, its nonce (0 before), its balance."""

    deployed: bool
    nonce: int
    balance: int


async def confirmed_deposit(
    client: ChainClient, channel: Channel, confirmations: int
) -> tuple[int, int]:
    """Read the wallet's balance `confirmations` blocks below the head; give it and the block."""
    head = await client.block()
    number = max(0, head.number - confirmations)
    balance = await client.balance(channel.address, channel.token, number)
    return balance, number


async def read_wallet(client: ChainClient, channel: Channel) -> Wallet:
    """Read how the wallet stands at the newest block."""
    balance = await client.balance(channel.address, channel.token)
    if not await client.code(channel.address):
        return Wallet(deployed=False, nonce=0, balance=balance)
    nonce = await client.call(channel.address, selector("nonce()"))
    if len(nonce) != _WORD_BYTES:
        raise ChainUnavailableError("the node does not show the wallet's nonce")
    return Wallet(deployed=True, nonce=int.from_bytes(nonce, "big"), balance=balance)


async def execute(
    client: ChainClient,
    sender: Sender,
    channel: Channel,
    tx: SafeTx,
    signatures: dict[str, str],
) -> Payout:
    """Pay out by `tx` in one transaction, which also deploys the wallet; once, if called again.

    `signatures` is owner -> signature. Where someone deployed the wallet before, or just before us,
    only `tx` is sent; where its nonce has moved, what was paid by then, and by which SafeTx, is
    found and given with `already` set. Raises DepositGoneError, ContractsMissingError,
    InsufficientGasAccountError (nothing was sent), TransactionRevertedError, ChainUnavailableError.
    """
    wallet = await read_wallet(client, channel)
    if wallet.nonce > tx.nonce:
        return await _found(client, channel, tx, wallet)
    await _insist_on_payout(client, channel)
    if not wallet.balance and tx.nonce == 0:
        raise DepositGoneError(f"{channel.address} holds nothing")
    try:
        mined = await _send(sender, channel, tx, signatures, wallet)
    except TransactionRevertedError:
        before, wallet = wallet, await read_wallet(client, channel)
        if wallet.nonce > tx.nonce:
            return await _found(client, channel, tx, wallet)
        if before.deployed or not wallet.deployed:
            raise
        mined = await _send(sender, channel, tx, signatures, wallet)
    return await read_payout(client, channel, mined.receipt, "0x" + channel.digest(tx).hex())


async def leftover(client: ChainClient, channel: Channel) -> int:
    """Read what a sweep would pay back now: what a wallet holds that has paid out and no more."""
    wallet = await read_wallet(client, channel)
    return wallet.balance if wallet.nonce == channel.sweep().nonce else 0


async def sweep(
    client: ChainClient, sender: Sender, channel: Channel, signatures: dict[str, str]
) -> Payout | None:
    """Pay back what came in after the payout, once; None where there is nothing.

    `signatures` are both owners' over `channel.sweep()`. Raises as `execute` does.
    """
    wallet = await read_wallet(client, channel)
    tx = channel.sweep()
    if wallet.nonce < tx.nonce or (wallet.nonce == tx.nonce and not wallet.balance):
        return None
    return await execute(client, sender, channel, tx, signatures)


async def _send(
    sender: Sender, channel: Channel, tx: SafeTx, signatures: dict[str, str], wallet: Wallet
) -> Mined:
    touched = _touched(channel, tx, wallet, sender.address)
    to, call = _call(channel, tx, signatures, wallet)
    # Whoever sends it one unit now must not make the payout run out of gas.
    spare = 0 if wallet.balance > _spent(tx) else _REFUND_GAS
    return await sender.send(to, call, spare_gas=spare, touched=touched)


async def _found(client: ChainClient, channel: Channel, tx: SafeTx, wallet: Wallet) -> Payout:
    back = wallet.nonce - 1 - tx.nonce
    return replace(await find_payout(client, channel, back), already=True)


async def _insist_on_payout(client: ChainClient, channel: Channel) -> None:
    """Send nothing without it: the wallet would use up its nonce and pay nobody."""
    payout = channel.deployment.payout
    if not await client.code(payout):
        raise ContractsMissingError(f"{payout} has no code")


def _call(
    channel: Channel, tx: SafeTx, signatures: dict[str, str], wallet: Wallet
) -> tuple[str, bytes]:
    call = exec_call(tx, join_signatures(signatures))
    if wallet.deployed:
        return channel.address, call
    factory = channel.deployment.proxy_factory
    deploy = create_proxy_call(channel.owners, channel.session_id, channel.deployment)
    both = deploy_and_execute_call(factory, deploy, channel.address, call)
    return channel.deployment.payout, both


def _touched(channel: Channel, tx: SafeTx, wallet: Wallet, sender: str) -> list[str]:
    """Give the accounts that `tx` is sure to touch, besides the sender and whom it sends to.

    Named in advance each costs 100 gas less (EIP-2930); one that is not touched costs 2,400 more.
    """
    contracts = channel.deployment
    named = {contracts.safe, contracts.payout if wallet.deployed else contracts.proxy_factory}
    if channel.token != ZERO:
        named.add(channel.token)
    else:
        if min(_spent(tx), wallet.balance) > 0:
            named.add(channel.provider)
        if wallet.balance > _spent(tx):
            named.add(channel.refund_account)
    return sorted({to_checksum_address(account) for account in named} - {sender})


def _spent(tx: SafeTx) -> int:
    return int.from_bytes(tx.data[_SPENT], "big")
