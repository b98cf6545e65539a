"""Who may ask, by API key or by the cookie of a session; roles, and how often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from time import monotonic
from typing import Literal

from sdk.api_keys import USED_EVERY, ApiKeys, Role, StoredKey, id_of, is_at_least
from sdk.bus.interface import BusUnavailableError
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import Clock
from sdk.leaky_count import LeakyCount, LeakyCounts, network_of
from session_manager.fresh import FRESH_S, Fresh
from session_manager.sign_in_cookie import check_ours
from session_manager.sign_ins import SignIns

LOOKS, LOOKS_PER_S = 20, 5.0
"""How often it is read again for a key that is not known, as it may be new."""
WRONG_KEYS, WRONG_KEYS_PER_S = 30, 0.5
MOST_NETWORKS = 20_000
MOST_COUNTED = 5_000
_HEADER = "X-API-Key"
_SCHEME = "bearer"


class WrongKeyError(InvalidInputError):
    """No key and no session, or none that opens anything."""


class AccessClosedError(UnavailableError):
    """No key opens anything: CREDENTIAL_KEY is not set, so no key can be checked."""


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
    """Somebody who was let in: id and name of the key or account, and the role."""

    id: str
    name: str
    role: Role
    kind: Literal["key", "account"] = "key"

    def may(self, least: Role) -> bool:
        """Tell whether the role is `least` or more."""
        return is_at_least(self.role, least)


class Access:
    """Lets in by API key or cookie. What is known of both is at most `FRESH_S` old.

    A right key is let in whatever others do; wrong ones are counted by network, and how often a
    right one asks by key, both in this process only.
    """

    def __init__(
        self,
        keys: ApiKeys | None,
        clock: Clock,
        requests_per_minute: int,
        seconds: Callable[[], float] = monotonic,
        sign_ins: SignIns | None = None,
    ) -> None:
        """`keys` None: CREDENTIAL_KEY is not set. `requests_per_minute`: of keys that say none.

        `sign_ins` None: nobody is let in by cookie.
        """
        self._keys = keys
        self._clock = clock
        self._seconds = seconds
        self._usual = requests_per_minute
        self._sign_ins = sign_ins
        self._known: Mapping[str, StoredKey] = {}
        self._stored = Fresh(keys.stored, seconds) if keys is not None else None
        self._used: dict[str, datetime] = {}
        self._rates: dict[tuple[str, int], LeakyCount] = {}
        self._looks = LeakyCount(LOOKS, LOOKS_PER_S)
        self._wrong = LeakyCounts(lambda: LeakyCount(WRONG_KEYS, WRONG_KEYS_PER_S), MOST_NETWORKS)

    @property
    def sign_ins(self) -> SignIns:
        """Who is signed in. Raises AccessClosedError where nobody can be."""
        if self._sign_ins is None:
            raise AccessClosedError("Nobody can sign in here.")
        return self._sign_ins

    async def check(
        self, headers: Mapping[str, str], address: str, method: str = "GET"
    ) -> Principal:
        """Let in by `Authorization: Bearer <key>`, `X-API-Key` or cookie; `address`: the caller's.

        Raises AccessClosedError, WrongKeyError, TooManyWrongKeysError, ForeignRequestError,
        BusUnavailableError.
        """
        text = _text_of(headers)
        if text is not None:
            return await self._by_key(text, address)
        principal = await self._by_cookie(headers)
        if principal is None:
            raise WrongKeyError("Sign in, or send an API key: Authorization: Bearer <key>.")
        check_ours(method, headers)
        return principal

    async def _by_cookie(self, headers: Mapping[str, str]) -> Principal | None:
        if self._sign_ins is None:
            return None
        token = self._sign_ins.token_in(headers.get("Cookie", ""))
        account = await self._sign_ins.find(token) if token is not None else None
        if account is None:
            return None
        return Principal(account.id, account.name, account.role, "account")

    async def _by_key(self, text: str, address: str) -> Principal:
        if self._keys is None or self._stored is None:
            raise AccessClosedError("CREDENTIAL_KEY is not set, so no API key can be checked.")
        key = await self._find(text, self._stored)
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
        if self._stored is not None:
            self._stored.forget()

    async def _find(self, text: str, stored: Fresh[dict[str, StoredKey]]) -> StoredKey | None:
        key_id = id_of(text)
        if key_id is None:
            return None
        self._known = await stored.get(FRESH_S)
        if key_id not in self._known and self._looks.take(self._seconds()):
            self._known = await stored.get(0)
        return self._known.get(key_id)

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
