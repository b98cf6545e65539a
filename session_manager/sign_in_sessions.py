"""The sessions of browsers: 32 random bytes in a cookie, and in Redis what belongs to them.

Redis keeps it under their SHA-256 until it was not used for `IDLE` or is `LONGEST` old. All
processes over one Redis know the same, at most `FRESH_S` old.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic

from pydantic import ValidationError

from sdk.accounts import StoredAccount
from sdk.bus import keys
from sdk.bus.interface import Bus, Commit
from sdk.fields import Frozen, Moment
from sdk.ids import Clock
from session_manager.fresh import FRESH_S

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
PROLONGED_EVERY = 600.0
"""Seconds; how exact `IDLE` is."""
MOST_SESSIONS = 50
"""Of one account; then the oldest ends."""
_TOKEN_BYTES = 32
_MOST_KNOWN = 5_000
_OWNER = "sign_ins"
"""Where a commit wants a charge point's id."""


class Session(Frozen):
    """What Redis keeps of a session."""

    account_id: str
    generation: str
    made_at: Moment


@dataclass(slots=True)
class _Known:
    session: Session | None
    read_at: float


class Sessions:
    """Makes, finds and ends sessions; every method raises BusUnavailableError."""

    def __init__(self, bus: Bus, clock: Clock, seconds: Callable[[], float] = monotonic) -> None:
        self._bus = bus
        self._clock = clock
        self._seconds = seconds
        self._known: dict[str, _Known] = {}
        self._prolonged: dict[str, float] = {}

    async def make(self, account: StoredAccount) -> str:
        """Make a session of the account as it was when the password was checked; give its token."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now, digest = self._clock(), _digest(token)
        session = Session(account_id=account.id, generation=account.generation, made_at=now)
        await self._bus.keep(keys.sign_in(digest), session.model_dump_json(), IDLE.total_seconds())
        await self._bus.write(keys.sign_ins(account.id), {digest: f"{now.timestamp():.3f}"})
        await self._make_room(account.id)
        return token

    async def end(self, token: str) -> None:
        """End a session."""
        digest = _digest(token)
        session = await self._read(digest)
        await self._delete(digest)
        if session is not None:
            await self._forget(session.account_id, [digest])

    async def find(self, token: str) -> Session | None:
        """Give a session; None if it is over."""
        session = await self._read(_digest(token))
        return session if session is not None and self._left(session) > timedelta() else None

    async def prolong(self, token: str, session: Session) -> None:
        """Note that it is used."""
        now, digest = self._seconds(), _digest(token)
        last = self._prolonged.get(digest)
        if last is not None and now - last < PROLONGED_EVERY:
            return
        if len(self._prolonged) >= _MOST_KNOWN:
            self._prolonged.clear()
        self._prolonged[digest] = now
        seconds = min(IDLE, self._left(session)).total_seconds()
        await self._bus.extend(keys.sign_in(digest), seconds)

    async def _make_room(self, account_id: str) -> None:
        """End the oldest sessions of an account that has too many."""
        held = await self._bus.read(keys.sign_ins(account_id))
        if len(held) <= MOST_SESSIONS:
            return
        over = [each for each in held if await self._bus.kept(keys.sign_in(each)) is None]
        lives = sorted(held.keys() - set(over), key=lambda each: float(held[each]))
        for digest in lives[:-MOST_SESSIONS]:
            await self._delete(digest)
            over.append(digest)
        await self._forget(account_id, over)

    async def _delete(self, digest: str) -> None:
        await self._bus.delete(keys.sign_in(digest))
        self._known[digest] = _Known(None, self._seconds())

    async def _forget(self, account_id: str, digests: list[str]) -> None:
        await self._bus.apply(Commit(_OWNER, removed_fields={keys.sign_ins(account_id): digests}))

    async def _read(self, digest: str) -> Session | None:
        now = self._seconds()
        known = self._known.get(digest)
        if known is None or known.read_at <= now - FRESH_S:
            session = _parsed(await self._bus.kept(keys.sign_in(digest)))
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[digest] = _Known(session, now)
        return known.session

    def _left(self, session: Session) -> timedelta:
        end: datetime = session.made_at + LONGEST
        return end - self._clock()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _parsed(text: str | None) -> Session | None:
    try:
        return Session.model_validate_json(text or "")
    except ValidationError:
        return None
