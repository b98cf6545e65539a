"""Who gets in, what is told to those who do not, and what the console's port keeps to itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from api_world import ApiWorld, api_world

from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url) as world:
        yield world


async def test_no_key_no_answer(api: ApiWorld) -> None:
    for headers in ({}, {"Authorization": "Bearer nrm_a_b"}, {"X-API-Key": "x"}):
        told = await api.get("/operations", role=None, headers=headers)
        assert told.status == 401
        assert told.headers["WWW-Authenticate"].startswith("Bearer")
        assert told.headers["Content-Type"] == "application/problem+json"
        assert told.headers["X-Correlation-Id"]
        assert told.json["title"] == "Unauthorized"


async def test_either_header_opens(api: ApiWorld) -> None:
    text = await api.key("viewer")
    for headers in ({"X-API-Key": text}, {"Authorization": f"Bearer {text}"}):
        assert (await api.get("/operations", role=None, headers=headers)).status == 200


async def test_a_key_is_made_shown_once_and_revoked(api: ApiWorld) -> None:
    made = await api.call("POST", "/api-keys", {"name": "Yard", "role": "viewer"})
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    headers = {"X-API-Key": made.json["key"]}
    assert (await api.get("/operations", role=None, headers=headers)).status == 200
    listed = await api.get("/api-keys")
    assert made.json["id"] in [item["id"] for item in listed.json["items"]]
    assert made.json["key"] not in listed.text
    assert "hash" not in listed.text
    gone = await api.call("DELETE", f"/api-keys/{made.json['id']}")
    assert gone.status == 200
    assert gone.json["revoked_at"]
    assert (await api.get("/operations", role=None, headers=headers)).status == 401
    assert (await api.call("DELETE", "/api-keys/nothing")).status == 404


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_keys_are_for_administrators(api: ApiWorld, role: str) -> None:
    body = {"name": "x", "role": "administrator"}
    assert (await api.call("POST", "/api-keys", body, role=role)).status == 403  # type: ignore[arg-type]
    assert (await api.get("/api-keys", role=role)).status == 403
    assert (await api.call("DELETE", "/api-keys/x", role=role)).status == 403  # type: ignore[arg-type]


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(api: ApiWorld) -> None:
    _, text = await api.keys.make("slow", "viewer", 2)
    headers = {"X-API-Key": text}
    told = [await api.get("/operations", role=None, headers=headers) for _ in range(3)]
    assert [each.status for each in told] == [200, 200, 429]
    assert 0 < int(told[2].headers["Retry-After"]) <= 30


async def test_what_is_forbidden_counts_too(api: ApiWorld) -> None:
    _, text = await api.keys.make("curious", "viewer", 2)
    headers = {"X-API-Key": text}
    told = [await api.get("/api-keys", role=None, headers=headers) for _ in range(3)]
    assert [each.status for each in told] == [403, 403, 429]


async def test_without_a_credential_key_it_says_so(redis_bus: RedisBus, redis_url: str) -> None:
    del redis_bus
    async with api_world(redis_url, credential_key=None) as api:
        told = await api.get("/operations")
        assert told.status == 503
        assert "CREDENTIAL_KEY" in told.json["detail"]
        assert (await api.get("/openapi.json", role=None)).status == 200


async def test_without_redis_it_is_unavailable_and_comes_back(tmp_path: Path) -> None:
    server = await EmbeddedServer.start(tmp_path)
    async with api_world(server.url) as api:
        assert (await api.get("/operations")).status == 200
        await server.stop()
        api.services.access.forget()
        async with asyncio.timeout(20):
            told = await api.get("/operations")
        assert told.status == 503
        assert told.headers["Retry-After"]
        assert "redis" not in told.text.replace("Redis", "")


async def test_unknown_paths_and_methods_are_problems(api: ApiWorld) -> None:
    for path in ("/nothing", "/", "/operations/", "/charge-points/../x"):
        told = await api.get(path, role=None)
        assert (told.status, told.headers["Content-Type"]) == (404, "application/problem+json")
    told = await api.call("DELETE", "/operations", role=None)
    assert told.status == 405
    assert told.headers["Allow"] == "GET, HEAD, OPTIONS"
    told = await api.call("OPTIONS", "/operations", role=None)
    assert (told.status, told.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert not [name for name in told.headers if name.lower().startswith("access-control")]


async def test_head_is_get_without_its_body(api: ApiWorld) -> None:
    read, head = await api.get("/operations"), await api.call("HEAD", "/operations")
    assert (head.status, head.text) == (200, "")
    assert head.headers["ETag"] == read.headers["ETag"]
    assert head.headers["Content-Length"] == read.headers["Content-Length"]


async def test_the_document_is_there_for_everybody(api: ApiWorld) -> None:
    told = await api.get("/openapi.json", role=None)
    assert told.json["openapi"] == "3.1.0"
    assert "/api/v1/openapi.json" in told.json["paths"]
    headers = {"If-None-Match": f'"x", W/{told.headers["ETag"]}'}
    assert (await api.get("/openapi.json", role=None, headers=headers)).status == 304


async def test_it_answers_to_the_names_that_it_was_given(
    redis_bus: RedisBus, redis_url: str
) -> None:
    del redis_bus
    async with api_world(redis_url, api_hosts=("CPO.example.com",)) as api:
        page = api.url.removesuffix("/api/v1")
        paths = {"/": 503, "/api/": 503, "/socket.io/?EIO=4&transport=polling": 401}
        for path, status in {**paths, "/api/v1/operations": 401}.items():
            for host, expected in (("cpo.example.com", status), ("other.example.com", 421)):
                async with api.http.get(page + path, headers={"Host": host}) as response:
                    assert response.status == expected, path
