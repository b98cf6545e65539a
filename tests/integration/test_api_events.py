"""Server-sent events: in order, once, from where a reader left off."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from api_answers import refused
from api_world import ApiWorld, api_world
from console_accounts import account_of
from cpg_world import soon

from sdk.api_keys import Role
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id, utc_now
from session_manager.api import event_feed, event_kept, event_streams
from session_manager.sign_in_cookie import COOKIE

CP, OTHER = "CP-1", "CP-2"
ALL = "/events"
ONE = f"/charge-points/{CP}/events"


@dataclass
class Heard:
    """A stream of server-sent events, as a client reads it."""

    response: aiohttp.ClientResponse
    last_id: str = ""
    comments: list[str] = field(default_factory=list)

    async def frame(self, seconds: float = 5) -> dict[str, str]:
        """Read up to the next empty line."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            async for raw in self.response.content:
                line = raw.decode().rstrip("\n")
                if not line:
                    return fields
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
                else:
                    self.comments.append(value)
                if name == "id":
                    self.last_id = value
        raise EOFError

    async def next(self) -> dict[str, Any]:
        """Give the next event's data."""
        while "data" not in (fields := await self.frame()):
            pass
        assert "event" not in fields
        found: dict[str, Any] = json.loads(fields["data"])
        return found

    async def numbers(self, count: int) -> list[int]:
        """Give the readings of so many events."""
        return [(await self.next())["body"]["energy_wh"] for _ in range(count)]

    async def until_end(self) -> None:
        """Read on until the stream ends, whole or not."""
        with suppress(EOFError, aiohttp.ClientError):
            while True:
                await self.frame()

    async def is_silent(self) -> bool:
        """Tell whether nothing more comes."""
        try:
            await self.frame(0.3)
        except TimeoutError:
            return True
        return False


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    for name in (CP, OTHER):
        await redis_bus.write(keys.config(name), {"did": "did:ethr:0x1:0x" + "1" * 40})
        await redis_bus.add_member(keys.STATIONS, name)
    async with api_world(redis_url) as world:
        yield world


