"""What a node's error means for the caller, told by its code and words: nodes agree on neither."""

from collections.abc import Mapping
from typing import Any

from sdk.chain.errors import (
    AlreadyKnownError,
    ChainError,
    ChainUnavailableError,
    FeeTooLowError,
    InsufficientGasAccountError,
    NonceTakenError,
    TransactionRevertedError,
)

_REVERTED = 3
_OVER_LIMIT = (-32002, -32005)
_BY_WORDS: tuple[tuple[type[ChainError], tuple[str, ...]], ...] = (
    (AlreadyKnownError, ("already known", "already imported")),
    (NonceTakenError, ("nonce too low", "replacement transaction underpriced")),
    (FeeTooLowError, ("less than block base fee", "underpriced", "fee too low", "fee cap less")),
    (InsufficientGasAccountError, ("insufficient funds",)),
    (
        TransactionRevertedError,
        ("revert", "gas required exceeds", "always failing", "out of gas"),
    ),
)


def refusal(raw: Any) -> ChainError:  # noqa: ANN401 - JSON
    """Make an error of ours of what a node answered instead of a result."""
    error: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"message": raw}
    message = str(error.get("message", raw))[:200]
    if error.get("code") in _OVER_LIMIT:
        return ChainUnavailableError("the node refuses more calls for now")
    for kind, words in _BY_WORDS:
        if any(part in message.lower() for part in words):
            if kind is InsufficientGasAccountError:
                return kind("the gas account can't pay for the transaction")
            return kind(message)
    return (TransactionRevertedError if error.get("code") == _REVERTED else ChainError)(message)
