"""Signing in: passwords checked, wrong ones made to wait, and the sessions of browsers.

A session is 32 random bytes in a cookie; Redis keeps what belongs to it under their SHA-256, until
it was not used for `IDLE` or is `LONGEST` old. All processes over one Redis know the same.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from time import monotonic
from unicodedata import normalize

from pydantic import ValidationError

from sdk.accounts import Account, Accounts, StoredAccount, find, has_administrator
from sdk.bus import keys
from sdk.bus.expiring import Patience
from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError, UnavailableError
from sdk.fields import Frozen, Moment
from sdk.ids import Clock
from sdk.leaky_count import network_of
from session_manager.fresh import FRESH_S, Fresh

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
PROLONGED_EVERY = 600.0
"""Seconds; how exact `IDLE` is."""
OF_AN_ACCOUNT = Patience(free=5, longest=300, memory=3_600)
OF_A_NETWORK = Patience(free=30, longest=900, memory=3_600)
_TOKEN_BYTES = 32
_JUST_MADE = timedelta(seconds=3 * FRESH_S)
_MOST_KNOWN = 5_000


class WrongPasswordError(InvalidInputError):
    """The name or the password is wrong, or the account is disabled; which, is not told.

    `account`, for the audit trail only: the one whose name it was.
    """

    account: Account | None = None


class SignInWaitError(UnavailableError):
    """Too many passwords were wrong; again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many passwords were wrong; wait before the next.")
        self.seconds = seconds


class Session(Frozen):
    """What Redis keeps of a session."""

    account_id: str
    generation: str
    made_at: Moment


@dataclass(slots=True)
class _Known:
    session: Session | None
    read_at: float


class SignIns:
    """Lets people in by name and password, and then by cookie.

    What is known of accounts and sessions is at most `FRESH_S` old. Every method raises
    BusUnavailableError.
    """

    def __init__(
        self,
        bus: Bus,
        accounts: Accounts,
        clock: Clock,
        seconds: Callable[[], float] = monotonic,
        *,
        secure: bool = False,
    ) -> None:
        """`secure`: the console is reached by TLS only, and so is the cookie sent."""
        self._bus = bus
        self.accounts = accounts
        self.secure = secure
        self._clock = clock
        self._seconds = seconds
        self._held = Fresh(accounts.stored, seconds)
        self._known: dict[str, _Known] = {}
        self._prolonged: dict[str, float] = {}

    async def enter(self, name: str, password: str, address: str) -> tuple[Account, str]:
        """Sign in; give the account and the new session's token. `address` is the caller's.

        Raises WrongPasswordError, SignInWaitError, TooManySignInsError.
        """
        account = find(await self.accounts.stored(), normalize("NFC", name))
        account = await self._checked(account, name, password, address)
        await self.accounts.renew_hash(account, password)
        await self.accounts.note_sign_in(account.id)
        self._held.forget()
        return account.shown(), await self._give(account)

    async def check_password(self, account_id: str, password: str, address: str) -> None:
        """Check the password of somebody who is signed in, as `enter` does."""
        account = (await self.accounts.stored()).get(account_id)
        await self._checked(account, account.name if account else "", password, address)

    async def open(self, account_id: str) -> str:
        """Make a session for somebody whose password was right; give its token.

        Raises WrongPasswordError: the account is gone, or disabled.
        """
        self._held.forget()
        account = (await self._held.get()).get(account_id)
        if account is None or account.disabled_at is not None:
            raise WrongPasswordError(_WRONG)
        return await self._give(account)

    async def _give(self, account: StoredAccount) -> str:
        """Make a session of the account as it was when the password was checked."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session = Session(
            account_id=account.id, generation=account.generation, made_at=self._clock()
        )
        key = keys.sign_in(_digest(token))
        await self._bus.keep(key, session.model_dump_json(), IDLE.total_seconds())
        return token

    async def leave(self, token: str) -> None:
        """End a session."""
        digest = _digest(token)
        self._known[digest] = _Known(None, self._seconds())
        await self._bus.delete(keys.sign_in(digest))

    async def find(self, token: str) -> StoredAccount | None:
        """Give whose session it is; None if it is over, or the account may not be here any more."""
        digest = _digest(token)
        session = await self._session(digest)
        if session is None or self._left(session) <= timedelta():
            return None
        account = await self._owner(session)
        if account is None:
            return None
        await self._prolong(digest, session)
        return account

    async def _owner(self, session: Session) -> StoredAccount | None:
        account = _owner_among(await self._held.get(), session)
        if account is None and self._clock() - session.made_at < _JUST_MADE:
            # another process may have made the account, or changed its password, just before
            account = _owner_among(await self._held.get(0), session)
        return account

    async def has_accounts(self) -> bool:
        """Tell whether there is an administrator who could sign in."""
        return has_administrator(await self._held.get())

    def forget(self) -> None:
        """Read the accounts again before the next one is judged: they were changed here."""
        self._held.forget()

    async def _checked(
        self, account: StoredAccount | None, name: str, password: str, address: str
    ) -> StoredAccount:
        of_account = keys.sign_in_attempts("account", _digest(normalize("NFC", name).casefold()))
        of_network = keys.sign_in_attempts("network", network_of(address))
        for key, patience in ((of_network, OF_A_NETWORK), (of_account, OF_AN_ACCOUNT)):
            wait = await self._bus.attempt(key, patience)  # before it is checked, so none slips by
            if wait > 0:
                raise SignInWaitError(ceil(wait))
        hashed = account.hash if account is not None else None
        is_right = await self.accounts.passwords.match(hashed, password)
        if account is None or not is_right or account.disabled_at is not None:
            error = WrongPasswordError(_WRONG)
            error.account = account.shown() if account is not None else None
            raise error
        await self._bus.delete(of_account)
        await self._bus.forgive(of_network)
        return account

    async def _session(self, digest: str) -> Session | None:
        now = self._seconds()
        known = self._known.get(digest)
        if known is None or known.read_at <= now - FRESH_S:
            session = _read(await self._bus.kept(keys.sign_in(digest)))
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[digest] = _Known(session, now)
        return known.session

    async def _prolong(self, digest: str, session: Session) -> None:
        now = self._seconds()
        last = self._prolonged.get(digest)
        if last is not None and now - last < PROLONGED_EVERY:
            return
        if len(self._prolonged) >= _MOST_KNOWN:
            self._prolonged.clear()
        self._prolonged[digest] = now
        seconds = min(IDLE, self._left(session)).total_seconds()
        await self._bus.extend(keys.sign_in(digest), seconds)

    def _left(self, session: Session) -> timedelta:
        end: datetime = session.made_at + LONGEST
        return end - self._clock()


def _owner_among(held: Mapping[str, StoredAccount], session: Session) -> StoredAccount | None:
    account = held.get(session.account_id)
    if account is None or account.disabled_at or account.generation != session.generation:
        return None
    return account


_WRONG = "The name or the password is wrong."


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _read(text: str | None) -> Session | None:
    try:
        return Session.model_validate_json(text or "")
    except ValidationError:
        return None
