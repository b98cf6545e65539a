"""Sign-ins over a bus in memory, with clocks of their own: how long sessions live, who waits."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from console_accounts import PASSWORD, quick_passwords

from sdk.accounts import Account, Accounts
from sdk.bus import keys
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.passwords import MOST_OF_ONE, MOST_WAITING, TooManySignInsError
from session_manager.fresh import FRESH_S
from session_manager.sign_in_attempts import (
    OF_A_NETWORK,
    OF_ALL_NETWORKS,
    OF_AN_ACCOUNT,
    SignInWaitError,
)
from session_manager.sign_in_sessions import IDLE, LONGEST, MOST_SESSIONS, PROLONGED_EVERY
from session_manager.sign_ins import SignIns, WrongPasswordError

HERE = "192.0.2.1"
HOUR = 3600.0


class Counting(MemoryBus):
    """Counts what is written of sessions."""

    extended = 0

    async def extend(self, key: str, seconds: float) -> None:
        self.extended += 1
        await super().extend(key, seconds)


class House:
    """One Redis, and as many processes as are asked for."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.bus = Counting(Limits(), lambda: self.now)
        self.accounts = Accounts(self.bus, quick_passwords(), self.clock)
        self.one, self.other = self.process(), self.process()

    def process(self) -> SignIns:
        accounts = Accounts(self.bus, quick_passwords(), self.clock)
        return SignIns(self.bus, accounts, self.clock, lambda: self.now)

    def clock(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now)

    async def signed_in(self, name: str = "Ada") -> tuple[Account, str]:
        await self.accounts.add(name, "operator", PASSWORD)
        return await self.one.enter(name, PASSWORD, HERE)

    async def device(self, account: Account, cookies: str = "") -> str:
        """Give the Cookie header of a browser that the account just signed in with."""
        given = await self.one.device(account.id, cookies, "/")
        return (given or "").partition(";")[0]

    async def try_wrong(self, name: str, address: str, cookies: str = "", times: int = 1) -> None:
        """Try wrong passwords, each as soon as it is let through."""
        for _ in range(times):
            try:
                await self.one.enter(name, "wrong", address, cookies)
            except SignInWaitError as error:
                self.now += error.seconds
                with pytest.raises(WrongPasswordError):
                    await self.one.enter(name, "wrong", address, cookies)
            except WrongPasswordError:
                pass


async def test_a_session_is_known_to_all_processes_and_ends_for_all() -> None:
    house = House()
    account, token = await house.signed_in()
    for process in (house.one, house.other):
        found = await process.find(token)
        assert found is not None
        assert found.id == account.id
    await house.one.leave(token)
    assert await house.one.find(token) is None
    house.now += FRESH_S
    assert await house.other.find(token) is None
    assert await house.process().find(token) is None


async def test_a_session_holds_at_once_in_a_process_that_knew_less() -> None:
    house = House()
    assert not await house.other.has_accounts()
    account, token = await house.signed_in()
    assert await house.other.find(token) is not None
    await house.accounts.change(account.id, password="another password")
    _, token = await house.one.enter("Ada", "another password", HERE)
    assert await house.other.find(token) is not None


async def test_a_password_that_is_changed_meanwhile_gives_no_session() -> None:
    house = House()
    account, _ = await house.signed_in()

    class Slow(Accounts):
        async def note_sign_in(self, account_id: str) -> None:
            await self.change(account_id, password="another password")

    slow = Slow(house.bus, quick_passwords(), house.clock)
    _, token = await SignIns(house.bus, slow, house.clock, lambda: house.now).enter(
        "Ada", PASSWORD, HERE
    )
    assert await house.other.find(token) is None
    assert account.id in await house.accounts.stored()


async def test_what_is_kept_opens_nothing() -> None:
    house = House()
    _, token = await house.signed_in()
    kept = [name for name in house.bus._store._values if name.startswith(keys.sign_in(""))]
    assert len(kept) == 1
    assert token not in str(house.bus._store._values)
    assert await house.one.find(kept[0].removeprefix(keys.sign_in(""))) is None
    assert await house.one.find("A" * 43) is None


async def test_a_session_that_is_not_used_ends() -> None:
    house = House()
    _, token = await house.signed_in()
    house.now += IDLE.total_seconds() - 1
    assert await house.one.find(token) is not None
    house.now += IDLE.total_seconds() - 1
    assert await house.one.find(token) is not None
    house.now += IDLE.total_seconds() + 1
    assert await house.one.find(token) is None


