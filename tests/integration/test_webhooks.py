"""Webhooks with a real receiver, which fails, hangs and redirects; the desk is killed meanwhile."""

import asyncio
import json
import os
import socket
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alert_world import alert_desk, all_at_once, receiver, until, webhooks_of
from api_answers import promised, refused
from api_world import ApiWorld, api_world
from certificates import Ca
from structlog.testing import capture_logs

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.ids import new_event_id, utc_now
from sdk.webhooks.addresses import networks_of
from sdk.webhooks.delivery import MOST_SHOWN, MOST_WAITING, Event, delivery_of
from sdk.webhooks.post import Poster
from sdk.webhooks.register import MOST_WEBHOOKS
from sdk.webhooks.signature import is_signed

DESK = Path(__file__).parents[1] / "support/alert_process.py"
POINT = {
    "did": f"did:ethr:0x7a69:0x{'1' * 40}",
    "tariff": '{"per_kwh": "1000"}',
    "connectors": "1",
}


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    await all_at_once(redis_bus)
    await redis_bus.write(keys.config("CP-1"), POINT)
    await redis_bus.add_member(keys.STATIONS, "CP-1")
    async with api_world(redis_url) as api:
        yield api


async def _offline(api: ApiWorld, *, is_so: bool = True) -> None:
    await api.bus.write(keys.state("CP-1"), {"connected": "0" if is_so else "1"})


async def _make(api: ApiWorld, url: str, **told: Any) -> dict[str, Any]:
    answer = await api.call("POST", "/webhooks", {"name": "ops", "url": url, **told})
    assert answer.headers["Cache-Control"] == "no-store"
    made: dict[str, Any] = promised("make_webhook", answer)
    return made


async def _deliveries(api: ApiWorld, made: dict[str, Any]) -> list[dict[str, Any]]:
    told = await api.get(f"/webhooks/{made['id']}/deliveries")
    items: list[dict[str, Any]] = promised("list_webhook_deliveries", told)["items"]
    return items


async def _states(api: ApiWorld, made: dict[str, Any], *wanted: str) -> list[dict[str, Any]]:
    """Wait until the deliveries have these states, newest first."""

    async def found() -> list[dict[str, Any]] | None:
        items = await _deliveries(api, made)
        return items if [each["state"] for each in items] == list(wanted) else None

    return list(await until(found))


async def test_news_comes_signed(api: ApiWorld, redis_url: str) -> None:
    async with receiver() as hook, alert_desk(redis_url):
        made = await _make(api, hook.url)
        await _offline(api)
        await hook.have(1)
        await _offline(api, is_so=False)
        came = await hook.have(2)
        raised, cleared = (json.loads(body) for _, body in came)
        assert (raised["type"], cleared["type"]) == ("alert.raised", "alert.cleared")
        assert raised["alert"]["id"] == cleared["alert"]["id"] == "offline:CP-1"
        assert "cleared_at" in cleared["alert"]
        for headers, body in came:
            signature = headers["Noroam-Signature"]
            assert is_signed(made["secret"], signature, body, utc_now())
            assert headers["Noroam-Event-Id"] == json.loads(body)["id"]
        newest, oldest = await _states(api, made, "delivered", "delivered")
        assert (oldest["id"], newest["response_status"]) == (raised["id"], 204)
        (told,) = promised("list_webhooks", await api.get("/webhooks"))["items"]
        assert (told["waiting"], told["failing_since"]) == (0, None)
        assert told["last_delivered_at"] is not None
        assert "secret" not in told
        assert made["secret"] not in str(await api.bus.read(keys.WEBHOOKS))


async def test_only_the_kinds_that_it_wants(api: ApiWorld, redis_url: str) -> None:
    async with receiver() as some, receiver() as every, alert_desk(redis_url):
        await _make(api, some.url, kinds=["faulted"])
        await _make(api, every.url)
        await _offline(api)
        await every.have(1)
        await api.bus.write(keys.connector("CP-1", 1), {"status": "Faulted"})
        await every.have(2)
        ((_, body),) = await some.have(1)
        assert json.loads(body)["alert"]["kind"] == "faulted"


