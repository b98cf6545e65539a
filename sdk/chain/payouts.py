"""What a wallet paid out, as it logged it: by which transaction, to whom, how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainError, ChainUnavailableError

__all__ = ["EXECUTION_SUCCESS", "PAID", "Payout", "find_payout", "read_payout"]

EXECUTION_SUCCESS = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e"
"""The topic of the Safe's ExecutionSuccess(bytes32 indexed txHash, uint256)."""
PAID = "0xef53713ee4f072f79f4d516084e3f4d15f2cde709d2091235b37ae719c272dd6"
"""The topic of Payout's Paid(uint256 spent, uint256 refund)."""

_CHUNK = 2000
_WORD = 2 + 64


@dataclass(frozen=True, slots=True)
class Payout:
    """What a wallet paid out, to the last unit; `spent` + `refund` = `deposit`.

    `left` is what the wallet holds now: the refund account did not take it, or it came in later.
    `sender` paid the gas. `safe_tx_hash` tells which of the signed transactions it was; `already`
    that it was done before this call. `gas_fee` is what the sender paid, in the chain's own token.
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
    gas_fee: int = 0


async def find_payout(client: ChainClient, channel: Channel, back: int = 0) -> Payout:
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
    return await read_payout(client, channel, receipt, found[back]["topics"][1])


async def read_payout(
    client: ChainClient, channel: Channel, receipt: Mapping[str, Any], safe_tx_hash: str
) -> Payout:
    """Read what the wallet paid when it executed `safe_tx_hash` in a mined transaction.

    Raises ChainError where it did not.
    """
    spent, refund = _paid(channel, receipt, safe_tx_hash)
    return Payout(
        transaction_hash=receipt["transactionHash"],
        block_number=int(receipt["blockNumber"], 16),
        gas_used=int(receipt["gasUsed"], 16),
        gas_fee=int(receipt["gasUsed"], 16) * int(receipt.get("effectiveGasPrice", "0x0"), 16),
        sender=receipt["from"],
        deposit=spent + refund,
        spent=spent,
        refund=refund,
        left=await client.balance(channel.address, channel.token),
        safe_tx_hash=safe_tx_hash,
    )


def _paid(channel: Channel, receipt: Mapping[str, Any], safe_tx_hash: str) -> tuple[int, int]:
    """Give spent and refund: a wallet logs them just before it logs what it executed."""
    wallet = channel.address.lower()
    amounts: tuple[int, int] | None = None
    for log in sorted(receipt["logs"], key=_position):
        if log["address"].lower() != wallet:
            continue
        topics = log["topics"]
        if topics[:1] == [PAID]:
            amounts = int(log["data"][:_WORD], 16), int(log["data"][_WORD:], 16)
        elif topics[:1] == [EXECUTION_SUCCESS]:
            if topics[1] == safe_tx_hash and amounts is not None:
                return amounts
            amounts = None
    raise ChainError(f"{receipt['transactionHash']} is no payout of {channel.address}")


def _position(log: Mapping[str, Any]) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)
