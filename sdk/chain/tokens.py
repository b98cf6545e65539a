"""What a token calls itself and how it is counted, as its contract says."""

from dataclasses import dataclass

from sdk.chain.client import ChainClient
from sdk.chain.errors import NotATokenError, TransactionRevertedError
from sdk.chain.safe import ZERO, selector

__all__ = ["NATIVE_DECIMALS", "TokenInfo", "Tokens"]

NATIVE_DECIMALS = 18
_WORD = 32
_MOST_DECIMALS = 77
"""More would not fit an amount of one token into 256 bits."""
_MOST_SYMBOL = 32


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token: its address (zero: the chain's own), decimals, and symbol ("" where it has none)."""

    address: str
    decimals: int
    symbol: str


class Tokens:
    """Reads tokens of one chain, each once: neither figure ever changes."""

    def __init__(self, client: ChainClient, native_symbol: str = "") -> None:
        """No contract tells the symbol of the chain's own token: it is given."""
        self._client = client
        self.native = TokenInfo(ZERO, NATIVE_DECIMALS, native_symbol)
        self._known = {ZERO: self.native}

    async def read(self, address: str) -> TokenInfo:
        """Read a token. Raises NotATokenError, ChainUnavailableError."""
        known = self._known.get(address.lower())
        if known is None:
            decimals = await self._decimals(address)
            known = TokenInfo(address, decimals, await self._symbol(address))
            self._known[address.lower()] = known
        return known

    async def _decimals(self, address: str) -> int:
        answer = await self._ask(address, "decimals()")
        if answer is None or len(answer) != _WORD:
            raise NotATokenError(f"{address} tells no decimals")
        decimals = int.from_bytes(answer, "big")
        if decimals > _MOST_DECIMALS:
            raise NotATokenError(f"{address} tells impossible decimals")
        return decimals

    async def _symbol(self, address: str) -> str:
        answer = await self._ask(address, "symbol()")
        return "" if answer is None else _text(answer)

    async def _ask(self, address: str, function: str) -> bytes | None:
        try:
            return await self._client.call(address, selector(function))
        except TransactionRevertedError:
            return None


def _text(answer: bytes) -> str:
    """Read a symbol: a string, or the bytes32 of older tokens; only what can be shown of it."""
    raw = answer.rstrip(b"\0")
    if len(answer) > _WORD:
        start = int.from_bytes(answer[:_WORD], "big")
        length = int.from_bytes(answer[start : start + _WORD], "big")
        raw = answer[start + _WORD : start + _WORD + min(length, 4 * _MOST_SYMBOL)]
    text = raw.decode("utf-8", errors="ignore")
    return "".join(letter for letter in text if letter.isprintable())[:_MOST_SYMBOL].strip()
