"""The tokens that a process takes, as the chain describes them."""

import asyncio
from collections.abc import Sequence

from sdk.chain.errors import ChainError
from sdk.chain.heads import NewHeads
from sdk.chain.safe import ZERO
from sdk.chain.tokens import TokenInfo, Tokens
from sdk.logs import Logger


class AllowedTokens:
    """The chain's own token, and the ERC-20 contracts that the owner allows.

    A token counts from when the chain told its decimals: an amount without them says nothing.
    """

    def __init__(
        self, tokens: Tokens, heads: NewHeads, allowed: Sequence[str], log: Logger
    ) -> None:
        """Take `allowed` contracts beside the chain's own token."""
        self._tokens = tokens
        self._heads = heads
        self._log = log
        self._wanted = sorted({token.lower() for token in allowed})
        self._known: dict[str, TokenInfo] = {ZERO: tokens.native}

    def find(self, token: str) -> TokenInfo | None:
        """Give a token that is taken; None for any other, or one that is not known yet."""
        return self._known.get(token.lower())

    @property
    def known(self) -> tuple[TokenInfo, ...]:
        """The tokens that are taken and known by now, the chain's own first."""
        return tuple(self._known.values())

    @property
    def contracts(self) -> tuple[str, ...]:
        """The addresses of the ERC-20 contracts that are known by now."""
        return tuple(token for token in self._known if token != ZERO)

    async def run(self) -> None:
        """Ask for each contract until it is known; then wait to be cancelled."""
        told: set[str] = set()
        while missing := [token for token in self._wanted if token not in self._known]:
            for token in missing:
                try:
                    self._known[token] = await self._tokens.read(token)
                except ChainError as error:
                    if str(error) not in told:
                        told.add(str(error))
                        self._log.warning("can't take token %s: %s", token, error)
            await self._heads.wait()
        await asyncio.Event().wait()
