"""Accounts for tests: made with a quick hash, one of each role, and signed in without waiting."""

from argon2 import PasswordHasher

from sdk.accounts import Account, Accounts, find
from sdk.api_keys import Role
from sdk.bus.interface import Bus
from sdk.ids import utc_now
from sdk.passwords import Passwords
from session_manager.sign_in_cookie import COOKIE
from session_manager.sign_ins import SignIns

PASSWORD = "a password for tests"


def quick_passwords() -> Passwords:
    """Hash with the least that argon2 takes, as tests sign in often."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def quick_sign_ins(bus: Bus) -> SignIns:
    """Sign-ins over a bus, as another process would have them."""
    return SignIns(bus, Accounts(bus, quick_passwords()), utc_now)


async def account_of(sign_ins: SignIns, role: Role) -> Account:
    """Give the account `<role>` with that role and `PASSWORD`; it is made when it is missing."""
    found = find(await sign_ins.accounts.stored(), role)
    if found is not None:
        return found.shown()
    return await sign_ins.accounts.add(role, role, PASSWORD)


async def cookie_of(bus: Bus, role: Role = "operator") -> str:
    """Sign in as `<role>` and give the Cookie header, for any console over this bus."""
    sign_ins = quick_sign_ins(bus)
    account = await account_of(sign_ins, role)
    return f"{COOKIE}={await sign_ins.open(account.id)}"
