"""Frames that are none, calls that say nothing: what is answered, dropped and counted."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cpg_world import Json, World, soon
from fuzz_socket import RawSocket, Received

from sdk.bus import keys
from sdk.events.charging import ChargingStarted
from sdk.register import Register

NO_ID = "-1"
STATUS = (
    '[2,"id","StatusNotification",{"connectorId":%s,"status":"Available","errorCode":"NoError"}]'
)

NO_FRAMES: list[str | bytes] = [
    *("hello", "", " ", "{}", "[]", "null", "5", '"x"', "[2,'id','Heartbeat',{}]", "[[]]"),
    *("[9]", "[9,{}]", "[3,5,{}]", '[3,"id"]', '[3,"id",5]', '[4,"id"]', '[4,null,"X","",{}]'),
    *('[2,"\\ud800","Heartbeat",{}]', b"\xff\xfe", b'[2,"\xed\xa0\x80","Heartbeat",{}]'),
]
BROKEN_CALLS: list[tuple[str | bytes, str | int]] = [
    ('[2,"id"]', "id"),
    ('[2,"id","Heartbeat"]', "id"),
    ('[2,"id","Heartbeat",{},1]', "id"),
    ('[9,"id","Heartbeat",{}]', "id"),
    ('["2","id","Heartbeat",{}]', "id"),
    ('[2.0,"id","Heartbeat",{}]', "id"),
    ('[true,"id","Heartbeat",{}]', "id"),
    ('[null,"id"]', "id"),
    ("[2]", NO_ID),
    ('[2,5,"Heartbeat",{}]', 5),
    ('[2,-7,"Heartbeat",{}]', -7),
    ('[2,1.5,"Heartbeat",{}]', NO_ID),
    ('[2,null,"Heartbeat",{}]', NO_ID),
    ('[2,{"a":1},"Heartbeat",{}]', NO_ID),
    ('[2,["id"],"Heartbeat",{}]', NO_ID),
    ('[2,"","Heartbeat",{}]', NO_ID),
    ('[2,"a\\u0000","Heartbeat",{}]', NO_ID),
    (f'[2,"{"x" * 37}","Heartbeat",{{}}]', NO_ID),
    (f'[2,"{"x" * 10_000}","Heartbeat",{{}}]', NO_ID),
    ('[2,"id",["Heartbeat"],{}]', "id"),
    ('[2,"id",{},{}]', "id"),
    ('[2,"id",null,{}]', "id"),
    ('[2,"id","Heartbeat",[]]', "id"),
    ('[2,"id","Heartbeat","{}"]', "id"),
    (f'[2,"id","Heartbeat",{"[" * 5000}{"]" * 5000}]', "id"),
    (f'[2,"id","Heartbeat",{{"a":{"[" * 5000}{"]" * 5000}}}]', "id"),
    (f'[2,"id","Heartbeat",1{"0" * 4400}]', "id"),
    (STATUS % ("1" + "0" * 400), "id"),
    (STATUS % "1e400", "id"),
    (STATUS % "NaN", "id"),
    ('[2,"id","Authorize",{"idTag":"\\ud800"}]', "id"),
    (b'[2,"id","Authorize",{"idTag":"\xed\xa0\x80"}]', "id"),
    (b'[2,"id","Authorize",{"idTag":"\xff"}]', "id"),
    ('[2,"id","Heartbeat",{}] and more', "id"),
]
STOP = '{"transactionId":%s,"meterStop":%s,"timestamp":"2026-05-01T10:00:00Z"}'
REFUSED = [
    ("Foo", "{}", "NotImplemented"),
    ("", "{}", "NotImplemented"),
    ("heartbeat", "{}", "NotImplemented"),
    ("A" * 60_000, "{}", "NotImplemented"),
    ("TransactionEvent", "{}", "NotImplemented"),
    ("Reset", '{"type":"Hard"}', "NotSupported"),
    ("GetLog", '{"log":"x"}', "NotSupported"),
    ("Heartbeat", '{"more":1}', "FormationViolation"),
    ("Authorize", "null", "OccurenceConstraintViolation"),
    ("Authorize", '{"idTag":null}', "TypeConstraintViolation"),
    ("Authorize", '{"idTag":["S3CRET"]}', "TypeConstraintViolation"),
    ("Authorize", '{"idTag":"S3CRETS3CRETS3CRET..."}', "TypeConstraintViolation"),
    ("Authorize", f'{{"idTag":{"[" * 500}{"]" * 500}}}', "FormationViolation"),
    ("Authorize", '{"idTag":""}', "PropertyConstraintViolation"),
    ("Authorize", '{"idTag":"S3CRET\\u0000"}', "PropertyConstraintViolation"),
    ("Authorize", '{"idTag":"S3CRET\\u26a1"}', "PropertyConstraintViolation"),
    ("StopTransaction", STOP % (1, "1.0"), "TypeConstraintViolation"),
    ("StopTransaction", STOP % (10**20, 1), "TypeConstraintViolation"),
]


class Sender:
    """A socket whose text messages may be any bytes."""

    def __init__(self, socket: RawSocket) -> None:
        self.socket = socket

    async def answers(self, *frames: str | bytes) -> list[list[Any]]:
        """Send frames, and a Heartbeat behind them; give what is answered before that is."""
        for text in (*frames, '[2,"last","Heartbeat",{}]'):
            await self.socket.send(text)
        found: list[list[Any]] = []
        while True:
            received = await self.socket.receive()
            assert isinstance(received, Received), frames
            frame: list[Any] = json.loads(received.payload)
            if frame[1] == "last":
                assert frame[0] == 3
                return found
            found.append(frame)


@pytest.fixture
async def sender(world: World, cp: str) -> AsyncIterator[Sender]:
    """The charge point's socket."""
    socket = await RawSocket.open(int(world.url.rpartition(":")[2]), f"/{cp}")
    yield Sender(socket)
    socket.abort()