async def test_a_session_that_is_used_ends_nevertheless() -> None:
    house = House()
    _, token = await house.signed_in()
    for _ in range(int(LONGEST / timedelta(hours=1)) - 1):
        house.now += HOUR
        assert await house.one.find(token) is not None
    house.now += HOUR
    assert await house.one.find(token) is None
    assert await house.bus.kept(keys.sign_in("")) is None


async def test_use_is_written_down_now_and_then() -> None:
    house = House()
    _, token = await house.signed_in()
    for _ in range(100):
        house.now += 1
        await house.one.find(token)
    assert house.bus.extended == 1
    house.now += PROLONGED_EVERY
    await house.one.find(token)
    assert house.bus.extended == 2


async def test_use_elsewhere_brings_no_session_back() -> None:
    house = House()
    _, token = await house.signed_in()
    await house.other.find(token)
    await house.one.leave(token)
    house.other._sessions._prolonged.clear()
    await house.other.find(token)  # may be up to two seconds old, and prolongs
    house.now += FRESH_S
    assert await house.other.find(token) is None


@pytest.mark.parametrize(
    "change", [{"disabled": True}, {"password": "another password"}, {}], ids=str
)
async def test_what_ends_an_accounts_sessions_is_heard_within_two_seconds(
    change: dict[str, Any],
) -> None:
    house = House()
    account, token = await house.signed_in()
    await house.other.find(token)
    if change:
        await house.accounts.change(account.id, **change)
    else:
        await house.accounts.remove(account.id)
    assert FRESH_S <= 2
    house.now += FRESH_S
    assert await house.other.find(token) is None
    assert await house.one.find(token) is None
    if change == {"disabled": True}:
        await house.accounts.change(account.id, disabled=False)
        house.now += FRESH_S
        assert await house.other.find(token) is None, "it is not brought back"


async def test_another_role_holds_within_two_seconds() -> None:
    house = House()
    account, token = await house.signed_in()
    await house.accounts.change(account.id, role="viewer")
    house.now += FRESH_S
    found = await house.other.find(token)
    assert found is not None
    assert found.role == "viewer"


async def test_each_sign_in_has_a_token_of_its_own() -> None:
    house = House()
    _, first = await house.signed_in()
    _, second = await house.one.enter("ada", PASSWORD, HERE)
    assert first != second
    await house.one.leave(second)
    assert await house.one.find(first) is not None


async def test_who_is_unknown_wrong_or_disabled_is_told_the_same() -> None:
    house = House()
    account, _ = await house.signed_in()
    told = set()
    for name, password in (("nobody", PASSWORD), ("Ada", "wrong"), ("Ada", "")):
        with pytest.raises(WrongPasswordError) as raised:
            await house.one.enter(name, password, HERE)
        told.add(str(raised.value))
    await house.accounts.change(account.id, disabled=True)
    with pytest.raises(WrongPasswordError) as raised:
        await house.one.enter("Ada", PASSWORD, HERE)
    assert {*told, str(raised.value)} == {str(raised.value)}


async def test_an_unknown_name_costs_as_much_as_a_known_one(monkeypatch: Any) -> None:
    house = House()
    await house.signed_in()
    passwords = house.one.accounts.passwords
    verified: list[str] = []
    is_right = passwords._is_right

    def count(hashed: str, password: str) -> bool:
        verified.append(hashed.rpartition("$")[0].rpartition("$")[0])
        return is_right(hashed, password)

    monkeypatch.setattr(passwords, "_is_right", count)
    for name in ("Ada", "nobody"):
        with pytest.raises(WrongPasswordError):
            await house.one.enter(name, "wrong", HERE)
    assert len(verified) == 2
    assert len(set(verified)) == 1, "with the same parameters"


@pytest.mark.parametrize("name", ["Ada", "nobody"])
async def test_wrong_passwords_wait_whichever_process(name: str) -> None:
    house = House()
    await house.signed_in()
    for number in range(OF_AN_ACCOUNT.free):
        process = (house.one, house.other)[number % 2]
        with pytest.raises(WrongPasswordError):
            await process.enter(name.swapcase(), "wrong", "192.0.2.99")
    waits = []
    for _ in range(12):
        with pytest.raises(SignInWaitError) as raised:
            await house.other.enter(name, PASSWORD, "192.0.2.99")
        waits.append(raised.value.seconds)
        house.now += raised.value.seconds
        with pytest.raises(WrongPasswordError):
            await house.one.enter(name, "wrong", "192.0.2.99")
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == OF_AN_ACCOUNT.longest


async def test_a_right_password_after_the_wait_starts_again() -> None:
    house = House()
    await house.signed_in()
    for _ in range(OF_AN_ACCOUNT.free):
        with pytest.raises(WrongPasswordError):
            await house.one.enter("Ada", "wrong", HERE)
    house.now += 1
    await house.one.enter("Ada", PASSWORD, HERE)
    for _ in range(OF_AN_ACCOUNT.free):
        with pytest.raises(WrongPasswordError):
            await house.one.enter("Ada", "wrong", HERE)