@asynccontextmanager
async def _listening(
    api: ApiWorld, path: str = ONE, since: str = "", role: Role = "operator"
) -> AsyncIterator[Heard]:
    headers = {"Authorization": f"Bearer {await api.key(role)}"}
    if since:
        headers["Last-Event-ID"] = since
    async with api.http.get(api.url + path, headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "text/event-stream"
        heard = Heard(response)
        assert "retry" in await heard.frame()
        yield heard


async def _tell(
    bus: RedisBus, body: dict[str, Any], name: str = CP, lane: Lane = Lane.IN, **more: Any
) -> Envelope:
    envelope = Envelope.model_validate(
        {"id": new_event_id(), "charge_point_id": name, "at": utc_now(), "body": body, **more}
    )
    await bus.publish(lane, envelope)
    return envelope


async def _measure(bus: RedisBus, number: int, name: str = CP, lane: Lane = Lane.IN) -> None:
    body = {"type": "MeterValueReported", "sampled_at": utc_now(), "energy_wh": number}
    await _tell(bus, body, name, lane)


async def test_what_happens_is_told_as_it_happens(api: ApiWorld) -> None:
    await _measure(api.bus, 0)
    async with _listening(api) as heard:
        for number in range(1, 6):
            await _measure(api.bus, number, lane=Lane.OUT if number % 2 else Lane.IN)
        assert await heard.numbers(5) == [1, 2, 3, 4, 5]
        assert await heard.is_silent()


async def test_a_stream_goes_on_where_it_was_left(api: ApiWorld) -> None:
    async with _listening(api) as heard:
        for number in range(4):
            await _measure(api.bus, number)
        assert await heard.numbers(2) == [0, 1]
        since = heard.last_id
    for number in range(4, 8):
        await _measure(api.bus, number, lane=Lane.OUT)
    async with _listening(api, since=since) as heard:
        numbers = await heard.numbers(6)  # of two lanes, each in its own order
        assert [each for each in numbers if each < 4] == [2, 3]
        assert [each for each in numbers if each >= 4] == [4, 5, 6, 7]
        assert await heard.is_silent()


async def test_another_session_manager_goes_on_as_well(api: ApiWorld, redis_url: str) -> None:
    async with _listening(api, ALL) as heard:
        await _measure(api.bus, 1)
        await _measure(api.bus, 2, OTHER)
        assert sorted(await heard.numbers(2)) == [1, 2]
        since = heard.last_id
    await _measure(api.bus, 3, OTHER)
    async with api_world(redis_url) as another, _listening(another, ALL, since) as heard:
        assert await heard.numbers(1) == [3]
        assert await heard.is_silent()


async def test_a_place_is_known_before_anything_happened(api: ApiWorld) -> None:
    async with _listening(api, ALL) as heard:
        since = heard.last_id
    await _measure(api.bus, 1)
    async with _listening(api, ALL, since) as heard:
        assert await heard.numbers(1) == [1]


async def test_one_that_was_registered_since_is_heard(api: ApiWorld) -> None:
    async with _listening(api, ALL) as heard:
        since = heard.last_id
    await api.bus.write(keys.config("NEW"), {"did": "did:ethr:0x1:0x" + "2" * 40})
    await api.bus.add_member(keys.STATIONS, "NEW")
    await _measure(api.bus, 1, "NEW")
    async with _listening(api, ALL, since) as heard:
        assert await heard.numbers(1) == [1]


async def test_only_the_wanted_ones_are_told(api: ApiWorld) -> None:
    path = f"{ALL}?charge_point_id={CP}&type=ChargePointDisconnected,ChargePointConnected"
    async with _listening(api, path) as heard:
        await _measure(api.bus, 1)
        await _tell(api.bus, {"type": "ChargePointConnected", "generation": 1}, OTHER)
        await _tell(api.bus, {"type": "ChargePointConnected", "generation": 2})
        assert (await heard.next())["body"]["generation"] == 2
        assert await heard.is_silent()


async def test_what_was_trimmed_is_told_as_a_gap(api: ApiWorld) -> None:
    async with _listening(api) as heard:
        await _measure(api.bus, 0, lane=Lane.OUT)
        await heard.next()
        since = heard.last_id
    for number in range(1, 900):
        await _measure(api.bus, number, lane=Lane.OUT)
    async with _listening(api, since=since) as heard:
        assert (await heard.frame())["event"] == "gap"
        first = (await heard.next())["body"]["energy_wh"]
        assert first > 1
        assert await heard.numbers(899 - first) == list(range(first + 1, 900))


async def test_what_the_other_direction_pushed_out_is_told_as_a_gap(api: ApiWorld) -> None:
    async with _listening(api) as reader, _listening(api) as heard:
        since = heard.last_id
        await _measure(api.bus, 0)
        for number in range(1, event_kept.KEPT + 1):
            await _measure(api.bus, number, lane=Lane.OUT)
        assert len(await reader.numbers(event_kept.KEPT + 1)) == event_kept.KEPT + 1
        async with _listening(api, since=since) as late:
            assert (await late.frame())["event"] == "gap"


def _started() -> dict[str, Any]:
    """Make the body of a start whose idTag is a secret."""
    return {
        "type": "ChargingStarted",
        "transaction_id": 1,
        "id_tag": "SECRETTAG",
        "id_tag_status": "Accepted",
        "meter_start_wh": 0,
        "started_at": soon(0),
    }


async def test_id_tags_are_masked_for_viewers_only(api: ApiWorld) -> None:
    body = _started()
    async with _listening(api, role="viewer") as viewer, _listening(api) as operator:
        await _tell(api.bus, body)
        assert (await operator.next())["body"]["id_tag"] == "SECRETTAG"
        assert (await viewer.next())["body"]["id_tag"] == "***"


async def test_a_stream_shows_what_the_role_may_see_by_then(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "FRESH_S", 0.1)
    sign_ins = api.services.access.sign_ins
    account = await account_of(sign_ins, "operator")
    headers = {"Cookie": f"{COOKIE}={await sign_ins.open(account.id)}"}
    body = _started()
    async with api.http.get(api.url + ONE, headers=headers) as response:
        heard = Heard(response)
        await _tell(api.bus, body)
        assert (await heard.next())["body"]["id_tag"] == "SECRETTAG"
        await sign_ins.accounts.change(account.id, role="viewer")
        sign_ins.forget()
        await asyncio.sleep(event_streams.LOOK_S + 0.3)
        await _tell(api.bus, body)
        assert (await heard.next())["body"]["id_tag"] == "***"
        await sign_ins.accounts.change(account.id, disabled=True)
        sign_ins.forget()
        await heard.until_end()


async def test_signatures_and_peers_are_left_out(api: ApiWorld) -> None:
    payload = {"type": "StopRequested", "session_id": "0x" + "1" * 64, "nonce": 7}
    signature = "0x" + "ab" * 65
    async with _listening(api) as heard:
        peer = "12D3KooWGzBkvXTnwzMvVb7cJq2TfGqWQ4L9dS5gG3c4v8Zp1abc"
        body = {"type": "StopRequested", "payload": json.dumps(payload), "signature": signature}
        await _tell(api.bus, body, peer_id=peer)
        shown = await heard.next()
    assert "peer_id" not in shown
    assert shown["body"] == {
        "type": "StopRequested",
        "payload": {"type": "StopRequested", "session_id": "0x" + "1" * 64},
    }


async def test_secret_settings_are_masked_for_everybody(api: ApiWorld) -> None:
    body = {
        "type": "ConfigurationDrifted",
        "key": "AuthorizationKey",
        "wanted": "hunter2",
        "reason": "differs",
    }
    async with _listening(api, role="administrator") as heard:
        await _tell(api.bus, body)
        await _tell(api.bus, {**body, "key": "HeartbeatInterval", "wanted": "300"})
        assert (await heard.next())["body"]["wanted"] == "***"
        assert (await heard.next())["body"]["wanted"] == "300"


async def test_a_sign_of_life_comes_with_a_place(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "HEARTBEAT_S", 0.2)
    async with _listening(api, f"{ONE}?type=ChargePointBooted") as heard:
        before = heard.last_id
        await _measure(api.bus, 1)
        await heard.frame()
        assert heard.comments == ["still here"]
        assert heard.last_id != before


async def test_a_revoked_key_hears_nothing_more(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "FRESH_S", 0.2)
    async with _listening(api) as heard:
        (key,) = await api.keys.list()
        await api.keys.revoke(key.id)
        api.services.access.forget()
        await heard.until_end()


async def test_a_revoked_key_hears_nothing_more_though_much_happens(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "FRESH_S", 0.5)

    async def much() -> None:
        number = 0
        while True:
            await _measure(api.bus, number := number + 1)
            await asyncio.sleep(0.1)

    async with _listening(api) as heard, asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        busy = tasks.create_task(much())
        (key,) = await api.keys.list()
        await api.keys.revoke(key.id)
        api.services.access.forget()
        await heard.until_end()
        busy.cancel()


async def test_the_number_of_streams_is_bounded(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_feed, "MOST_OF_A_KEY", 2)
    async with _listening(api), _listening(api):
        told = await api.get(ONE, role="operator")
        assert "2" in refused(told, 429)
        assert int(told.headers["Retry-After"]) > 0
        monkeypatch.setattr(event_feed, "MOST_READERS", 2)
        told = await api.get(ONE, role="viewer")
        assert refused(told, 503)
        assert int(told.headers["Retry-After"]) > 0
        monkeypatch.undo()
        async with _listening(api, role="viewer"):
            pass
    await _there_is_room(api)


async def _there_is_room(api: ApiWorld) -> None:
    """Wait until it is seen that readers are gone."""
    headers = {"Authorization": f"Bearer {await api.key('operator')}"}
    async with asyncio.timeout(5):
        while True:
            async with api.http.get(api.url + ONE, headers=headers) as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.1)


