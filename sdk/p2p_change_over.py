"""The files of the P2P server's keys, and the moment in which it goes on with the next one."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import Clock
from sdk.p2p.keys import load_key

_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the P2P server's key is, the next one until it is used, and the one before."""

    present: Path

    @property
    def following(self) -> Path:
        """The key that is to come; made when first asked for."""
        return self.present.with_name(f"{self.present.name}.next")

    @property
    def former(self) -> Path:
        """The key that was used before."""
        return self.present.with_name(f"{self.present.name}.before")

    def change_over(self) -> None:
        """Put the next key in place; at each moment there is one. Raises InvalidInputError."""
        try:
            self.former.unlink(missing_ok=True)
            os.link(self.present, self.former)
            self.following.replace(self.present)
        except OSError as error:
            raise InvalidInputError(f"{self.present}: {error.strerror}") from error


class ChangeOver:
    """The last step: the server with the key `before` is to answer with the key `after`."""

    def __init__(self, bus: Bus, before: str, after: str, clock: Clock) -> None:
        """Take peer ids; the server has to announce itself after this moment."""
        self._bus = bus
        self._before = before
        self._after = after
        self._since = clock()

    @classmethod
    async def begun(cls, bus: Bus, files: KeyFiles, clock: Clock) -> "ChangeOver | None":
        """Give the one whose key file is changed and whose end nobody saw; None where none is.

        Raises KeyFileError.
        """
        if files.following.exists() or not (files.former.exists() and files.present.exists()):
            return None
        before, after = (load_key(it).peer_id for it in (files.former, files.present))
        is_known = before in await bus.members(keys.P2P_SERVERS)
        return cls(bus, before, after, clock) if is_known else None

    async def finish(self, within: float, tell: Callable[[str], None]) -> None:
        """Wait until the server answers, and forget the key before.

        Raises UnavailableError after `within` seconds.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not await self._answers():  # noqa: ASYNC110 - another process
                    await asyncio.sleep(_LOOK_S)
                await self._bus.remove_member(keys.P2P_SERVERS, self._before)
                tell(f"the P2P server answers as {self._after}")
                return
        raise UnavailableError(
            "the P2P server did not change over: start it again, then repeat this"
        )

    async def _answers(self) -> bool:
        entry = await self._bus.read(keys.p2p_server(self._after))
        announced_at = entry.get("updated_at")
        return announced_at is not None and datetime.fromisoformat(announced_at) > self._since