async def test_one_network_cannot_try_all_names() -> None:
    house = House()
    await house.signed_in()
    for number in range(OF_A_NETWORK.free):
        with pytest.raises(WrongPasswordError):
            await house.one.enter(f"n{number}", "wrong", f"2001:db8::{number:x}")
    with pytest.raises(SignInWaitError):
        await house.other.enter("other", "wrong", "2001:db8::ffff")
    await house.other.enter("Ada", PASSWORD, "2001:db8:1::1")


async def test_own_sign_ins_pay_for_no_guesses() -> None:
    house = House()
    await house.signed_in()
    for number in range(OF_A_NETWORK.free - 1):
        with pytest.raises(WrongPasswordError):
            await house.one.enter(f"n{number}", "wrong", HERE)
        await house.one.enter("Ada", PASSWORD, HERE)
    with pytest.raises(WrongPasswordError):
        await house.one.enter("last", "wrong", HERE)
    with pytest.raises(SignInWaitError):
        await house.one.enter("Ada", PASSWORD, HERE)


async def test_who_signs_in_often_does_not_wait() -> None:
    house = House()
    await house.signed_in()
    for _ in range(3 * OF_A_NETWORK.free):
        await house.one.enter("Ada", PASSWORD, HERE)


async def test_it_is_known_whether_anybody_could_sign_in() -> None:
    house = House()
    assert not await house.one.has_accounts()
    await house.accounts.add("op", "operator", PASSWORD)
    house.now += FRESH_S
    assert not await house.one.has_accounts()
    await house.accounts.add("root", "administrator", PASSWORD)
    house.now += FRESH_S
    assert await house.one.has_accounts()


async def test_an_outsider_keeps_nobody_out_elsewhere() -> None:
    house = House()
    await house.signed_in()
    await house.try_wrong("Ada", "192.0.2.66", times=OF_AN_ACCOUNT.free + 12)
    with pytest.raises(SignInWaitError):
        await house.one.enter("Ada", PASSWORD, "192.0.2.66")
    await house.other.enter("Ada", PASSWORD, HERE)
    with pytest.raises(SignInWaitError):
        await house.one.enter("Ada", PASSWORD, "192.0.2.66")


async def test_all_networks_together_have_a_bound_which_a_known_browser_need_not_mind() -> None:
    house = House()
    account, _ = await house.signed_in()
    cookies = await house.device(account)
    for number in range(OF_ALL_NETWORKS.free + 12):
        await house.try_wrong("Ada", f"192.0.2.{number}")
    with pytest.raises(SignInWaitError) as raised:
        await house.one.enter("Ada", PASSWORD, "198.51.100.1")
    assert 250 < raised.value.seconds <= OF_ALL_NETWORKS.longest
    await house.other.enter("Ada", PASSWORD, "198.51.100.1", cookies)
    await house.other.enter("Ada", PASSWORD, "192.0.2.1", f"x=y; {cookies}")
    with pytest.raises(SignInWaitError):
        await house.one.enter("Ada", PASSWORD, "198.51.100.2")


async def test_who_has_to_wait_is_counted_nowhere() -> None:
    house = House()
    await house.signed_in()
    await house.try_wrong("Ada", HERE, times=OF_AN_ACCOUNT.free)
    for _ in range(3 * OF_A_NETWORK.free):
        with pytest.raises(SignInWaitError):
            await house.one.enter("Ada", PASSWORD, HERE)
    house.now += 1
    await house.one.enter("Ada", PASSWORD, HERE)


async def test_a_known_browser_has_a_count_of_its_own() -> None:
    house = House()
    account, _ = await house.signed_in()
    one, other = await house.device(account), await house.device(account)
    assert one != other
    assert await house.device(account, one) == one
    await house.try_wrong("Ada", HERE, one, times=OF_AN_ACCOUNT.free)
    with pytest.raises(SignInWaitError):
        await house.one.enter("Ada", PASSWORD, "192.0.2.2", one)
    await house.one.enter("Ada", PASSWORD, HERE, other)
    await house.one.enter("Ada", PASSWORD, HERE)


@pytest.mark.parametrize("how", ["another's", "forged", "another password"])
async def test_who_is_no_known_browser_waits_as_a_stranger(how: str) -> None:
    house = House()
    ada, _ = await house.signed_in()
    bob, _ = await house.signed_in("Bob")
    name, _, value = (await house.device(ada)).partition("=")
    if how == "another's":
        value = (await house.device(bob)).partition("=")[2]
    elif how == "forged":
        value = "0" * 32 + value[32:]
    password = PASSWORD
    if how == "another password":
        password = "another password"
        await house.accounts.change(ada.id, password=password)
    await house.try_wrong("Ada", HERE, times=OF_AN_ACCOUNT.free)
    with pytest.raises(SignInWaitError):
        await house.one.enter("Ada", password, HERE, f"{name}={value}")


