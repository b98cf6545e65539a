"""Who may ask: API keys, roles, and how often. A later sign-in gives a `Principal`, too."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from time import monotonic

from sdk.api_keys import USED_EVERY, ApiKeys, Role, StoredKey, id_of, is_at_least
from sdk.bus.interface import BusUnavailableError
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import Clock
from sdk.leaky_count import LeakyCount, LeakyCounts, network_of

FRESH_S = 2.0
"""How old what is known of the keys may be: a revoked key is refused after this at the latest."""
LOOKS, LOOKS_PER_S = 20, 5.0
"""How often it is read again for a key that is not known, as it may be new."""
WRONG_KEYS, WRONG_KEYS_PER_S = 30, 0.5
MOST_NETWORKS = 20_000
MOST_COUNTED = 5_000
_HEADER = "X-API-Key"
_SCHEME = "bearer"


class WrongKeyError(InvalidInputError):
    """No key, or none that opens anything."""


class AccessClosedError(UnavailableError):
    """Nobody is let in: CREDENTIAL_KEY is not set, so no key can be checked."""


class TooManyRequestsError(UnavailableError):
    """This key asks too often; again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("This key asks more often than it may.")
        self.seconds = seconds


class TooManyWrongKeysError(UnavailableError):
    """Too many wrong keys came from there; again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many wrong keys came from this address.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who was let in: id and name of the key (or person), and the role."""

    id: str
    name: str
    role: Role

    def may(self, least: Role) -> bool:
        """Tell whether the role is `least` or more."""
        return is_at_least(self.role, least)


class Access:
    """Lets in by API key. What is known of the keys is at most `FRESH_S` old.

    A right key is let in whatever others do; wrong ones are counted by network, and how often a
    right one asks by key, both in this process only.
    """

    def __init__(
        self,
        keys: ApiKeys | None,
        clock: Clock,
        requests_per_minute: int,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """`keys` None: CREDENTIAL_KEY is not set. `requests_per_minute`: of keys that say none."""
        self._keys = keys
        self._clock = clock
        self._seconds = seconds
        self._usual = requests_per_minute
        self._known: Mapping[str, StoredKey] = {}
        self._read_at: float | None = None
        self._failed_at: float | None = None
        self._reading = asyncio.Lock()
        self._used: dict[str, datetime] = {}
        self._rates: dict[tuple[str, int], LeakyCount] = {}
        self._looks = LeakyCount(LOOKS, LOOKS_PER_S)
        self._wrong = LeakyCounts(lambda: LeakyCount(WRONG_KEYS, WRONG_KEYS_PER_S), MOST_NETWORKS)

    async def check(self, headers: Mapping[str, str], address: str) -> Principal:
        """Let in by `Authorization: Bearer <key>` or `X-API-Key`; `address` is the caller's.

        Raises AccessClosedError, WrongKeyError, TooManyWrongKeysError, BusUnavailableError.
        """
        if self._keys is None:
            raise AccessClosedError("CREDENTIAL_KEY is not set, so no API key can be checked.")
        text = _text_of(headers)
        if text is None:
            raise WrongKeyError("An API key is needed: Authorization: Bearer <key>.")
        key = await self._find(text)
        if key is None or not self._keys.opens(key, text):
            self._count_wrong(address)
            raise WrongKeyError("The API key is unknown or revoked.")
        await self._note_use(self._keys, key)
        return Principal(key.id, key.name, key.role)

    def count(self, principal: Principal) -> None:
        """Count a request. Raises TooManyRequestsError."""
        key = self._known.get(principal.id)
        rate = (key.requests_per_minute if key else None) or self._usual
        count = self._rates.get((principal.id, rate))
        if count is None:
            if len(self._rates) >= MOST_COUNTED:
                self._rates.clear()
            count = self._rates[principal.id, rate] = LeakyCount(rate, rate / 60)
        now = self._seconds()
        if not count.take(now):
            raise TooManyRequestsError(ceil(count.wait(now)) or 1)

    def forget(self) -> None:
        """Read the keys again before the next one is judged: they were changed here."""
        self._read_at = None

    async def _find(self, text: str) -> StoredKey | None:
        key_id = id_of(text)
        if key_id is None:
            return None
        await self._refresh(FRESH_S)
        if key_id not in self._known and self._looks.take(self._seconds()):
            await self._refresh(0)
        return self._known.get(key_id)

    async def _refresh(self, oldest: float) -> None:
        asked_at = self._seconds()
        if self._is_read_since(asked_at - oldest):
            return
        async with self._reading:
            if self._failed_at is not None and self._failed_at > asked_at:
                # else each who waits here would wait in turn for a Redis that does not answer
                raise BusUnavailableError("the API keys could not be read")
            if self._keys is not None and not self._is_read_since(asked_at - oldest):
                await self._read(self._keys)

    async def _read(self, keys: ApiKeys) -> None:
        began = self._seconds()
        try:
            self._known = await keys.stored()
        except BusUnavailableError:
            self._failed_at = self._seconds()
            raise
        self._read_at, self._failed_at = began, None

    def _is_read_since(self, moment: float) -> bool:
        return self._read_at is not None and self._read_at > moment

    def _count_wrong(self, address: str) -> None:
        wait = self._wrong.take(network_of(address), self._seconds())
        if wait is not None:
            raise TooManyWrongKeysError(wait)

    async def _note_use(self, keys: ApiKeys, key: StoredKey) -> None:
        now = self._clock()
        last = max(filter(None, (self._used.get(key.id), key.last_used_at)), default=None)
        if last is not None and now - last < USED_EVERY:
            return
        self._used[key.id] = now
        try:
            await keys.note_use(key.id)
        except BusUnavailableError:
            del self._used[key.id]
            raise


def _text_of(headers: Mapping[str, str]) -> str | None:
    scheme, _, text = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == _SCHEME and text.strip():
        return text.strip()
    return headers.get(_HEADER) or None
