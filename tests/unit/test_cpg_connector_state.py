"""Connectors and transactions over whatever a charge point tells, in whatever order."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from connector_model import Model
from connector_world import CP, START, World
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st

from cpg.peer import SupersededError
from cpg.validation import Violation
from sdk.bus import keys
from sdk.events.charging import ChargingStarted, ChargingStopped

Json = dict[str, Any]
Request = tuple[str, Json]
Step = tuple[str, Any]

BOOT = ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
UNKNOWN = 1_000_000
"""Transaction ids from here on were given to nobody."""

seconds = st.integers(0, 6)
connectors = st.integers(0, 3)
charging = st.sampled_from([1, 1, 1, 2, 2, 3, 0])
which = st.integers(0, 3)
statuses = st.sampled_from(["Available", "Preparing", "Charging", "Finishing", "Faulted"])
tags = st.sampled_from(["GOOD", "GOOD", "good", "FINE", "NOBODY"])
meters = st.sampled_from([0, 100, 100, 200, -1])
readings = st.lists(st.tuples(seconds, st.sampled_from([100, 150, 300])), min_size=1, max_size=3)

calls = st.one_of(
    st.tuples(st.just("status"), st.tuples(connectors, statuses, seconds)),
    st.tuples(st.just("start"), st.tuples(charging, tags, seconds, meters)),
    st.tuples(st.just("start again"), which),
    st.tuples(st.just("status again"), which),
    st.tuples(st.just("meter"), st.tuples(st.none() | which, readings)),
    st.tuples(st.just("stop"), st.tuples(which, meters, seconds)),
    st.tuples(st.just("boot"), st.none()),
)
steps = st.one_of(
    calls,
    calls,
    calls,
    st.tuples(st.just("socket"), st.none()),
    st.tuples(st.just("on an old socket"), st.tuples(calls, which)),
    st.tuples(st.just("overtaken"), st.tuples(calls, st.integers(0, 6))),
    st.tuples(st.just("tag"), st.tuples(st.sampled_from(["GOOD", "FINE"]), st.booleans())),
)


def moment(offset: int) -> str:
    return (START + timedelta(seconds=offset)).isoformat().replace("+00:00", "Z")


class Story:
    """Has a charge point do one thing after the other, and compares with the model."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.model = Model()
        self._sent: dict[str, list[Json]] = {"StartTransaction": [], "StatusNotification": []}

    async def run(self, given_steps: list[Step]) -> None:
        await self._permit("GOOD", may_charge=True)
        await self.world.connect()
        for step in given_steps:
            self.world.now += timedelta(seconds=1)
            await self._take(step)
            await self._compare()
        await self._compare_events()

    async def _take(self, step: Step) -> None:
        match step:
            case "socket", _:
                await self._connect()
            case "tag", (tag, may_charge):
                await self._permit(tag, may_charge=may_charge)
            case "on an old socket", (call, number):
                await self._on_an_old_socket(self._request(call), number)
            case "overtaken", (call, turns):
                await self._overtaken(self._request(call), turns)
            case call:
                await self._ask(self._request(call))

    async def _connect(self) -> None:
        await self.world.connect()
        self.model.connect()

    async def _permit(self, tag: str, *, may_charge: bool) -> None:
        await self.world.permit(tag, may_charge=may_charge)
        (self.model.tags.add if may_charge else self.model.tags.discard)(tag)

    def _request(self, call: Step) -> Request:
        action, payload = self._written(call)
        if action in self._sent:
            self._sent[action].append(payload)
        return action, payload

    def _written(self, call: Step) -> Request:
        match call:
            case "status", (n, status, at):
                return self._status(n, status, at)
            case "start", (n, tag, at, meter):
                payload = {"connectorId": n, "idTag": tag, "meterStart": meter}
                return "StartTransaction", {**payload, "timestamp": moment(at)}
            case ("start again" | "status again") as kind, number:
                return self._repeated(kind, number)
            case "meter", (number, values):
                return self._meter(number, values)
            case "stop", (number, meter, at):
                payload = {"transactionId": self._known(number), "meterStop": meter}
                return "StopTransaction", {**payload, "timestamp": moment(at)}
        return BOOT

    def _repeated(self, kind: str, number: int) -> Request:
        action = "StartTransaction" if kind == "start again" else "StatusNotification"
        sent = self._sent[action]
        if not sent:
            return BOOT
        payload = sent[number % len(sent)]
        if kind == "start again" and number % 2:
            payload = {**payload, "idTag": payload["idTag"].swapcase()}  # it is a CiString
        return action, payload

    def _status(self, n: int, status: str, at: int) -> Request:
        payload = {"connectorId": n, "status": status, "errorCode": "NoError"}
        payload["info"] = f"number {len(self._sent['StatusNotification'])}"
        return "StatusNotification", {**payload, "timestamp": moment(at)}

    def _meter(self, number: int | None, values: list[tuple[int, int]]) -> Request:
        payload: Json = {"connectorId": 0}
        if number is not None:
            payload["transactionId"] = self._known(number)
            known = self.model.transactions.get(payload["transactionId"])
            payload["connectorId"] = known.connector if known else 1
        payload["meterValue"] = [
            {"timestamp": moment(at), "sampledValue": [{"value": str(wh)}]} for at, wh in values
        ]
        return "MeterValues", payload

    def _known(self, number: int) -> int:
        """Give a transaction that the charge point knows, or one that nobody does."""
        known = sorted(self.model.transactions)
        return known[-1 - number] if number < len(known) else UNKNOWN + number

    async def _ask(self, request: Request) -> None:
        answer = await outcome(self.world.tell(*request))
        self._follow(request, answer)

    def _follow(self, request: Request, answer: Json | None) -> None:
        assert (answer is None) is self.model.refuses(*request)
        if answer is not None:
            self.model.take(*request, answer)

    async def _on_an_old_socket(self, request: Request, number: int) -> None:
        old = self.world.sockets[:-1]
        if not old:
            return
        before = json.dumps(self.world.kept())
        try:
            await outcome(self.world.tell(*request, socket=old[number % len(old)]))
        except SupersededError:
            if request[0] == "StartTransaction":
                self.model.attempt(request[1])
        assert json.dumps(self.world.kept()) == before

    async def _overtaken(self, request: Request, turns: int) -> None:
        """A socket is replaced in the midst of a call, which then comes again on the new one."""
        old = self.world.sockets[-1]
        async with asyncio.TaskGroup() as group:
            first = group.create_task(superseded_or(self.world.tell(*request, socket=old)))
            for _ in range(turns):
                await asyncio.sleep(0)
            await self._connect()
            answer = await outcome(self.world.tell(*request))
        assert first.result() in ("superseded", answer)
        self._follow(request, answer)

    async def _compare(self) -> None:
        model, world = self.model, self.world
        for n in range(4):
            connector = await world.connector(n)
            current = model.current.get(n)
            assert connector.get("transaction_id", "") == ("" if current is None else str(current))
            if n in model.statuses:
                status, at = model.statuses[n]
                assert connector["status"] == status
                assert datetime.fromisoformat(connector["changed_at"]) == at
        for transaction_id, known in model.transactions.items():
            kept = await world.transaction(transaction_id)
            assert kept["id_tag"] == known.tag
            assert kept["meter_start_wh"] == str(known.meter_start)
            assert kept.get("energy_wh") == _text(known.energy)
            assert kept.get("meter_stop_wh") == _text(known.meter_stop)
            assert ("stopped_at" in kept) is (known.meter_stop is not None)
        orphans = await world.bus.read(keys.orphan_stops(CP))
        assert set(orphans) == {str(each) for each in model.orphans}

    async def _compare_events(self) -> None:
        counts: Counter[tuple[str, int]] = Counter()
        for envelope in await self.world.told():
            body = envelope.body
            if isinstance(body, ChargingStarted | ChargingStopped):
                counts[body.type, body.transaction_id] += 1
                known = self.model.transactions[body.transaction_id]
                assert envelope.connector_id == known.connector
            if isinstance(body, ChargingStarted):
                assert (body.id_tag, body.id_tag_status) == (known.tag, known.status)
                assert not counts["ChargingStopped", body.transaction_id]
            if isinstance(body, ChargingStopped):
                assert body.meter_stop_wh == known.meter_stop
                assert counts["ChargingStarted", body.transaction_id] == 1
        for transaction_id, known in self.model.transactions.items():
            assert counts["ChargingStarted", transaction_id] == 1
            assert counts["ChargingStopped", transaction_id] == (known.meter_stop is not None)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


async def outcome(answer: Awaitable[Json]) -> Json | None:
    """Give the answer; None for a violation."""
    try:
        return await answer
    except Violation:
        return None


async def superseded_or(answer: Awaitable[Json]) -> Any:
    try:
        return await outcome(answer)
    except SupersededError:
        return "superseded"


def told(story: Callable[[World], Awaitable[None]]) -> None:
    """Run a story in a world of its own."""

    async def run() -> None:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            await story(World(group))

    asyncio.run(run())


@examples(120)
@given(st.lists(steps, min_size=20, max_size=60))
def test_whatever_is_told_connectors_and_transactions_are_as_they_should_be(
    given_steps: list[Step],
) -> None:
    told(lambda world: Story(world).run(given_steps))


def test_a_late_status_does_not_undo_one_that_was_told_again() -> None:
    async def story(world: World) -> None:
        await world.connect()
        for status, at in (("Charging", 0), ("Charging", 4), ("Available", 2)):
            payload = {"connectorId": 1, "status": status, "errorCode": "NoError"}
            await world.tell("StatusNotification", {**payload, "timestamp": moment(at)})
        assert (await world.connector(1))["status"] == "Charging"

    told(story)