async def test_what_fails_is_tried_again_under_the_same_id(api: ApiWorld, redis_url: str) -> None:
    async with receiver(500, 302, 204) as hook, alert_desk(redis_url):
        made = await _make(api, hook.url)
        await _offline(api)
        await hook.have(3)
        (done,) = await _states(api, made, "delivered")
        assert (len(set(hook.ids())), done["attempts"], hook.elsewhere) == (1, 3, 0)
        (told,) = promised("list_webhooks", await api.get("/webhooks"))["items"]
        assert (told["failing_since"], told["last_error"]) == (None, None)


async def test_one_that_hangs_keeps_no_other_waiting(api: ApiWorld, redis_url: str) -> None:
    async with receiver(0) as hanging, receiver() as good, alert_desk(redis_url, timeout_s=30):
        made = await _make(api, hanging.url)
        await _make(api, good.url)
        await _offline(api)
        await hanging.have(1)
        await good.have(1)
        await _offline(api, is_so=False)
        await good.have(2)
        assert len(hanging.came) == 1
        assert {each["state"] for each in await _deliveries(api, made)} == {"waiting"}


async def test_a_hanging_one_is_given_up_after_its_time(api: ApiWorld, redis_url: str) -> None:
    async with receiver(0, 204) as hook, alert_desk(redis_url):
        made = await _make(api, hook.url)
        await _offline(api)
        await hook.have(2)
        (done,) = await _states(api, made, "delivered")
        assert done["attempts"] == 2


async def test_long_failure_disables_it_and_is_an_alert(api: ApiWorld, redis_url: str) -> None:
    async with receiver(500) as bad, receiver() as good, alert_desk(redis_url):
        made = await _make(api, bad.url)
        await _make(api, good.url, kinds=["webhook_disabled"])
        await _offline(api)
        (done,) = await _states(api, made, "failed")
        assert (done["attempts"], done["error"]) == (4, "it said 500")
        ((_, body),) = await good.have(1)
        assert json.loads(body)["alert"]["facts"]["webhook_id"] == made["id"]
        (told, _) = promised("list_webhooks", await api.get("/webhooks"))["items"]
        assert told["disabled_at"] is not None
        assert told["enabled"] is True
        await _offline(api, is_so=False)
        await asyncio.sleep(0.3)
        assert [each["state"] for each in await _deliveries(api, made)] == ["failed"]
        bad.answers = [204]
        one = f"/webhooks/{made['id']}"
        again = promised("change_webhook", await api.call("PATCH", one, {"enabled": True}))
        assert (again["disabled_at"], again["secret"]) == (None, None)
        ((_, _), (_, body)) = await good.have(2)
        assert json.loads(body)["type"] == "alert.cleared"
        await _states(api, made, "delivered", "failed")  # that it is over is news for it, too


async def test_a_desk_killed_in_mid_delivery(api: ApiWorld, redis_url: str) -> None:
    async with receiver(0, 204) as hook:
        await _make(api, hook.url)
        process = await asyncio.create_subprocess_exec(sys.executable, str(DESK), redis_url)
        try:
            await _offline(api)
            await hook.have(1)
        finally:
            process.kill()
            await process.wait()
        async with alert_desk(redis_url, "the-next"):
            await hook.have(2)
            await asyncio.sleep(0.3)
            assert len(hook.came) == 2
            assert len(set(hook.ids())) == 1


async def test_a_removed_one_hears_nothing_more(api: ApiWorld, redis_url: str) -> None:
    async with receiver(500) as hook, alert_desk(redis_url, retries=[0.3] * 10):
        made = await _make(api, hook.url)
        await _offline(api)
        await hook.have(1)
        one = f"/webhooks/{made['id']}"
        assert (await api.call("DELETE", one)).status == 204

        async def is_clean() -> bool:
            names = [keys.webhook_deliveries(made["id"]), keys.WEBHOOK_STATES]
            return await api.bus.read_many(names) == [{}, {}]

        await asyncio.sleep(0.5)
        await until(is_clean)
        count = len(hook.came)
        await asyncio.sleep(0.5)
        assert len(hook.came) == count
        for told in (await api.call("DELETE", one), await api.get(f"{one}/deliveries")):
            assert refused(told, 404) == "there is no such webhook"


