"""Answers what operators ask of one station's accounts, identity and chain."""

from collections.abc import Awaitable, Callable

from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainError
from sdk.chain.safe import ZERO
from sdk.chain.sender import Sender
from sdk.events.station import (
    AccountBalance,
    BalanceReported,
    ChainReconnected,
    ChainUnreachable,
    DidDeactivated,
    DidDeactivateFailed,
    DidPublished,
    DidPublishFailed,
    PublicKeyReported,
)
from sdk.fields import NATIVE_TOKEN
from session_manager.chain_watch import ChainWatch
from session_manager.tokens import AllowedTokens

Publish = Callable[[], Awaitable[DidPublished | DidPublishFailed]]
GiveUp = Callable[[], Awaitable[DidDeactivated | DidDeactivateFailed]]


class ChainDesk:
    """One station's `StationDesk`, over the chain."""

    def __init__(
        self,
        did: str,
        key: SigningKey,
        chain: tuple[ChainClient, Sender, ChainWatch],
        tokens: AllowedTokens,
        publish: Publish,
        give_up: GiveUp,
    ) -> None:
        """Speak for the station `did`, whose account is `key`, and which is paid in `tokens`."""
        self._did = did
        self._key = key
        self._tokens = tokens
        self._client, self._sender, self._watch = chain
        self._publish = publish
        self._give_up = give_up

    async def balance(self) -> BalanceReported | ChainUnreachable:
        """Read both accounts at the newest block."""
        try:
            block = await self._client.block()
            own = [await self._balance(token) for token in (ZERO, *self._tokens.contracts)]
            gas = await self._sender.balance()
        except ChainError:
            return ChainUnreachable(reason="no_answer")
        return BalanceReported(
            chain_id=self._client.chain_id,
            block_number=block.number,
            balances=(
                *own,
                AccountBalance(
                    account=self._sender.address, role="gas", token=NATIVE_TOKEN, balance=gas
                ),
            ),
        )

    async def _balance(self, token: str) -> AccountBalance:
        account = self._key.address
        balance = await self._client.balance(account, token)
        return AccountBalance(account=account, role="station", token=token, balance=balance)

    async def publish(self) -> DidPublished | DidPublishFailed:
        """Publish the DID document again."""
        return await self._publish()

    async def deactivate(self, did: str) -> DidDeactivated | DidDeactivateFailed:
        """Give the station's DID up, if it is `did` (in any case of letters)."""
        if did.lower() != self._did.lower():
            return DidDeactivateFailed(did=did, reason="other_did", detail=f"it is {self._did}")
        return await self._give_up()

    async def reconnect(self) -> ChainReconnected | ChainUnreachable:
        """Connect to the node again."""
        return await self._watch.reconnect()

    def public_key(self) -> PublicKeyReported:
        """Give the account's public key."""
        return PublicKeyReported(
            did=self._did, address=self._key.address, public_key=self._key.public_key
        )
