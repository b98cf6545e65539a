"""What an app must keep to survive: written before anything that it describes is sent."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints, ValidationError

from sdk.errors import InvalidInputError
from sdk.events.service import Phase, ServiceDelivered, SignedQuoteOffered, Voucher
from sdk.events.settlement import SignedSettlementProposed
from sdk.fields import Bytes32, Did, Frozen, Moment
from sdk.tariff import Usage

Secret = Annotated[str, StringConstraints(pattern=r"^(0x)?[0-9a-f]{64}$"), Field(repr=False)]


class ConsumerState(Frozen):
    """One session from the driver's side; holds private keys, so keep it like a wallet.

    `nonce` is the last one used. `voucher` is the highest signed, at `voucher_at`. Charging began
    after `idle_at`; the driver asked for its end at `stopped_at`. `usage` is what was used by the
    last status that was plausible. `requested` tells that ServiceRequested was sent, `deposited`
    that the deposit was. `released` is a payout that the station leaves to the driver,
    `refund_transaction` what took the deposit back.
    """

    did: Did
    session_key: Secret
    peer_seed: Secret
    nonce: int = 0
    quote: SignedQuoteOffered | None = None
    requested: bool = False
    deposited: bool = False
    voucher: Voucher | None = None
    voucher_at: Moment | None = None
    idle_at: Moment | None = None
    stopped_at: Moment | None = None
    phase: Phase = "idle"
    usage: Usage | None = None
    released: SignedSettlementProposed | None = None
    receipt: ServiceDelivered | None = None
    refund_transaction: Bytes32 | None = None

    @property
    def is_over(self) -> bool:
        """Whether the station has nothing to tell any more."""
        return self.phase in ("settled", "refunded") or (
            self.phase == "rejected" and not self.deposited
        )


class Store(Protocol):
    """Where the state is kept."""

    async def save(self, state: ConsumerState) -> None:
        """Keep `state`; durable when it returns. Raises OSError."""
        ...


class MemoryStore:
    """Keeps the state as long as the process lives."""

    def __init__(self) -> None:
        self.state: ConsumerState | None = None

    async def save(self, state: ConsumerState) -> None:
        """See `Store.save`."""
        self.state = state


class FileStore:
    """Keeps the state in a JSON file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = asyncio.Lock()

    async def save(self, state: ConsumerState) -> None:
        """See `Store.save`."""
        async with self._turn:
            await asyncio.to_thread(self._write, state.model_dump_json())

    def load(self) -> ConsumerState | None:
        """Read the state, None if there is none. Raises InvalidInputError for another file."""
        if not self._path.exists():
            return None
        try:
            return ConsumerState.model_validate_json(self._path.read_text(encoding="utf-8"))
        except ValidationError as error:
            raise InvalidInputError(f"{self._path} holds no session") from error

    def _write(self, text: str) -> None:
        draft = self._path.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
