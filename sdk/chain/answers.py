"""What a node may answer, question by question; whatever else it says raises ValueError."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HASH_BYTES = 32
_LOG = ("address", "topics", "data", "blockNumber", "logIndex", "transactionHash")
_RECEIPT = ("transactionHash", "blockNumber", "gasUsed", "from", "logs")


@dataclass(frozen=True, slots=True)
class Block:
    """A block's number, hash, parent's hash, time in seconds, and base fee in wei (0 for none)."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int = 0


def anything(raw: Any) -> Any:  # noqa: ANN401 - JSON
    """Take what there is."""
    return raw


def quantity(raw: Any) -> int:  # noqa: ANN401 - JSON
    """Read a number in hex."""
    if not isinstance(raw, str) or not raw.startswith("0x"):
        raise ValueError("a quantity is hex")
    return int(raw, 16)


def data(raw: Any) -> bytes:  # noqa: ANN401 - JSON
    """Read bytes in hex; none are "0x"."""
    if not isinstance(raw, str) or not raw.startswith("0x"):
        raise ValueError("data are hex")
    return bytes.fromhex(raw[2:])


def word(raw: Any) -> str:  # noqa: ANN401 - JSON
    """Take a hash, or another 32 bytes in hex."""
    if len(data(raw)) != _HASH_BYTES:
        raise ValueError("a hash is 32 bytes")
    return str(raw)


def block(raw: Any) -> Block | None:  # noqa: ANN401 - JSON
    """Read a block's head; None where there is none."""
    if raw is None:
        return None
    found = _fields(raw, ("number", "hash", "parentHash", "timestamp"))
    return Block(
        quantity(found["number"]),
        word(found["hash"]),
        word(found["parentHash"]),
        quantity(found["timestamp"]),
        quantity(found.get("baseFeePerGas", "0x0")),
    )


def head(raw: Any) -> Block:  # noqa: ANN401 - JSON
    """Read the head of a block that every chain has."""
    found = block(raw)
    if found is None:
        raise ValueError("every chain has a newest block")
    return found


def logs(raw: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Take a list of logs."""
    if not isinstance(raw, list):
        raise ValueError("logs are a list")  # noqa: TRY004 - of the node's, not the caller's
    return [_log(one) for one in raw]


def transaction(raw: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
    """Take a transaction; None where the node does not know it."""
    return None if raw is None else _fields(raw, ("hash",))


def receipt(raw: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
    """Take a receipt; None where the transaction is not mined."""
    if raw is None:
        return None
    found = _fields(raw, _RECEIPT)
    word(found["transactionHash"])
    quantity(found["blockNumber"])
    quantity(found["gasUsed"])
    logs(found["logs"])
    return found


def _log(raw: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    found = _fields(raw, _LOG)
    if not isinstance(found["topics"], list):
        raise ValueError("topics are a list")  # noqa: TRY004 - of the node's, not the caller's
    for topic in found["topics"]:
        word(topic)
    data(found["address"])
    data(found["data"])
    quantity(found["blockNumber"])
    quantity(found["logIndex"])
    word(found["transactionHash"])
    return found


def _fields(raw: Any, names: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(raw, Mapping) or any(name not in raw for name in names):
        raise ValueError(f"an object with {', '.join(names)} was expected")
    return dict(raw)
