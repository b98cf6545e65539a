"""A session's wallet on the chain: what it holds, and the one transaction that pays it out."""

from dataclasses import dataclass

from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainError, TransactionRevertedError
from sdk.chain.safe import (
    SafeTx,
    create_proxy_call,
    exec_call,
    join_signatures,
    multi_send_call,
    selector,
)
from sdk.chain.sender import Sender

EXECUTION_SUCCESS = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e"


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the chain says of a wallet: whether it has code, its nonce (0 before), its balance."""

    deployed: bool
    nonce: int
    balance: int


@dataclass(frozen=True, slots=True)
class Payout:
    """What a wallet paid out, as it really moved; `spent` + `refund` = `deposit`."""

    transaction_hash: str
    block_number: int
    gas_used: int
    sender: str
    deposit: int
    spent: int
    refund: int


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
) -> Payout:
    """Pay out by `tx` in one transaction, which also deploys the wallet; once, if called again.

    `signatures` is owner -> signature. Where someone deployed the wallet before, only `tx` is sent;
    where its nonce has moved, what was paid by then is read and given. Raises
    TransactionRevertedError, InsufficientGasAccountError, ChainUnavailableError.
    """
    wallet = await read_wallet(client, channel)
    if wallet.nonce > tx.nonce:
        return await find_payout(client, channel)
    call = exec_call(tx, join_signatures(signatures))
    try:
        if wallet.deployed:
            mined = await sender.send(channel.address, call)
        else:
            factory = channel.deployment.proxy_factory
            deploy = create_proxy_call(channel.owners, channel.session_id, channel.deployment)
            both = multi_send_call([(factory, deploy), (channel.address, call)])
            mined = await sender.send(channel.deployment.multi_send, both)
    except TransactionRevertedError:
        if (await read_wallet(client, channel)).nonce > tx.nonce:
            return await find_payout(client, channel)
        raise
    return await _moved(client, channel, mined.receipt)


async def find_payout(client: ChainClient, channel: Channel) -> Payout:
    """Find the transaction that used the wallet's nonce 0, whoever sent it.

    Raises ChainError when the chain does not show it.
    """
    head = await client.block()
    logs = await client.logs(0, head.number, [channel.address], [EXECUTION_SUCCESS])
    if not logs:
        raise ChainError(f"no payout of {channel.address} is to be found")
    first = min(logs, key=lambda log: (int(log["blockNumber"], 16), int(log["logIndex"], 16)))
    receipt = await client.receipt(first["transactionHash"])
    if receipt is None:
        raise ChainError(f"no receipt of {first['transactionHash']}")
    return await _moved(client, channel, receipt)


async def _moved(client: ChainClient, channel: Channel, receipt: dict[str, str]) -> Payout:
    """Read what left the wallet in a transaction: the deposit by balances, the split by the call.

    The payout's own rule splits exactly: min(spent, balance) to the provider, the rest back.
    """
    number = int(receipt["blockNumber"], 16)
    before = await client.balance(channel.address, channel.token, number - 1)
    after = await client.balance(channel.address, channel.token, number)
    deposit = before - after
    spent = await _spent(client, channel, receipt, deposit)
    return Payout(
        transaction_hash=receipt["transactionHash"],
        block_number=number,
        gas_used=int(receipt["gasUsed"], 16),
        sender=receipt["from"],
        deposit=deposit,
        spent=spent,
        refund=deposit - spent,
    )


async def _spent(
    client: ChainClient, channel: Channel, receipt: dict[str, str], deposit: int
) -> int:
    transaction = await client.rpc("eth_getTransactionByHash", receipt["transactionHash"])
    data = bytes.fromhex(transaction["input"][2:])
    marker = selector("pay(uint256,address,address,uint256,address)")
    start = data.find(marker + _not_before_and_token(channel, 0))
    if start < 0:
        return 0
    offset = start + len(marker) + 3 * 32
    return min(deposit, int.from_bytes(data[offset : offset + 32], "big"))


def _not_before_and_token(channel: Channel, not_before: int) -> bytes:
    return not_before.to_bytes(32, "big") + bytes(12) + bytes.fromhex(channel.token[2:])
