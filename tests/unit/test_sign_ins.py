"""Sign-ins over a bus in memory, with clocks of their own: how long sessions live, who waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from console_accounts import PASSWORD, quick_passwords

from sdk.accounts import Account, Accounts
from sdk.bus import keys
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from session_manager.fresh import FRESH_S
from session_manager.sign_ins import (
    IDLE,
    LONGEST,
    OF_A_NETWORK,
    OF_AN_ACCOUNT,
    PROLONGED_EVERY,
    SignIns,
    SignInWaitError,
    WrongPasswordError,
)

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
    house.other._prolonged.clear()
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
async def test_wrong_passwords_wait_whichever_process_and_network(name: str) -> None:
    house = House()
    await house.signed_in()
    for number in range(OF_AN_ACCOUNT.free):
        process = (house.one, house.other)[number % 2]
        with pytest.raises(WrongPasswordError):
            await process.enter(name.swapcase(), "wrong", f"192.0.2.{number}")
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