async def test_what_holds_no_id_is_dropped_and_counted(
    world: World, cp: str, sender: Sender
) -> None:
    for text in NO_FRAMES:
        assert await sender.answers(text) == [], text
    assert await world.counted(cp, "malformed", len(NO_FRAMES)) == len(NO_FRAMES)


async def test_a_broken_call_is_answered_by_a_formation_violation(
    world: World, cp: str, sender: Sender
) -> None:
    for text, message_id in BROKEN_CALLS:
        (answer,) = await sender.answers(text)
        assert answer[:3] == [4, message_id, "FormationViolation"], text[:200]
        assert len(answer[3]) <= 255
        assert answer[4] == {}
    assert await world.counted(cp, "malformed", len(BROKEN_CALLS)) == len(BROKEN_CALLS)


async def test_a_refusal_names_its_code_and_echoes_nothing(
    world: World, cp: str, sender: Sender
) -> None:
    for action, payload, code in REFUSED:
        (answer,) = await sender.answers(f'[2,"id","{action}",{payload}]')
        assert answer[:3] == [4, "id", code], (action[:50], payload[:200])
        assert "S3CRET" not in answer[3]
        assert len(answer[3]) <= 255
        assert answer[4] == {}
    assert await world.counted(cp, "refused", len(REFUSED)) == len(REFUSED)


async def test_a_connector_out_of_range_is_refused(world: World, cp: str, sender: Sender) -> None:
    for connector_id in (-1, 1001, 2**31, 2**63 - 1):
        (answer,) = await sender.answers(STATUS % connector_id)
        assert answer[:3] == [4, "id", "PropertyConstraintViolation"]
        assert await world.connector(cp, connector_id) == {}


async def test_a_payload_of_null_is_empty(sender: Sender) -> None:
    (answer,) = await sender.answers('[2,"id","Heartbeat",null]')
    assert answer[0] == 3