async def test_a_reader_that_takes_nothing_is_cut_off(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "STALLED_S", 0.2)
    text = "x" * 40_000
    async with _listening(api) as heard:
        await heard.is_silent()
        for number in range(400):
            body = {"type": "DataTransferReceived", "vendor_id": str(number), "data": text}
            await _tell(api.bus, body, lane=Lane.OUT)
        await asyncio.sleep(1)
        await heard.until_end()


async def test_a_charge_point_is_followed_once_for_all_readers(api: ApiWorld) -> None:
    async with _listening(api) as first, _listening(api, ALL) as second:
        assert len(api.services.feeds._feeds) == 2
        await _measure(api.bus, 1)
        assert await first.numbers(1) == await second.numbers(1) == [1]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ALL}?charge_point_id=NOBODY", 404),
        (f"{ALL}?charge_point_id=a b", 422),
        (f"{ALL}?type=Nothing", 422),
        (f"{ALL}?since=1", 422),
    ],
)
async def test_wrong_questions_are_refused(api: ApiWorld, path: str, status: int) -> None:
    refused(await api.get(path, role="viewer"), status)


async def test_another_last_event_id_is_refused(api: ApiWorld) -> None:
    refused(await api.get(ONE, headers={"Last-Event-ID": "17"}), 422)


async def test_too_many_charge_points_are_refused(api: ApiWorld) -> None:
    for number in range(64):
        await api.bus.add_member(keys.STATIONS, f"X-{number}")
    refused(await api.get(ALL), 422)
