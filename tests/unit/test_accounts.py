"""Accounts: one of a name, always an administrator, and a hash that opens nothing."""

import asyncio
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from console_accounts import PASSWORD, quick_passwords
from pydantic import TypeAdapter, ValidationError

from sdk.accounts import (
    MOST_ACCOUNTS,
    AccountExistsError,
    AccountName,
    Accounts,
    LastAdministratorError,
    TooManyAccountsError,
    UnknownAccountError,
    find,
)
from sdk.bus import keys
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.passwords import (
    LANES,
    MEMORY_KIB,
    ROUNDS,
    Passwords,
    TooManySignInsError,
    WeakPasswordError,
    check_new_password,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(Limits())


@pytest.fixture
def accounts(bus: MemoryBus) -> Accounts:
    return Accounts(bus, quick_passwords(), lambda: NOW)


async def test_an_account_is_made_and_listed_without_its_hash(
    accounts: Accounts, bus: MemoryBus
) -> None:
    made = await accounts.add("Ada", "operator", PASSWORD)
    assert await accounts.list() == [made]
    assert (made.name, made.role, made.made_at, made.last_sign_in_at) == (
        "Ada",
        "operator",
        NOW,
        None,
    )
    stored = (await accounts.stored())[made.id]
    assert stored.hash.startswith("$argon2id$")
    assert stored.hash not in repr(stored)
    assert not {"hash", "generation"} & set(stored.shown().model_dump())
    assert PASSWORD not in str(await bus.read(keys.ACCOUNTS))


@pytest.mark.parametrize("name", ["ada", "ADA", "aDa"])
async def test_a_name_is_there_once_in_whatever_capitals(accounts: Accounts, name: str) -> None:
    made = await accounts.add("Ada", "operator", PASSWORD)
    with pytest.raises(AccountExistsError):
        await accounts.add(name, "viewer", PASSWORD)
    found = find(await accounts.stored(), name)
    assert found is not None
    assert found.id == made.id


async def test_two_who_take_a_name_at_once_do_not_both_get_it(bus: MemoryBus) -> None:
    each = [Accounts(bus, quick_passwords()) for _ in range(5)]
    made = await asyncio.gather(
        *(one.add("Ada", "viewer", PASSWORD) for one in each), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in made) == 1
    assert sum(isinstance(one, AccountExistsError) for one in made) == 4


@pytest.mark.parametrize(
    "name", ["", " ada", "a" * 65, "a\nb", "a/b", "<b>", "a\u202eb", "\u0430da"]
)
def test_names_that_could_deceive_are_none(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AccountName).validate_python(name)


@pytest.mark.parametrize("name", ["Jürgen Groß", "ada@example.com", "O. Ø_1-x"])
def test_names_of_people_are(name: str) -> None:
    TypeAdapter(AccountName).validate_python(name)


async def test_the_last_administrator_stays_one(accounts: Accounts) -> None:
    first = await accounts.add("first", "administrator", PASSWORD)
    await accounts.add("other", "operator", PASSWORD)
    gone = await accounts.add("gone", "administrator", PASSWORD)
    await accounts.change(gone.id, disabled=True)
    for change in (
        accounts.remove(first.id),
        accounts.change(first.id, disabled=True),
        accounts.change(first.id, role="operator"),
        accounts.change(first.id, role="viewer", password=PASSWORD + "!"),
    ):
        with pytest.raises(LastAdministratorError):
            await change
    await accounts.change(first.id, role="administrator", disabled=False)
    await accounts.change(gone.id, disabled=False)
    await accounts.remove(first.id)
    assert [each.name for each in await accounts.list()] == ["other", "gone"]


async def test_two_administrators_cannot_remove_each_other_at_once(bus: MemoryBus) -> None:
    one, two = Accounts(bus, quick_passwords()), Accounts(bus, quick_passwords())
    first = await one.add("first", "administrator", PASSWORD)
    second = await one.add("second", "administrator", PASSWORD)
    done = await asyncio.gather(one.remove(first.id), two.remove(second.id), return_exceptions=True)
    assert sum(isinstance(each, LastAdministratorError) for each in done) == 1
    assert len(await one.list()) == 1


async def test_a_change_is_made_all_or_not(accounts: Accounts) -> None:
    made = await accounts.add("Ada", "viewer", PASSWORD)
    before = (await accounts.stored())[made.id]
    with pytest.raises(WeakPasswordError):
        await accounts.change(made.id, role="administrator", password="short")
    assert (await accounts.stored())[made.id] == before
    with pytest.raises(UnknownAccountError):
        await accounts.change("0" * 12, role="viewer")
    with pytest.raises(UnknownAccountError):
        await accounts.remove("version")


async def test_what_ends_sessions_gives_another_generation(accounts: Accounts) -> None:
    made = await accounts.add("Ada", "viewer", PASSWORD)

    async def generation() -> str:
        return (await accounts.stored())[made.id].generation

    seen = [await generation()]
    await accounts.change(made.id, role="operator")
    assert await generation() == seen[0]
    for fields in ({"disabled": True}, {"password": PASSWORD + "!"}):
        await accounts.change(made.id, **fields)
        seen.append(await generation())
    assert len(set(seen)) == 3


async def test_a_sign_in_is_noted_and_goes_with_the_account(
    accounts: Accounts, bus: MemoryBus
) -> None:
    made = await accounts.add("Ada", "viewer", PASSWORD)
    await accounts.note_sign_in(made.id)
    await accounts.change(made.id, role="operator")
    assert [each.last_sign_in_at for each in await accounts.list()] == [NOW]
    await accounts.remove(made.id)
    assert set(await bus.read(keys.ACCOUNTS)) == {"version"}


async def test_a_hash_is_renewed_when_the_parameters_change(bus: MemoryBus) -> None:
    old = Accounts(bus, quick_passwords())
    made = await old.add("Ada", "viewer", PASSWORD)
    before = (await old.stored())[made.id]
    await old.renew_hash(before, PASSWORD)
    assert (await old.stored())[made.id] == before
    new = Accounts(bus, Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    await new.renew_hash(before, PASSWORD)
    after = (await new.stored())[made.id]
    assert "m=16,t=2,p=1" in after.hash
    assert (after.generation, after.password_changed_at) == (
        before.generation,
        before.password_changed_at,
    )
    with new.passwords.place() as line:
        assert await new.passwords.match(after.hash, PASSWORD, line)
    await new.renew_hash(before, "of somebody who was overtaken")
    assert (await new.stored())[made.id] == after


async def test_what_cannot_be_read_opens_nothing(accounts: Accounts, bus: MemoryBus) -> None:
    await bus.write(keys.ACCOUNTS, {"0" * 12: "{", "used:x": "yesterday"})
    assert await accounts.list() == []


async def test_there_is_an_end_to_it(accounts: Accounts, bus: MemoryBus) -> None:
    made = await accounts.add("Ada", "viewer", PASSWORD)
    one = (await accounts.stored())[made.id]
    for number in range(MOST_ACCOUNTS - 1):
        other = one.model_copy(update={"id": str(number), "name": f"n{number}"})
        await bus.write(keys.ACCOUNTS, {str(number): other.model_dump_json(exclude_none=True)})
    with pytest.raises(TooManyAccountsError):
        await accounts.add("more", "viewer", PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x1y2z3w4v5u",
        "abcdefghij" * 20 + "k",
        "aaaaaaaaaaaaaaa",
        "abababababab",
        "administrator",
        "Administrator1",
        "administratoradministrator",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_new_password(password, "administrator")


@pytest.mark.parametrize("password", ["correct horse", "administrator has 123", "äöüßéà漢字 12345"])
def test_others_are_taken(password: str) -> None:
    check_new_password(password, "administrator")
    check_new_password(password, "a")


async def test_passwords_match_whole_and_in_either_way_of_writing() -> None:
    passwords = quick_passwords()
    hashed = await passwords.hash("p\u00e4ssword is long")
    with passwords.place() as line:
        assert await passwords.match(hashed, "pa\u0308ssword is long", line)
        for wrong in ("", "p\u00e4ssword is lon", "p\u00e4ssword is long ", "x" * 100_000):
            assert not await passwords.match(hashed, wrong, line)
        passwords._nobodys = await passwords.hash("nobody's password")
        for broken in ("", "$argon2id$", "plain", None):
            assert not await passwords.match(broken, "nobody's password", line)


def test_the_usual_hash_is_that_of_the_rfc() -> None:
    assert (MEMORY_KIB, ROUNDS, LANES) == (65_536, 3, 1)
    assert not Passwords().is_outdated(PasswordHasher(3, 65_536, 1).hash("x"))


async def test_so_many_may_wait_and_no_more() -> None:
    passwords = quick_passwords()
    done = await asyncio.gather(
        *(passwords.hash("a password", str(n % 10)) for n in range(100)), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, TooManySignInsError)]
    assert len(refused) == 60
    done = await asyncio.gather(
        *(passwords.hash("a password", "one") for _ in range(10)), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, TooManySignInsError)]
    assert len(refused) == 2
    assert (await passwords.hash("again")).startswith("$argon2id$")
