"""Signing in: passwords checked, wrong ones made to wait, and whose a session is."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic
from unicodedata import normalize

from sdk.accounts import Account, Accounts, StoredAccount, find, has_administrator
from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError
from sdk.ids import Clock
from sdk.leaky_count import network_of
from session_manager.fresh import FRESH_S, Fresh
from session_manager.sign_in_attempts import Attempt, Attempts, of_device, of_owner, of_stranger
from session_manager.sign_in_cookie import token_in
from session_manager.sign_in_device import device_given, device_in
from session_manager.sign_in_sessions import Session, Sessions

_JUST_MADE = timedelta(seconds=3 * FRESH_S)
_DEVICE_BYTES = 16
_WRONG = "The name or the password is wrong."


class WrongPasswordError(InvalidInputError):
    """The name or the password is wrong, or the account is disabled; which, is not told.

    `account`, for the audit trail only: the one whose name it was.
    """

    account: Account | None = None


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
        """`secure`: the console is reached by TLS only, and so are the cookies sent."""
        self.accounts = accounts
        self.secure = secure
        self._clock = clock
        self._held = Fresh(accounts.stored, seconds)
        self._attempts = Attempts(bus)
        self._sessions = Sessions(bus, clock, seconds)

    async def enter(
        self, name: str, password: str, address: str, cookies: str = ""
    ) -> tuple[Account, str]:
        """Sign in; give the account and the new session's token.

        `address` is the caller's, `cookies` its Cookie header. Raises WrongPasswordError,
        SignInWaitError, TooManySignInsError.
        """
        account = find(await self.accounts.stored(), normalize("NFC", name))
        device = device_in(cookies, account, secure=self.secure) if account is not None else None
        if account is not None and device is not None:
            attempt, party, is_known = of_device(account.id, device), account.id, True
        else:
            attempt, party, is_known = of_stranger(name, address), network_of(address), False
        account = await self._checked(account, password, attempt, party, is_known=is_known)
        await self.accounts.renew_hash(account, password)
        await self.accounts.note_sign_in(account.id)
        self._held.forget()
        return account.shown(), await self._sessions.make(account)

    async def check_password(self, account_id: str, password: str) -> None:
        """Check the password of somebody who is signed in.

        Raises WrongPasswordError, SignInWaitError, TooManySignInsError.
        """
        account = (await self.accounts.stored()).get(account_id)
        await self._checked(account, password, of_owner(account_id), account_id)

    async def device(self, account_id: str, cookies: str, path: str) -> str | None:
        """Write the Set-Cookie header by which `path` knows the browser of who just signed in.

        None: the account is gone.
        """
        account = (await self._held.get()).get(account_id)
        if account is None:
            return None
        device = device_in(cookies, account, secure=self.secure)
        device = device or secrets.token_hex(_DEVICE_BYTES)
        return device_given(account, device, path, secure=self.secure)

    async def open(self, account_id: str) -> str:
        """Make a session for somebody whose password was right; give its token.

        Raises WrongPasswordError: the account is gone, or disabled.
        """
        self._held.forget()
        account = (await self._held.get()).get(account_id)
        if account is None or account.disabled_at is not None:
            raise WrongPasswordError(_WRONG)
        return await self._sessions.make(account)

    async def leave(self, token: str) -> None:
        """End a session."""
        await self._sessions.end(token)

    def token_in(self, cookies: str) -> str | None:
        """Find a session's token in a Cookie header."""
        return token_in(cookies, secure=self.secure)

    async def find(self, token: str) -> StoredAccount | None:
        """Give whose session it is; None if it is over, or the account may not be here any more."""
        session = await self._sessions.find(token)
        account = await self._owner(session) if session is not None else None
        if session is None or account is None:
            return None
        await self._sessions.prolong(token, session)
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
        self,
        account: StoredAccount | None,
        password: str,
        attempt: Attempt,
        party: str,
        *,
        is_known: bool = True,
    ) -> StoredAccount:
        passwords = self.accounts.passwords
        with passwords.place(party, is_known=is_known) as line:  # who finds none is not counted
            await self._attempts.begin(attempt)  # before it is checked, so none slips by
            hashed = account.hash if account is not None else None
            is_right = await passwords.match(hashed, password, line)
        if account is None or not is_right or account.disabled_at is not None:
            error = WrongPasswordError(_WRONG)
            error.account = account.shown() if account is not None else None
            raise error
        await self._attempts.forget(attempt)
        return account


def _owner_among(held: Mapping[str, StoredAccount], session: Session) -> StoredAccount | None:
    account = held.get(session.account_id)
    if account is None or account.disabled_at or account.generation != session.generation:
        return None
    return account
