"""Commands from a page: checked before they leave, answered whatever happens."""

import asyncio
from typing import Any

import pytest

from sdk.bus.keys import Lane
from sdk.bus.memory_bus import MemoryBus
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.station import BalanceReported, SessionStopAccepted, SessionStopRequested
from sdk.ids import new_event_id, utc_now
from session_manager.console_commands import Commands

SESSION = "0x" + "ab" * 32


def _commands(bus: MemoryBus) -> Commands:
    return Commands(bus, utc_now, {"CP-1"}.__contains__, answer_timeout=0.3)


def _answer(to: Envelope, body: Body, peer_id: str | None = None) -> Envelope:
    return Envelope.model_validate(
        {
            "id": new_event_id(),
            "charge_point_id": to.charge_point_id,
            "at": utc_now(),
            "caused_by": to.id,
            "peer_id": peer_id,
            "body": body.model_dump(),
        }
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "unknown_type"),
        ("stop", "unknown_type"),
        ([1], "unknown_type"),
        ({}, "unknown_type"),
        ({"type": "StartCharging", "charge_point_id": "CP-1"}, "unknown_type"),
        ({"type": {"a": 1}, "charge_point_id": "CP-1"}, "unknown_type"),
        ({"type": "BalanceRequested"}, "unknown_station"),
        ({"type": "BalanceRequested", "charge_point_id": "CP-2"}, "unknown_station"),
        ({"type": "BalanceRequested", "charge_point_id": ["CP-1"]}, "unknown_station"),
        (
            {"type": "SessionStopRequested", "charge_point_id": "CP-1", "connector_id": "one"},
            "invalid",
        ),
        (
            {"type": "SessionStopRequested", "charge_point_id": "CP-1", "session_id": "0x12"},
            "invalid",
        ),
    ],
)
async def test_what_is_no_command_is_refused_and_goes_nowhere(data: Any, reason: str) -> None:
    bus = MemoryBus()
    async with bus.follow() as follower:
        lane = await follower.subscribe("CP-1", Lane.IN, after="0")
        answer = await _commands(bus).give(data)
        await lane.close()
        sent = [delivery async for delivery in lane]

    assert (answer["type"], answer["reason"]) == ("StationCommandRefused", reason)
    assert sent == []


async def test_a_command_is_answered_by_the_event_that_it_caused() -> None:
    bus = MemoryBus()
    commands = _commands(bus)
    command = {
        "type": "SessionStopRequested",
        "charge_point_id": "CP-1",
        "connector_id": 1,
        "session_id": SESSION,
    }
    async with bus.follow() as follower, asyncio.TaskGroup() as tasks:
        lane = await follower.subscribe("CP-1", Lane.IN, after=None)
        giving = tasks.create_task(commands.give(command))
        sent = (await anext(aiter(lane))).envelope
        commands.notice(_answer(sent, SessionStopAccepted(session_id=SESSION), peer_id="1" * 20))
        commands.notice(_answer(sent, SessionStopAccepted(session_id=SESSION)))
        answer = await giving
        await lane.close()

    assert sent.connector_id == 1
    assert isinstance(sent.body, SessionStopRequested)
    assert sent.body.session_id == SESSION
    assert sent.peer_id is None
    assert answer == {"type": "SessionStopAccepted", "session_id": SESSION}


async def test_money_in_an_answer_is_a_string() -> None:
    bus = MemoryBus()
    commands = _commands(bus)
    balance = {
        "account": "0x" + "1" * 40,
        "role": "gas",
        "token": "0x" + "0" * 40,
        "balance": 2**70,
    }
    report = BalanceReported.model_validate(
        {"chain_id": 31337, "block_number": 3, "balances": [balance]}
    )
    async with bus.follow() as follower, asyncio.TaskGroup() as tasks:
        lane = await follower.subscribe("CP-1", Lane.IN, after=None)
        giving = tasks.create_task(
            commands.give({"type": "BalanceRequested", "charge_point_id": "CP-1"})
        )
        commands.notice(_answer((await anext(aiter(lane))).envelope, report))
        answer = await giving
        await lane.close()

    assert answer["balances"][0]["balance"] == str(2**70)


async def test_no_answer_is_an_answer_too() -> None:
    answer = await _commands(MemoryBus()).give(
        {"type": "PublicKeyRequested", "charge_point_id": "CP-1"}
    )

    assert (answer["type"], answer["reason"]) == ("StationCommandRefused", "timeout")
    assert answer["command"] == "PublicKeyRequested"
