"""A session's wallet on the chain: what it holds, and the one transaction that pays it out."""

from dataclasses import dataclass, replace
from typing import Any

from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.errors import TransactionRevertedError
from sdk.chain.payouts import Payout, find_payout, read_payout
from sdk.chain.safe import (
    SafeTx,
    create_proxy_call,
    exec_call,
    join_signatures,
    multi_send_call,
    selector,
)
from sdk.chain.sender import Sender

__all__ = ["Payout", "Wallet", "confirmed_deposit", "execute", "find_payout", "read_wallet"]

# Payout's own floor of gas for the refund is in the estimate already.
_GAS_MARGIN = 20


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
    nonce = int.from_bytes(await client.call(channel.address, selector("nonce()")), "big")
    return Wallet(deployed=True, nonce=nonce, balance=balance)


async def execute(
    client: ChainClient,
    sender: Sender,
    channel: Channel,
    tx: SafeTx,
    signatures: dict[str, str],
    *,
    deposit: int | None = None,
) -> Payout:
    """Pay out by `tx` in one transaction, which also deploys the wallet; once, if called again.

    `signatures` is owner -> signature. Where someone deployed the wallet before, only `tx` is sent;
    where its nonce has moved, what was paid by then, and by which SafeTx, is found and given with
    `already` set. `deposit` is what is known to have been there, for nodes that forgot the past.
    Raises TransactionRevertedError, InsufficientGasAccountError, ChainUnavailableError.
    """
    wallet = await read_wallet(client, channel)
    if wallet.nonce > tx.nonce:
        return await _found(client, channel, tx, wallet, deposit)
    try:
        mined = await sender.send(*_call(channel, tx, signatures, wallet), gas_margin=_GAS_MARGIN)
    except TransactionRevertedError:
        wallet = await read_wallet(client, channel)
        if wallet.nonce > tx.nonce:
            return await _found(client, channel, tx, wallet, deposit)
        raise
    receipt: dict[str, Any] = mined.receipt
    return await read_payout(client, channel, receipt, deposit=deposit)


async def _found(
    client: ChainClient, channel: Channel, tx: SafeTx, wallet: Wallet, deposit: int | None
) -> Payout:
    back = wallet.nonce - 1 - tx.nonce
    return replace(await find_payout(client, channel, back, deposit=deposit), already=True)


def _call(
    channel: Channel, tx: SafeTx, signatures: dict[str, str], wallet: Wallet
) -> tuple[str, bytes]:
    call = exec_call(tx, join_signatures(signatures))
    if wallet.deployed:
        return channel.address, call
    factory = channel.deployment.proxy_factory
    deploy = create_proxy_call(channel.owners, channel.session_id, channel.deployment)
    both = multi_send_call([(factory, deploy), (channel.address, call)])
    return channel.deployment.multi_send, both
