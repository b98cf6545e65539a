"""Sign-in over HTTP, as a hostile outsider finds it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from api_world import api_world
from console_accounts import PASSWORD, account_of
from console_world import ConsoleWorld, console_world
from redis.asyncio import Redis
from structlog.testing import capture_logs
from yarl import URL

from sdk.bus import keys
from sdk.bus.keys import PREFIX
from session_manager.sign_in_attempts import OF_AN_ACCOUNT
from session_manager.sign_in_cookie import COOKIE, HEADER, ONLY_TLS

WRONG = "a wrong password"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A built page of three files."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "assets" / "index-abc.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("not served")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
async def world(redis: Redis, redis_url: str, static: Path) -> AsyncIterator[ConsoleWorld]:
    assert redis is not None
    async with console_world(redis_url, static=static) as world:
        yield world


async def sign_in(
    world: ConsoleWorld, client: aiohttp.ClientSession, name: str, password: str, **more: Any
) -> aiohttp.ClientResponse:
    body = {"name": name, "password": password}
    return await client.post(f"{world.url}/api/v1/sign-in", json=body, **more)


async def status(
    world: ConsoleWorld, client: aiohttp.ClientSession, path: str = "/me", method: str = "GET"
) -> int:
    async with client.request(method, f"{world.url}/api/v1{path}") as answer:
        return answer.status


async def test_a_person_signs_in_and_out(world: ConsoleWorld) -> None:
    account = await account_of(world.sign_ins, "operator")
    client = await world.client(None)
    answer = await sign_in(world, client, "Operator", PASSWORD)
    assert answer.status == 200
    assert await answer.json() == {"id": account.id, "name": "operator", "role": "operator"}
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    token = cookie.partition("=")[2].partition(";")[0]
    assert cookie == f"{COOKIE}={token}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict"
    me = await (await client.get(f"{world.url}/api/v1/me")).json()
    assert me == {
        "id": account.id,
        "name": "operator",
        "role": "operator",
        "kind": "account",
        "accounts_exist": False,
    }
    shown = await client.get(f"{world.url}/api/v1/charge-points")
    assert (shown.status, shown.headers["Cache-Control"]) == (200, "no-store")
    assert await status(world, client, "/sign-out", "POST") == 204
    assert await status(world, client) == 401
    assert await status(world, await world.client(None), "/charge-points") == 401
    again = {"Cookie": f"{COOKIE}={token}"}
    async with aiohttp.ClientSession(headers=again) as thief:
        assert await status(world, thief) == 401, "the cookie opens nothing any more"


async def test_nobody_is_told_whether_somebody_could_sign_in(world: ConsoleWorld) -> None:
    client = await world.client(None)
    for exist in (False, True):
        answer = await client.get(f"{world.url}/api/v1/me")
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["accounts_exist"] is exist
        await account_of(world.sign_ins, "administrator")
        world.sign_ins.forget()


async def test_behind_tls_the_cookie_goes_by_tls_only(redis: Redis, redis_url: str) -> None:
    assert redis is not None
    async with console_world(redis_url, tls=True) as world:
        await account_of(world.sign_ins, "viewer")
        client = await world.client(None)
        answer = await sign_in(world, client, "viewer", PASSWORD)
        given = answer.headers.getall("Set-Cookie")
        assert given[0].startswith(f"{ONLY_TLS}{COOKIE}=")
        assert given[1].startswith("__Secure-noroam_device_")
        assert all(each.endswith("; HttpOnly; SameSite=Strict; Secure") for each in given)
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
        assert await status(world, client, "/sign-out", "POST") == 204
    async with console_world(redis_url) as plain:
        client = await plain.client(None)
        answer = await client.get(f"{plain.url}/api/v1/me")
        assert "Strict-Transport-Security" not in answer.headers


async def test_behind_tls_a_cookie_that_another_host_could_set_is_none(
    redis: Redis, redis_url: str
) -> None:
    assert redis is not None
    async with console_world(redis_url, tls=True) as world:
        token = await world.token("operator")
        for name, expected in ((COOKIE, 401), (f"{ONLY_TLS}{COOKIE}", 200)):
            cookies = {"Cookie": f"{COOKIE}={'A' * 43}; {name}={token}"}
            async with aiohttp.ClientSession(headers=cookies) as client:
                assert await status(world, client) == expected
                live = await client.get(f"{world.url}/socket.io/?EIO=4&transport=websocket")
                assert (live.status == 401) is (expected == 401)


async def test_who_guesses_keeps_no_browser_out_that_the_owner_signed_in_with(
    world: ConsoleWorld,
) -> None:
    await account_of(world.sign_ins, "administrator")
    own, outsider = await world.client(None), await world.client(None)
    answer = await sign_in(world, own, "administrator", PASSWORD)
    device = answer.headers.getall("Set-Cookie")[1]
    assert device.partition("; ")[2] == (
        "Path=/api/v1/sign-in; Max-Age=15552000; HttpOnly; SameSite=Strict"
    )
    assert await status(world, own, "/sign-out", "POST") == 204
    for _ in range(OF_AN_ACCOUNT.free):
        assert (await sign_in(world, outsider, "administrator", WRONG)).status == 401
    assert (await sign_in(world, outsider, "administrator", PASSWORD)).status == 429
    answer = await sign_in(world, own, "administrator", PASSWORD)
    assert answer.status == 200
    assert answer.headers.getall("Set-Cookie")[1] == device, "it stays the same browser"
    assert await status(world, own) == 200
    changed = await own.post(
        f"{world.url}/api/v1/me/password", json={"current": PASSWORD, "new": PASSWORD + "!"}
    )
    assert len(changed.headers.getall("Set-Cookie")) == 2, "other browsers are strangers now"
    assert (await sign_in(world, own, "administrator", PASSWORD + "!")).status == 200
    assert (await sign_in(world, outsider, "administrator", PASSWORD)).status == 429


async def test_no_session_can_be_fixed_before_sign_in(world: ConsoleWorld, redis: Redis) -> None:
    await account_of(world.sign_ins, "viewer")
    fixed = "F" * 43
    async with aiohttp.ClientSession(headers={"Cookie": f"{COOKIE}={fixed}", HEADER: "1"}) as bad:
        answer = await sign_in(world, bad, "viewer", PASSWORD)
        assert fixed not in answer.headers["Set-Cookie"]
        assert await status(world, bad) == 401
    client = await world.client("viewer")
    before = [each async for each in redis.scan_iter(f"{PREFIX}sign_in:*")]
    await sign_in(world, client, "viewer", PASSWORD)
    after = [each async for each in redis.scan_iter(f"{PREFIX}sign_in:*")]
    assert len(after) == len(before), "the session that the browser had has ended"
    assert set(after) != set(before)


async def test_redis_forgets_sessions_by_itself(world: ConsoleWorld, redis: Redis) -> None:
    await world.client("viewer")
    found = [each async for each in redis.scan_iter(f"{PREFIX}sign_in:*")]
    assert len(found) == 1
    assert 0 < await redis.ttl(found[0]) <= 12 * 3600


async def test_a_storm_of_wrong_passwords_waits_in_all_processes(
    world: ConsoleWorld, redis_url: str, static: Path
) -> None:
    await account_of(world.sign_ins, "administrator")
    async with console_world(redis_url, static=static) as other:
        clients = [await world.client(None), await other.client(None)]
        worlds = [world, other]
        answers = await asyncio.gather(
            *(
                sign_in(worlds[number % 2], clients[number % 2], "administrator", WRONG)
                for number in range(40)
            )
        )
        told = [answer.status for answer in answers]
        assert told.count(401) == OF_AN_ACCOUNT.free
        assert set(told) <= {401, 429, 503}, "503: more wait than one network may"
        waits = [int(a.headers["Retry-After"]) for a in answers if a.status == 429]
        assert set(waits) == {1}
        right = await sign_in(other, clients[1], "administrator", PASSWORD)
        assert right.status in (200, 429), "the right one waits, too"
        assert "Set-Cookie" not in answers[0].headers


async def test_an_unknown_name_is_answered_as_a_known_one(world: ConsoleWorld) -> None:
    await account_of(world.sign_ins, "administrator")
    client = await world.client(None)
    seen: dict[str, list[object]] = {}
    for name in ("administrator", "nobody"):
        for _ in range(OF_AN_ACCOUNT.free + 1):
            answer = await sign_in(world, client, name, WRONG)
            text = await answer.text()
            same = {
                k: v for k, v in answer.headers.items() if k not in ("Date", "X-Correlation-ID")
            }
            seen.setdefault(name, []).append((answer.status, same, text))
    assert seen["administrator"] == seen["nobody"]
    assert seen["nobody"][-1][0] == 429  # type: ignore[index]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: "1", "Origin": "http://evil.example"},
        {HEADER: "1", "Origin": "null"},
        {HEADER: "1", "Origin": "http://127.0.0.1:1"},
        {HEADER: "true"},
    ],
    ids=str,
)
async def test_another_page_changes_nothing(world: ConsoleWorld, headers: dict[str, str]) -> None:
    token = await world.token("administrator")
    cookie = {"Cookie": f"{COOKIE}={token}"}
    async with aiohttp.ClientSession(headers={**cookie, **headers}) as foreign:
        for method, path in (
            ("POST", "/accounts"),
            ("POST", "/sign-out"),
            ("POST", "/me/password"),
            ("POST", "/api-keys"),
            ("DELETE", "/accounts/x"),
            ("PUT", "/charge-points/CP-1/configuration/desired/HeartbeatInterval"),
            ("POST", "/charge-points/CP-1/operations/Reset"),
        ):
            body = {"name": "evil", "role": "administrator", "password": PASSWORD}
            async with foreign.request(method, f"{world.url}/api/v1{path}", json=body) as answer:
                assert answer.status == 403, path
    async with aiohttp.ClientSession(headers=cookie) as own:
        assert await status(world, own) == 200, "and reading still works"
    assert [each.name for each in await world.sign_ins.accounts.list()] == ["administrator"]


async def test_another_page_cannot_sign_one_in(world: ConsoleWorld) -> None:
    await account_of(world.sign_ins, "viewer")
    async with aiohttp.ClientSession() as foreign:
        evil = {"Origin": "http://evil.example"}
        answer = await sign_in(world, foreign, "viewer", PASSWORD, headers=evil)
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
        form = {"name": "viewer", "password": PASSWORD}
        answer = await foreign.post(f"{world.url}/api/v1/sign-in", data=form)
        assert answer.status == 415, "a form needs nobody's leave to be sent"


async def test_a_role_may_what_it_may(world: ConsoleWorld) -> None:
    paths = (
        ("GET", "/charge-points", "viewer", 200),
        ("POST", "/charge-points/CP-1/operations/ClearCache", "operator", 404),
        ("GET", "/accounts", "administrator", 200),
        ("PUT", "/charge-points/CP-1/configuration/desired/X", "operator", 422),
        ("PATCH", "/accounts/0", "administrator", 404),
        ("DELETE", "/accounts/0", "administrator", 404),
        ("GET", "/api-keys", "administrator", 200),
    )
    ranks = ("viewer", "operator", "administrator")
    for role in ranks:
        client = await world.client(role)  # type: ignore[arg-type]
        for method, path, least, good in paths:
            expected = good if ranks.index(role) >= ranks.index(least) else 403
            async with client.request(method, f"{world.url}/api/v1{path}", json={}) as answer:
                assert answer.status == expected, (role, path)


async def test_administrators_look_after_accounts(world: ConsoleWorld) -> None:
    root = await world.client("administrator")
    url = f"{world.url}/api/v1/accounts"
    body = {"name": "Ada", "role": "viewer", "password": PASSWORD}
    made = await (await root.post(url, json=body)).json()
    assert (await root.post(url, json=body)).status == 409
    assert (await root.post(url, json={**body, "name": "B", "password": "short"})).status == 422
    ada = await world.client(None)
    assert (await sign_in(world, ada, "ada", PASSWORD)).status == 200
    answer = await root.patch(f"{url}/{made['id']}", json={"role": "operator"})
    assert (await answer.json())["role"] == "operator"
    assert (await (await ada.get(f"{world.url}/api/v1/me")).json())["role"] == "operator"
    answer = await root.patch(f"{url}/{made['id']}", json={"disabled": True})
    assert (await answer.json())["disabled_at"]
    assert await status(world, ada) == 401, "in the middle of its session"
    assert (await sign_in(world, ada, "ada", PASSWORD)).status == 401
    listed = await (await root.get(url)).text()
    assert "argon2" not in listed
    assert "generation" not in listed
    own = (await (await root.get(f"{world.url}/api/v1/me")).json())["id"]
    for method, change in (
        ("DELETE", None),
        ("PATCH", {"role": "viewer"}),
        ("PATCH", {"disabled": True}),
    ):
        async with root.request(method, f"{url}/{own}", json=change) as answer:
            assert answer.status == 409
    assert (await root.delete(f"{url}/{made['id']}")).status == 204
    assert (await root.delete(f"{url}/{made['id']}")).status == 404


async def test_one_changes_ones_own_password_and_other_sessions_end(world: ConsoleWorld) -> None:
    one, other = await world.client("viewer"), await world.client("viewer")
    url = f"{world.url}/api/v1/me/password"
    new = "another password entirely"
    assert (await one.post(url, json={"current": WRONG, "new": new})).status == 403
    assert (await one.post(url, json={"current": PASSWORD, "new": "viewer"})).status == 422
    assert (await one.post(url, json={"current": PASSWORD, "new": new})).status == 204
    assert await status(world, one) == 200
    assert await status(world, other) == 401
    assert (await sign_in(world, other, "viewer", PASSWORD)).status == 401
    assert (await sign_in(world, other, "viewer", new)).status == 200


async def test_who_stole_a_session_cannot_guess_the_password_by_it(world: ConsoleWorld) -> None:
    thief = await world.client("viewer")
    url = f"{world.url}/api/v1/me/password"
    told = [
        (await thief.post(url, json={"current": f"guess {n}", "new": PASSWORD})).status
        for n in range(OF_AN_ACCOUNT.free + 3)
    ]
    assert told == [403] * OF_AN_ACCOUNT.free + [429] * 3
    operator = await world.client("operator")
    trail = await (await operator.get(f"{world.url}/api/v1/audit")).json()
    assert [entry["status"] for entry in trail["items"]] == [403] * OF_AN_ACCOUNT.free


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"name": "a"},
        {"name": "a", "password": ""},
        {"name": "a", "password": "x" * 201},
        {"name": "a" * 101, "password": PASSWORD},
        {"name": "a", "password": PASSWORD, "role": "administrator"},
        {"name": {"$ne": ""}, "password": {"$ne": ""}},
        {"name": 1, "password": 2},
    ],
    ids=lambda body: str(body)[:30],
)
async def test_what_is_no_name_and_password_is_refused(world: ConsoleWorld, body: Any) -> None:
    client = await world.client(None)
    answer = await client.post(f"{world.url}/api/v1/sign-in", json=body)
    assert answer.status == 422
    assert PASSWORD not in await answer.text()


async def test_the_audit_trail_tells_who_signed_in_and_who_failed_to(world: ConsoleWorld) -> None:
    account = await account_of(world.sign_ins, "operator")
    outsider, operator = await world.client(None), await world.client("operator")
    assert (await sign_in(world, outsider, "operator", WRONG)).status == 401
    assert (await sign_in(world, outsider, "nobody of that name", WRONG)).status == 401
    assert (await sign_in(world, outsider, "operator", PASSWORD)).status == 200
    text = await (await operator.get(f"{world.url}/api/v1/audit?action=sign_in")).text()
    entries = json.loads(text)["items"]
    told = [(it["outcome"], it["status"], it["who"]["id"], it["detail"]) for it in entries]
    assert told == [
        ("done", 200, account.id, "from 127.0.0.1"),
        ("refused", 401, account.id, "from 127.0.0.1"),
    ]
    assert WRONG not in text
    assert "nobody of that name" not in text


async def test_no_secret_is_logged(world: ConsoleWorld) -> None:
    secrets = [PASSWORD, WRONG, "typed into the wrong field"]
    with capture_logs() as lines:
        client = await world.client(None)
        await account_of(world.sign_ins, "viewer")
        secrets.append(
            (await sign_in(world, client, "viewer", PASSWORD)).headers["Set-Cookie"][:40]
        )
        await sign_in(world, client, "viewer", WRONG)
        await sign_in(world, client, secrets[2], WRONG)
        await client.post(
            f"{world.url}/api/v1/me/password", json={"current": WRONG, "new": PASSWORD}
        )
    text = str(lines)
    assert "signed in" in text
    assert "refused" in text
    assert not [secret for secret in secrets if secret in text]


async def test_nothing_in_redis_opens_the_console(world: ConsoleWorld, redis: Redis) -> None:
    client = await world.client("administrator")
    cookies = {morsel.key: morsel.value for morsel in client.cookie_jar}
    token = cookies[COOKIE]
    dumped = []
    async for name in redis.scan_iter("*"):
        dumped.append(name)
        kind = await redis.type(name)
        if kind == b"string":
            dumped.append(await redis.get(name))
        if kind == b"hash":
            dumped.append(str(await redis.hgetall(name)).encode())
    text = b"\n".join(dumped)
    assert keys.ACCOUNTS.encode() in text
    assert token.encode() not in text
    assert PASSWORD.encode() not in text


async def test_views_have_paths_and_files_are_files(world: ConsoleWorld) -> None:
    html = {"Accept": "text/html,application/xhtml+xml"}
    client = await world.client(None)
    for path, headers, expected in (
        ("/", {}, 200),
        ("/charge-points/CP-1", html, 200),
        ("/sessions/0xab/receipt", html, 200),
        ("/charge-points/CP-1", {}, 404),
        ("/assets/index-abc.js", {}, 200),
        ("/assets/other.js", html, 404),
        ("/api/nothing", html, 404),
        ("/api/v1/nothing", html, 404),
        ("/socket.io/", html, 401),
        ("/link.txt", {}, 404),
        ("/..%2f..%2fsecret.txt", {}, 404),
        ("/%2e%2e/secret.txt", {}, 404),
        ("/x%00y", html, 200),
    ):
        answer = await client.get(URL(world.url + path, encoded=True), headers=headers)
        assert answer.status == expected, path
        text = await answer.text()
        assert "not served" not in text
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    async with client.post(f"{world.url}/charge-points/CP-1", headers=html) as posted:
        assert posted.status == 405


async def test_accounts_need_no_credential_key(redis: Redis, redis_url: str) -> None:
    assert redis is not None
    async with api_world(redis_url, credential_key=None) as api:
        sign_ins = api.services.access.sign_ins
        account = await account_of(sign_ins, "administrator")
        cookie = {"Cookie": f"{COOKIE}={await sign_ins.open(account.id)}"}
        assert (await api.get("/accounts", role=None, headers=cookie)).status == 200
        assert (await api.get("/api-keys", role=None, headers=cookie)).status == 503
        assert (await api.get("/accounts", role=None)).status == 401
        key = {"X-API-Key": "nrm_a_b"}
        assert (await api.get("/accounts", role=None, headers={**cookie, **key})).status == 503
