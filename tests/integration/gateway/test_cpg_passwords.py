"""The password and the security profile of a charge point, changed over OCPP."""

import asyncio
import json
from typing import Any

import pytest
from cpg_world import CREDENTIAL_KEY, Ear, Json, Point, World, soon
from operators_desk import Desk, answering
from redis.asyncio import Redis
from tls_world import came, outcome

from sdk.bus import keys
from sdk.charge_point_config import ChargePointConfig
from sdk.events import operations as ops
from sdk.message_log import Message, MessageReader
from sdk.register import Register, password_hash

OLD, NEW = "the old password", "0123456789abcdef" * 2
SET: Json = {"key": "AuthorizationKey", "value": NEW}


def hashed(password: str) -> str:
    return password_hash(password, CREDENTIAL_KEY)


@pytest.fixture
async def locked(world: World, cp: str) -> str:
    """A charge point that has a password."""
    await world.register(cp, password_hash=hashed(OLD), security_profile="1")
    return cp


async def config(world: World, cp: str) -> ChargePointConfig:
    return await Register(world.bus).get(cp)


async def change(
    world: World,
    cp: str,
    answer: Json | list[Any],
    kind: str = "ChangeConfiguration",
    **fields: Any,
) -> tuple[ops.Answered, Point]:
    """Change something while the charge point is there by its old password."""
    ear = await world.ear(cp)
    async with came(world.url, cp, password=OLD) as point:
        point.answers["ChangeConfiguration"] = answer
        await world.command(cp, kind, connector_id=None, **fields)
        event: type[ops.Answered] = getattr(ops, f"{kind}Answered")
        _, body = await answering(point, ear, event)
        return body, point


async def test_once_it_is_accepted_the_old_password_is_refused(world: World, locked: str) -> None:
    body, point = await change(world, locked, {"status": "Accepted"}, **SET)
    assert body.status == "Accepted"
    assert point.asked == [("ChangeConfiguration", SET)]
    stored = await config(world, locked)
    assert (stored.password_hash, stored.next_password_hash) == (hashed(NEW), None)
    assert await outcome(world.url, locked, password=OLD) == 401
    assert await outcome(world.url, locked, password=NEW) == 101


@pytest.mark.parametrize("seconds", [60, -1])
async def test_a_password_that_an_operator_chose_is_nowhere_once_it_was_read(
    redis: Redis, world: World, locked: str, seconds: int
) -> None:
    ear = await world.ear(locked)
    async with came(world.url, locked, password=OLD) as point:
        point.answers["ChangeConfiguration"] = {"status": "Accepted"}
        fields = {**SET, "expires_at": soon(seconds)}
        await world.command(locked, "ChangeConfiguration", connector_id=None, **fields)
        await answering(point, ear, ops.ChangeConfigurationAnswered)
        kept = [await content(redis, key) async for key in redis.scan_iter(f"*{locked}*")]
    assert any("ChargePointConnected" in text for text in kept), "all is looked at"
    assert not [text for text in kept if NEW in text]


async def content(redis: Redis, key: bytes) -> str:
    """Give what stands under a key of Redis, of whatever kind."""
    match await redis.type(key):
        case b"hash":
            return str(await redis.hgetall(key))
        case b"stream":
            return str(await redis.xrange(key))
        case _:
            return str(await redis.get(key))


@pytest.mark.parametrize("answer", [{"status": "RebootRequired"}, ["InternalError"], {"odd": 1}])
async def test_until_it_is_proven_either_is_right(
    world: World, locked: str, answer: Json | list[Any]
) -> None:
    await change(world, locked, answer, **SET)
    stored = await config(world, locked)
    assert (stored.password_hash, stored.next_password_hash) == (hashed(OLD), hashed(NEW))
    assert await outcome(world.url, locked, password=OLD) == 101
    assert await outcome(world.url, locked, password=NEW) == 101
    async with asyncio.timeout(5):
        while (await config(world, locked)).next_password_hash is not None:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
    assert await outcome(world.url, locked, password=OLD) == 401


@pytest.mark.parametrize(
    "answer", [{"status": "Rejected"}, {"status": "NotSupported"}, ["NotImplemented"]]
)
async def test_what_is_rejected_changes_nothing(
    world: World, locked: str, answer: Json | list[Any]
) -> None:
    before = hashed("sent before, perhaps taken")
    await Register(world.bus).set(locked, next_password_hash=before)
    await change(world, locked, answer, **SET)
    stored = await config(world, locked)
    assert stored.password_hash == hashed(OLD)
    assert stored.next_password_hash == before
    assert await outcome(world.url, locked, password=NEW) == 401