async def test_a_test_tells_what_came_of_it(api: ApiWorld) -> None:
    async with receiver(204, 302, 0) as hook:
        made = await _make(api, hook.url)
        path = f"/webhooks/{made['id']}/test"
        told = [promised("test_webhook", await api.call("POST", path)) for _ in range(3)]
        assert [each["state"] for each in told] == ["delivered", "failed", "failed"]
        assert told[1]["error"] == "it redirects, which is not followed"
        assert told[2]["error"] == "no answer within 1 s"
        assert hook.elsewhere == 0
        (_, body) = hook.came[0]
        assert json.loads(body)["type"] == "test"
        found = {each["id"] for each in await _deliveries(api, made)}
        assert found == {each["id"] for each in told}


async def test_a_new_secret_makes_the_old_one_void(api: ApiWorld) -> None:
    async with receiver() as hook:
        made = await _make(api, hook.url)
        one = f"/webhooks/{made['id']}"
        told = await api.call("PATCH", one, {"new_secret": True, "name": "other"})
        changed = promised("change_webhook", told)
        assert changed["name"] == "other"
        await api.call("POST", f"{one}/test")
        headers, body = hook.came[0]
        signature = headers["Noroam-Signature"]
        assert is_signed(changed["secret"], signature, body, utc_now())
        assert not is_signed(made["secret"], signature, body, utc_now())


async def test_where_nothing_is_sent(api: ApiWorld) -> None:
    for url in (
        *("http://10.0.0.1/", "http://169.254.169.254/latest", "https://192.168.1.1/"),
        *("https://[::1]/", "http://[::ffff:10.0.0.1]/", "http://0x7f.1.example.invalid/"),
        *("ftp://127.0.0.1/", "https://user:pass@example.com/", "http://0/", "http://1.1.1.1/"),
    ):
        answer = await api.call("POST", "/webhooks", {"name": "ops", "url": url})
        assert url not in refused(answer, 422)
    assert promised("list_webhooks", await api.get("/webhooks"))["items"] == []


async def test_a_public_address_is_good_enough(api: ApiWorld) -> None:
    assert (await _make(api, "https://1.1.1.1/hook"))["url"] == "https://1.1.1.1/hook"


async def test_one_that_is_switched_off_hears_nothing(api: ApiWorld, redis_url: str) -> None:
    async with receiver() as off, receiver() as on, alert_desk(redis_url):
        made = await _make(api, off.url)
        await _make(api, on.url)
        await api.call("PATCH", f"/webhooks/{made['id']}", {"enabled": False})
        await _offline(api)
        await on.have(1)
        await api.call("PATCH", f"/webhooks/{made['id']}", {"enabled": True})
        await _offline(api, is_so=False)
        ((_, body),) = await off.have(1)
        assert json.loads(body)["type"] == "alert.cleared"


async def test_an_address_is_checked_at_each_attempt(api: ApiWorld, redis_bus: RedisBus) -> None:
    async with receiver() as hook:
        made = await _make(api, hook.url.replace("127.0.0.1", "localhost"))
        strict = webhooks_of(redis_bus, networks_of(["10.0.0.0/8"]))
        told = await strict.test(made["id"])
        assert told.state == "failed"
        assert "WEBHOOK_NETWORKS" in str(told.error)
        assert not hook.came
        assert (await webhooks_of(redis_bus).test(made["id"])).state == "delivered"


