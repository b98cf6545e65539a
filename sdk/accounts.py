"""Accounts of the people who use the console: kept in Redis, with a hash that opens nothing.

All changes are made by compare and set, so that there is one account of a name and always an
administrator, whoever changes what at the same time.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints, ValidationError

from sdk.api_keys import Role
from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome, StateWrite
from sdk.errors import InvalidInputError, UnavailableError
from sdk.fields import Frozen, Moment, stored_moment
from sdk.ids import Clock, utc_now
from sdk.passwords import Passwords, check_new_password

AccountName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f ._@-]{0,63}$"),
]
MOST_ACCOUNTS = 1_000
_ATTEMPTS = 20
_USED = "used:"
_VERSION = "version"
_ID_BYTES = 6
_OWNER = "accounts"
"""Where a commit wants a charge point's id."""


class UnknownAccountError(InvalidInputError):
    """There is no such account."""


class AccountExistsError(InvalidInputError):
    """There is an account of this name already, perhaps in other capitals."""


class TooManyAccountsError(InvalidInputError):
    """There are as many accounts as there may be; remove those that nobody needs."""


class LastAdministratorError(InvalidInputError):
    """Nobody could administer any more: this is the last account that may."""


class AccountsBusyError(UnavailableError):
    """Others change accounts all the time; try again."""


class Account(Frozen):
    """What is known of an account; disabled, it can't sign in."""

    id: str
    name: str
    role: Role
    made_at: Moment
    password_changed_at: Moment
    last_sign_in_at: Moment | None = None
    disabled_at: Moment | None = None


class StoredAccount(Account):
    """An account as it is kept: with its hash, which is shown to nobody.

    `generation` is another after each change that ends all of its sessions.
    """

    hash: str = Field(repr=False)
    generation: str = Field(repr=False)

    def shown(self) -> Account:
        """Give what may be shown."""
        return Account.model_validate(self.model_dump(exclude={"hash", "generation"}))


class _Change(NamedTuple):
    account: StoredAccount
    is_removed: bool = False


_Held = Mapping[str, StoredAccount]


