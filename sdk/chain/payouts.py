"""What a wallet paid out, read from the chain: by which transaction, to whom, how much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sdk.chain.channel import PAY, Channel
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainError, ChainUnavailableError
from sdk.chain.safe import ZERO, SafeTx

__all__ = ["EXECUTION_SUCCESS", "Payout", "find_payout", "read_payout"]

EXECUTION_SUCCESS = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e"
"""The topic of the Safe's ExecutionSuccess(bytes32 indexed txHash, uint256)."""
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""The topic of ERC-20's Transfer(address indexed, address indexed, uint256)."""

_CHUNK = 2000
_PAY_BYTES = 4 + 5 * 32


@dataclass(frozen=True, slots=True)
class Payout:
    """What a wallet paid out, as it really moved; `spent` + `refund` = `deposit`.

    `left` is what stayed in the wallet, since the refund account did not take it. `sender` paid the
    gas. `safe_tx_hash` tells which of the signed transactions it was; `already` that it was done
    before this call.
    """

    transaction_hash: str
    block_number: int
    gas_used: int
    sender: str
    deposit: int
    spent: int
    refund: int
    left: int = 0
    safe_tx_hash: str = ""
    already: bool = False


async def find_payout(
    client: ChainClient, channel: Channel, back: int = 0, *, deposit: int | None = None
) -> Payout:
    """Find the transaction by which the wallet paid, whoever sent it.

    `back` is how many of its transactions came later. Searches from the head down. Raises
    ChainError when the chain does not show it.
    """
    last = (await client.block()).number
    found: list[dict[str, Any]] = []
    while last >= 0 and len(found) <= back:
        first = max(0, last - _CHUNK + 1)
        logs = await client.logs(first, last, [channel.address], [EXECUTION_SUCCESS])
        found += sorted(logs, key=_position, reverse=True)
        last = first - 1
    if len(found) <= back:
        raise ChainError(f"no payout of {channel.address} is to be found")
    receipt = await client.receipt(found[back]["transactionHash"])
    if receipt is None:
        raise ChainUnavailableError(f"no receipt of {found[back]['transactionHash']}")
    return await read_payout(client, channel, receipt, found[back], deposit=deposit)


async def read_payout(
    client: ChainClient,
    channel: Channel,
    receipt: Mapping[str, Any],
    log: Mapping[str, Any] | None = None,
    *,
    deposit: int | None = None,
) -> Payout:
    """Read what left the wallet in a mined transaction; `log` is its ExecutionSuccess, if known.

    The split is exact: a SafeTx hash names one call of `pay`, whose rule is min(spent, balance) to
    the provider. Raises ChainError where the wallet executed nothing, or where the node forgot the
    wallet's past balances and no `deposit` is given.
    """
    log = log or _execution(channel, receipt)
    number = int(receipt["blockNumber"], 16)
    moved, left = await _moved(client, channel, receipt, deposit)
    spent = await _spent(client, channel, receipt, log, moved)
    return Payout(
        transaction_hash=receipt["transactionHash"],
        block_number=number,
        gas_used=int(receipt["gasUsed"], 16),
        sender=receipt["from"],
        deposit=moved,
        spent=spent,
        refund=moved - spent,
        left=left,
        safe_tx_hash=log["topics"][1],
    )


async def _moved(
    client: ChainClient, channel: Channel, receipt: Mapping[str, Any], deposit: int | None
) -> tuple[int, int]:
    """Give what left the wallet, and what stayed."""
    number = int(receipt["blockNumber"], 16)
    try:
        after = await client.balance(channel.address, channel.token, number)
        before = await client.balance(channel.address, channel.token, number - 1)
    except ChainUnavailableError:
        raise
    except ChainError:
        if deposit is None:
            raise
        before, after = deposit, 0
    if channel.token != ZERO:
        return sum(amount for _, amount in _transfers(channel, receipt)), after
    return before - after, after


async def _spent(
    client: ChainClient,
    channel: Channel,
    receipt: Mapping[str, Any],
    log: Mapping[str, Any],
    moved: int,
) -> int:
    executed = bytes.fromhex(log["topics"][1][2:])
    if executed in (channel.digest(channel.gated_refund()), channel.digest(channel.sweep())):
        return 0
    transaction = await client.transaction(receipt["transactionHash"])
    if transaction is None:
        raise ChainUnavailableError(f"no transaction {receipt['transactionHash']}")
    for call in _pay_calls(bytes.fromhex(transaction["input"][2:])):
        digests = (channel.digest(SafeTx(channel.deployment.payout, call, n)) for n in (0, 1))
        if executed in digests:
            return min(moved, int.from_bytes(call[100:132], "big"))
    return min(moved, await _received(client, channel, receipt))


async def _received(client: ChainClient, channel: Channel, receipt: Mapping[str, Any]) -> int:
    """Give what the provider got, where the call itself is hidden in another contract's."""
    if channel.token != ZERO:
        provider = int(channel.provider, 16)
        return sum(amount for to, amount in _transfers(channel, receipt) if to == provider)
    number = int(receipt["blockNumber"], 16)
    after = await client.balance(channel.provider, ZERO, number)
    return max(0, after - await client.balance(channel.provider, ZERO, number - 1))


def _execution(channel: Channel, receipt: Mapping[str, Any]) -> Mapping[str, Any]:
    wallet = channel.address.lower()
    for log in receipt["logs"]:
        if log["address"].lower() == wallet and log["topics"][0] == EXECUTION_SUCCESS:
            found: Mapping[str, Any] = log
            return found
    raise ChainError(f"{receipt['transactionHash']} is no payout of {channel.address}")


def _transfers(channel: Channel, receipt: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Give receiver and amount of each of the token's transfers out of the wallet."""
    token, wallet = channel.token.lower(), int(channel.address, 16)
    for log in receipt["logs"]:
        topics = log["topics"]
        if log["address"].lower() != token or topics[:1] != [TRANSFER]:
            continue
        if int(topics[1], 16) == wallet:
            yield int(topics[2], 16), int(log["data"], 16)


def _pay_calls(data: bytes) -> Iterator[bytes]:
    start = data.find(PAY)
    while start >= 0:
        yield data[start : start + _PAY_BYTES]
        start = data.find(PAY, start + 1)


def _position(log: Mapping[str, Any]) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)