async def test_who_is_signed_in_and_guesses_keeps_nobody_from_signing_in() -> None:
    house = House()
    account, _ = await house.signed_in()
    for _ in range(OF_AN_ACCOUNT.free):
        with pytest.raises(WrongPasswordError):
            await house.one.check_password(account.id, "wrong")
    with pytest.raises(SignInWaitError):
        await house.other.check_password(account.id, PASSWORD)
    await house.one.enter("Ada", PASSWORD, HERE)


async def test_strangers_who_fill_their_line_keep_no_known_browser_out() -> None:
    house = House()
    account, _ = await house.signed_in()
    cookies = await house.device(account)
    passwords = house.one.accounts.passwords
    with ExitStack() as places:
        for number in range(MOST_WAITING):
            places.enter_context(passwords.place(f"192.0.2.{number}", is_known=False))
        with pytest.raises(TooManySignInsError):
            await house.one.enter("Ada", PASSWORD, HERE)
        await house.one.enter("Ada", PASSWORD, HERE, cookies)
        await house.one.check_password(account.id, PASSWORD)
    await house.one.enter("Ada", PASSWORD, HERE)


async def test_one_network_fills_no_line_and_who_finds_no_place_is_not_counted() -> None:
    house = House()
    await house.signed_in()
    passwords = house.one.accounts.passwords
    with ExitStack() as places:
        for _ in range(MOST_OF_ONE):
            places.enter_context(passwords.place(HERE, is_known=False))
        for _ in range(2 * OF_A_NETWORK.free):
            with pytest.raises(TooManySignInsError):
                await house.one.enter("Ada", "wrong", HERE)
        await house.one.enter("Ada", PASSWORD, "192.0.2.2")
    await house.one.enter("Ada", PASSWORD, HERE)


async def test_who_is_signed_in_fills_no_line_of_others() -> None:
    house = House()
    account, _ = await house.signed_in()
    other, _ = await house.signed_in("Bea")
    cookies = await house.device(account)
    passwords = house.one.accounts.passwords
    with ExitStack() as places:
        for _ in range(MOST_OF_ONE):
            places.enter_context(passwords.place(account.id))
        with pytest.raises(TooManySignInsError):
            await house.one.enter("Ada", PASSWORD, HERE, cookies)
        with pytest.raises(TooManySignInsError):
            await house.one.check_password(account.id, PASSWORD)
        with pytest.raises(TooManySignInsError):
            await house.one.accounts.change(account.id, password="another password")
        await house.one.check_password(other.id, PASSWORD)
        await house.one.accounts.change(other.id, password="another password")
        await house.one.enter("Ada", PASSWORD, HERE)


async def test_an_account_has_so_many_sessions_and_the_oldest_ends() -> None:
    house = House()
    _, first = await house.signed_in()
    tokens = [first]
    for _ in range(MOST_SESSIONS):
        house.now += 1
        tokens.append((await house.one.enter("Ada", PASSWORD, HERE))[1])
    house.now += FRESH_S
    found = [await house.other.find(token) is not None for token in tokens]
    assert found == [False] + [True] * MOST_SESSIONS


async def test_sessions_that_are_over_take_nobody_s_place() -> None:
    house = House()
    _, used = await house.signed_in()
    for _ in range(MOST_SESSIONS - 1):
        await house.one.enter("Ada", PASSWORD, HERE)
    for _ in range(2):
        house.now += IDLE.total_seconds() - 60
        assert await house.one.find(used) is not None
    for _ in range(MOST_SESSIONS - 1):
        _, token = await house.one.enter("Ada", PASSWORD, HERE)
    await house.one.leave(token)
    await house.one.enter("Ada", PASSWORD, HERE)
    house.now += FRESH_S
    assert await house.one.find(used) is not None
    assert len(await house.bus.read(keys.sign_ins(await _only(house)))) == MOST_SESSIONS


async def test_nothing_is_kept_of_the_sessions_of_an_account_that_is_gone() -> None:
    house = House()
    account, _ = await house.signed_in()
    assert await house.bus.read(keys.sign_ins(account.id))
    await house.accounts.remove(account.id)
    assert not await house.bus.read(keys.sign_ins(account.id))


async def _only(house: House) -> str:
    (account_id,) = await house.accounts.stored()
    return account_id