async def test_a_charge_point_without_a_password_has_to_show_its_first_one(
    world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask("ChangeConfiguration", {"status": "Accepted"}, **SET)
    stored = await config(world, cp)
    assert (stored.password_hash, stored.next_password_hash) == (None, hashed(NEW))
    assert await outcome(world.url, cp) == 101


@pytest.mark.parametrize("answer", [None, {"status": "RebootRequired"}])
async def test_a_second_password_waits_until_the_first_is_proven(
    world: World, locked: str, answer: Json | None
) -> None:
    """It may have taken the first and never see the second: the door would know neither."""
    ear = await world.ear(locked)
    async with came(world.url, locked, password=OLD) as point:
        desk = Desk(world, locked, point, ear)
        if answer is None:
            point.answers["ChangeConfiguration"] = None
            await world.command(locked, "ReplacePassword", connector_id=None)
            assert (await answering(point, ear, ops.ReplacePasswordAnswered))[
                1
            ].outcome == "timeout"
        else:
            await desk.ask("ChangeConfiguration", answer, None, **SET)
        ((_, first),) = point.asked
        again = await desk.ask("ReplacePassword", {"status": "Accepted"}, None)
        assert again.outcome == "refused"
        assert "has to connect again" in str(again.reason)
        assert len(point.asked) == 1
    assert await outcome(world.url, locked, password=first["value"]) == 101


async def test_once_it_has_connected_again_it_may_be_sent_another_password(
    world: World, locked: str
) -> None:
    await change(world, locked, ["InternalError"], **SET)
    body, point = await change(world, locked, {"status": "Accepted"}, "ReplacePassword")
    assert body.status == "Accepted"
    ((_, payload),) = point.asked
    assert await outcome(world.url, locked, password=payload["value"]) == 101


async def test_a_replaced_password_is_known_to_the_charge_point_alone(
    world: World, locked: str
) -> None:
    ear = await world.ear(locked)
    body, point = await change(world, locked, {"status": "Accepted"}, "ReplacePassword")
    assert isinstance(body, ops.ReplacePasswordAnswered)
    ((action, payload),) = point.asked
    made = payload["value"]
    assert (action, payload["key"], len(bytes.fromhex(made))) == (
        "ChangeConfiguration",
        "AuthorizationKey",
        20,
    )
    assert (await config(world, locked)).password_hash == hashed(made)
    assert await outcome(world.url, locked, password=made) == 101
    await nowhere(world, locked, ear, made)


async def test_a_refusal_that_repeats_the_password_is_told_without_it(
    world: World, locked: str
) -> None:
    ear = await world.ear(locked)
    async with came(world.url, locked, password=OLD) as point:
        await world.command(locked, "ReplacePassword", connector_id=None)
        _, message_id, _, payload = json.loads(await point.socket.recv())
        made = payload["value"]
        error = [4, message_id, "PropertyConstraintViolation", f"{made} is too long", {}]
        await point.socket.send(json.dumps(error))
        _, body = await ear.next(ops.ReplacePasswordAnswered)
    assert body.error is not None
    assert (body.error.code, body.error.description) == ("PropertyConstraintViolation", "")
    await nowhere(world, locked, ear, made)


async def test_a_password_stands_nowhere_but_in_its_command(world: World, locked: str) -> None:
    ear = await world.ear(locked)
    async with came(world.url, locked, password=OLD) as point:
        await world.command(locked, "ChangeConfiguration", connector_id=None, **SET)
        await point.until_asked("ChangeConfiguration")
        (kept,) = (await world.bus.read(keys.commands(locked))).values()
        assert NEW not in kept
    await ear.next(ops.ChangeConfigurationAnswered)
    assert not await world.bus.read(keys.commands(locked))
    assert (await config(world, locked)).next_password_hash == hashed(NEW)
    await nowhere(world, locked, ear, NEW)


async def nowhere(world: World, cp: str, ear: Ear, password: str) -> None:
    """Look for a password where it must not be."""
    await ear.all_within(0.2)
    assert password not in "".join(envelope.to_json() for envelope in ear.heard)
    hashes = (keys.configuration(cp), keys.config(cp), keys.state(cp), keys.commands(cp))
    assert password not in str(await world.bus.read_many(hashes))
    assert password not in str(await logged(world, cp))


async def logged(world: World, cp: str) -> list[Message]:
    """Give what the log says of the change; it is written late."""
    async with asyncio.timeout(5):
        while not (found := await MessageReader(world.bus, cp, "ChangeConfiguration").last(9)):  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.05)
    return found


@pytest.mark.parametrize(
    ("value", "sent", "status", "next_profile"),
    [
        ("0", False, "Accepted", None),
        ("1", True, "Accepted", None),
        ("2", True, "Accepted", 2),
        ("3", True, "RebootRequired", 3),
        ("2", True, "Rejected", None),
        *((odd, False, "Accepted", None) for odd in ("no number", "+2", " 2", "9", "")),
    ],
)
async def test_the_security_profile_only_rises(
    world: World,
    locked: str,
    value: str,
    sent: bool,  # noqa: FBT001 - of the table
    status: str,
    next_profile: int | None,
) -> None:
    fields = {"key": "SecurityProfile", "value": value}
    body, point = await change(world, locked, {"status": status}, **fields)
    assert [payload for _, payload in point.asked] == ([fields] if sent else [])
    assert body.outcome == ("answered" if sent else "refused")
    assert (body.reason is None) == sent
    stored = await config(world, locked)
    assert (stored.security_profile, stored.next_security_profile) == (1, next_profile)


async def test_a_fault_of_ours_buries_no_password(
    world: World, locked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("cpg.asking.request_of", broken)
    body, _ = await change(world, locked, {"status": "Accepted"}, **SET)
    assert body.outcome == "unknown"
    (letter,) = await world.bus.dead_letters(locked)
    assert "AuthorizationKey" in letter.data
    assert NEW not in letter.data