async def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[Any] = []
    find = socket.getaddrinfo

    def moves(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        looked_up.append(host)
        return find("127.0.0.1" if len(looked_up) % 2 else "127.0.0.2", port, *more, **options)

    async with receiver() as hook:
        url = hook.url.replace("127.0.0.1", "moves.invalid")
        poster = Poster(utc_now, networks_of(["127.0.0.1/32"]))
        monkeypatch.setattr(socket, "getaddrinfo", moves)
        outcome = await poster.post(url, "secret", "id", b"{}")
        assert (outcome.error, looked_up) == (None, ["moves.invalid"])
        outcome = await poster.post(url, "secret", "id", b"{}")
        assert "WEBHOOK_NETWORKS" in str(outcome.error)
        assert len(hook.came) == 1


@pytest.mark.parametrize("trusts", [True, False])
async def test_the_receivers_certificate_is_checked(
    api: ApiWorld, tmp_path: Path, redis_url: str, *, trusts: bool
) -> None:
    ca = Ca(tmp_path)
    pair, tls = ca.server(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pair.certificate, pair.key)
    environment = {**os.environ, **({"SSL_CERT_FILE": str(ca.root_file)} if trusts else {})}
    async with receiver(tls=tls) as hook:
        made = await _make(api, hook.url)
        await _offline(api)
        desk = await asyncio.create_subprocess_exec(
            sys.executable, str(DESK), redis_url, env=environment
        )
        try:

            async def attempt() -> dict[str, Any] | None:
                found = await _deliveries(api, made)
                return next((each for each in found if each["attempts"]), None)

            tried = await until(attempt)
        finally:
            desk.kill()
            await desk.wait()
        assert (tried["state"] == "delivered") is bool(hook.came) is trusts
        if not trusts:
            assert tried["error"] == "it can't be reached: ClientConnectorCertificateError"


async def test_who_may_not(api: ApiWorld) -> None:
    async with receiver() as hook:
        made = await _make(api, hook.url)
        one = f"/webhooks/{made['id']}"
        calls = [
            ("GET", "/webhooks", None),
            ("POST", "/webhooks", {"name": "a", "url": hook.url}),
            ("PATCH", one, {"enabled": False}),
            ("DELETE", one, None),
            ("POST", f"{one}/test", None),
            ("GET", f"{one}/deliveries", None),
        ]
        for method, path, body in calls:
            refused(await api.call(method, path, body, role="operator"), 403)
        changes: list[Any] = [{"name": ""}, {"kinds": []}, {"kinds": ["x"]}, {"new_secret": False}]
        for wrong in changes:
            refused(await api.call("PATCH", one, wrong), 422)
        for _ in range(MOST_WEBHOOKS - 1):
            await _make(api, hook.url)
        answer = await api.call("POST", "/webhooks", {"name": "a", "url": hook.url})
        assert refused(answer, 409).startswith(f"there are {MOST_WEBHOOKS}")


async def test_what_is_kept_is_bounded(api: ApiWorld, redis_url: str) -> None:
    with capture_logs() as lines:
        async with receiver(0) as hook:
            made = await _make(api, hook.url)
            name = keys.webhook_deliveries(made["id"])
            waits = [
                delivery_of(Event(id=new_event_id(), type="test", at=utc_now()))
                for _ in range(MOST_WAITING + MOST_SHOWN + 5)
            ]
            await api.bus.write(name, {str(each.id): each.model_dump_json() for each in waits})
            async with alert_desk(redis_url, timeout_s=30):
                await hook.have(1)
                items = await _deliveries(api, made)
                states = Counter(each["state"] for each in items)
                assert states == {"waiting": MOST_WAITING, "dropped": MOST_SHOWN}
                kept = await api.bus.read(name)
                assert len(kept) == MOST_WAITING + MOST_SHOWN
    told = [line["event"] for line in lines if "dropped" in line["event"]]
    assert told == [f"webhook ops: {MOST_SHOWN + 5} events are dropped: too much waited"]


async def test_of_removed_ones_nothing_stays_and_of_a_newer_versions_all(
    api: ApiWorld, redis_url: str
) -> None:
    removed, newer = keys.webhook_deliveries("0" * 12), keys.webhook_deliveries("1" * 12)
    await api.bus.write(keys.WEBHOOKS, {"1" * 12: '{"kinds": ["a newer one"]}'})
    await api.bus.write(keys.WEBHOOK_STATES, {"0" * 12: "{}", "1" * 12: "{}"})
    for key in (removed, newer):
        await api.bus.write(key, {"left": "{}"})

    async def is_gone() -> bool:
        return not await api.bus.read(removed)

    async with alert_desk(redis_url):
        await until(is_gone)
        assert await api.bus.read(newer)
        assert list(await api.bus.read(keys.WEBHOOK_STATES)) == ["1" * 12]