class Accounts:
    """The accounts of all consoles; every method raises BusUnavailableError."""

    def __init__(
        self, bus: Bus, passwords: Passwords | None = None, clock: Clock = utc_now
    ) -> None:
        """`passwords` hashes them; the usual way if None."""
        self._bus = bus
        self.passwords = passwords or Passwords()
        self._clock = clock

    async def add(self, name: str, role: Role, password: str) -> Account:
        """Make an account.

        Raises WeakPasswordError, AccountExistsError, TooManyAccountsError.
        """
        check_new_password(password, name)
        now = self._clock()
        account = StoredAccount(
            id=secrets.token_hex(_ID_BYTES),
            name=name,
            role=role,
            made_at=now,
            password_changed_at=now,
            hash=await self.passwords.hash(password),
            generation=_generation(),
        )

        def change(held: _Held) -> _Change:
            if find(held, name) is not None:
                raise AccountExistsError("there is an account of this name already")
            if len(held) >= MOST_ACCOUNTS:
                raise TooManyAccountsError(
                    f"there are {MOST_ACCOUNTS} accounts, and no more may be"
                )
            return _Change(account)

        return await self._make(change)

    async def list(self) -> list[Account]:
        """Give all accounts, the oldest first."""
        found = (account.shown() for account in (await self.stored()).values())
        return sorted(found, key=lambda account: account.made_at)

    async def change(
        self,
        account_id: str,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> Account:
        """Change what is given, all or nothing; another password, or disabling, ends its sessions.

        Raises UnknownAccountError, LastAdministratorError, WeakPasswordError.
        """
        fields: dict[str, object] = {}
        if role is not None:
            fields["role"] = role
        if disabled is not None:
            fields["disabled_at"] = self._clock() if disabled else None
        if password is not None:
            check_new_password(password, _known(await self.stored(), account_id).name)
            fields["hash"] = await self.passwords.hash(password, account_id)
            fields["password_changed_at"] = self._clock()
        if disabled or password is not None:
            fields["generation"] = _generation()
        return await self._alter(account_id, lambda _: fields)

    async def remove(self, account_id: str) -> Account:
        """Remove an account. Raises UnknownAccountError, LastAdministratorError."""
        gone = await self._make(lambda held: _Change(_known(held, account_id), is_removed=True))
        await self._bus.delete(keys.sign_ins(account_id))
        return gone

    async def renew_hash(self, account: StoredAccount, password: str) -> None:
        """Hash a password that was right again, if it was hashed as no new one would be."""
        if not self.passwords.is_outdated(account.hash):
            return
        hashed = await self.passwords.hash(password, account.id)

        def alter(now: StoredAccount) -> dict[str, object]:
            return {"hash": hashed} if now.hash == account.hash else {}

        await self._alter(account.id, alter)

    async def note_sign_in(self, account_id: str) -> None:
        """Write down that somebody signed in just now."""
        await self._bus.write(keys.ACCOUNTS, {_USED + account_id: self._clock().isoformat()})

    async def stored(self) -> dict[str, StoredAccount]:
        """Read all accounts as they are kept, by id."""
        return _read(await self._bus.read(keys.ACCOUNTS))

    async def _alter(
        self, account_id: str, alter: Callable[[StoredAccount], Mapping[str, object]]
    ) -> Account:
        def change(held: _Held) -> _Change:
            account = _known(held, account_id)
            return _Change(account.model_copy(update=dict(alter(account))))

        return await self._make(change)

    async def _make(self, change: Callable[[_Held], _Change]) -> Account:
        """Make a change of what is held, and again of what is held by then if it was changed."""
        for _ in range(_ATTEMPTS):
            fields = await self._bus.read(keys.ACCOUNTS)
            held = _read(fields)
            made = change(held)
            _check_administrator(held, made)
            commit = _commit(made, int(fields.get(_VERSION, "0")))
            if await self._bus.apply(commit) is Outcome.APPLIED:
                return made.account.shown()
        raise AccountsBusyError("the accounts are being changed by others; try again")


def find(held: _Held, name: str) -> StoredAccount | None:
    """Give the account of a name, in whatever capitals."""
    wanted = name.casefold()
    return next((each for each in held.values() if each.name.casefold() == wanted), None)


def has_administrator(held: _Held) -> bool:
    """Tell whether somebody could sign in who may everything."""
    return any(each.role == "administrator" and not each.disabled_at for each in held.values())


def _known(held: _Held, account_id: str) -> StoredAccount:
    if account_id not in held:
        raise UnknownAccountError("there is no such account")
    return held[account_id]


def _check_administrator(held: _Held, made: _Change) -> None:
    left = {**held, made.account.id: made.account}
    if made.is_removed:
        del left[made.account.id]
    if has_administrator(held) and not has_administrator(left):
        raise LastAdministratorError("this is the last administrator; make another one before")


def _commit(made: _Change, version: int) -> Commit:
    account = made.account
    fields = {_VERSION: str(version + 1)}
    if not made.is_removed:
        # when it signed in last is in a field of its own, which nobody's change overwrites
        fields[account.id] = account.model_dump_json(exclude={"last_sign_in_at"}, exclude_none=True)
    gone = [account.id, _USED + account.id] if made.is_removed else []
    write = StateWrite(keys.ACCOUNTS, fields, expected_version=version)
    return Commit(_OWNER, writes=[write], removed_fields={keys.ACCOUNTS: gone} if gone else {})


def _read(fields: Mapping[str, str]) -> dict[str, StoredAccount]:
    found = {}
    for name, text in fields.items():
        if name == _VERSION or name.startswith(_USED):
            continue
        try:
            account = StoredAccount.model_validate_json(text)
        except ValidationError:  # it opens nothing
            continue
        used = stored_moment(fields.get(_USED + name))
        found[name] = account.model_copy(update={"last_sign_in_at": used})
    return found


def _generation() -> str:
    return secrets.token_hex(16)