async def test_of_doubled_keys_the_last_one_counts(world: World, cp: str, sender: Sender) -> None:
    await world.permit(cp, "GOOD")
    calls = [
        f'[2,"{n}","Authorize",{{"idTag":"{one}","idTag":"{two}"}}]'
        for n, (one, two) in enumerate((("BAD", "GOOD"), ("GOOD", "BAD")))
    ]
    found = await sender.answers(*calls)
    assert [frame[2]["idTagInfo"]["status"] for frame in found] == ["Accepted", "Invalid"]


async def test_a_call_that_comes_twice_has_one_effect_and_two_answers(
    world: World, cp: str, sender: Sender
) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    start = {"connectorId": 1, "idTag": "TAG", "meterStart": 1, "timestamp": soon(-9)}
    frame = json.dumps([2, "same", "StartTransaction", start])
    first, second = await sender.answers(frame, frame)
    assert first == second
    assert first[0] == 3
    number = first[2]["transactionId"]
    stop = {"transactionId": number, "meterStop": 5, "timestamp": soon(0)}
    frame = json.dumps([2, "same", "StopTransaction", stop])
    assert await sender.answers(frame, frame) == [[3, "same", {}]] * 2
    told = await ear.all_within()
    assert (told.count("ChargingStarted"), told.count("ChargingStopped")) == (1, 1)


async def test_twenty_calls_at_once_are_answered_in_their_order(
    world: World, cp: str, sender: Sender
) -> None:
    ear = await world.ear(cp)
    start: Json = {"connectorId": 1, "idTag": "A", "meterStart": 1, "timestamp": soon(-9)}
    item = {"timestamp": soon(-1), "sampledValue": [{"value": "5"}]}
    kinds: list[tuple[str, Json]] = [
        ("StartTransaction", start),
        ("Heartbeat", {}),
        ("MeterValues", {"connectorId": 1, "meterValue": [item]}),
        ("Foo", {}),
        ("Authorize", {"idTag": "A"}),
    ]
    calls = [json.dumps([2, f"m{n}", *kinds[n % 5]]) for n in range(20)]
    found = [frame for frame in await sender.answers(*calls) if frame[0] != 2]
    assert [frame[1] for frame in found] == [f"m{n}" for n in range(20)]
    assert [frame[0] for frame in found] == [3, 3, 3, 4, 3] * 4
    await ear.next(ChargingStarted)
    assert (await ear.all_within()).count("MeterValueReported") == 1, "four times the same"


async def test_what_is_tolerated_changes_on_the_open_socket(world: World, cp: str) -> None:
    register = Register(world.bus)
    calls = [
        '[2,7,"Heartbeat",{}]',
        '[2,"id","Heartbeat",{"more":1}]',
        '[2,"id","heartBEAT",{}]',
        '[2,"id","Heartbeat"]',
        STATUS.replace("}]", ',"timestamp":"26.11.2026 10:00"}]') % 1,
    ]
    async with world.point(cp) as point:
        for kinds, expected in (
            ((), 4),
            (("casing", "extra_properties", "missing_parts", "numeric_ids", "odd_timestamps"), 3),
            ((), 4),
        ):
            await register.set(cp, tolerances=kinds)
            await point.hears_nothing(0.2)
            for text in calls:
                await point.socket.send(text)
                answer = await point.take()
                assert answer[0] == expected, (text, answer)
                assert answer[1] == json.loads(text)[1]
    for kind in ("casing", "extra_properties", "missing_parts", "numeric_ids", "odd_timestamps"):
        assert await world.counted(cp, f"tolerated.{kind}") == 1


async def test_who_is_taken_out_of_the_register_loses_its_socket(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        assert await point.tell("Heartbeat", {})
        await Register(world.bus).remove(cp)
        await point.socket.wait_closed()
        assert point.socket.close_code == 1001
    assert await world.bus.read(keys.config(cp)) == {}
