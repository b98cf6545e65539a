"""Files over HTTP: which there are, and how many one caller may have at once."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from alert_world import until
from api_answers import promised, refused
from api_world import ApiWorld, api_world

from sdk.api_keys import Role
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from session_manager.api.heavy_reads import MOST_FILES, HeavyReads, TooManyReadsError

FILES = ("/log/lines.txt", "/log/lines.ndjson", "/exports/sessions.csv")
LINES, LINE = 16_000, "x" * 1_000
"""More than connections hold that nobody reads from."""


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url) as world:
        yield world


async def unread(
    api: ApiWorld, stack: AsyncExitStack, role: Role = "viewer"
) -> aiohttp.ClientResponse:
    """Begin a download, and read nothing of it."""
    headers = {"Authorization": f"Bearer {await api.key(role)}"}
    request = api.http.get(api.url + FILES[0], headers=headers)
    return await stack.enter_async_context(request)


async def test_a_caller_has_a_few_files_at_once(api: ApiWorld) -> None:
    await api.bus.delete(keys.LOG)
    for _ in range(LINES // 500):
        await api.bus.append_log([{"text": LINE, "level": "info"}] * 500)
    async with AsyncExitStack() as stack:
        begun = [await unread(api, stack) for _ in range(MOST_FILES)]
        assert [each.status for each in begun] == [200] * MOST_FILES
        for path in FILES:
            told = await api.get(path, role="viewer")
            assert "files" in refused(told, 429)
            assert int(told.headers["Retry-After"]) > 0
        assert (await unread(api, stack, "operator")).status == 200
        begun[0].close()

        async def next_one() -> int | None:
            status = (await api.get(FILES[2], role="viewer")).status
            return None if status == 429 else status

        assert await until(next_one) == 200


@pytest.mark.parametrize("path", FILES)
async def test_head_is_get_without_the_file(api: ApiWorld, path: str) -> None:
    await api.bus.append_log([{"text": LINE, "level": "info"}])
    headers = {"Authorization": f"Bearer {await api.key('viewer')}"}
    async with api.http.get(api.url + path, headers=headers) as whole:
        assert await whole.read()
    for _ in range(2):  # over one connection, on which a body would be in the way
        async with api.http.head(api.url + path, headers=headers) as told:
            assert told.status == 200
            assert await told.read() == b""
            for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
                assert told.headers[name] == whole.headers[name]


async def test_a_file_whose_turn_does_not_come_is_refused(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: HeavyReads) -> None:
        raise TooManyReadsError("Long lists take too long now; try again later.")

    monkeypatch.setattr(HeavyReads, "_begin", never)
    await api.bus.append_log([{"text": LINE, "level": "info"}])
    for path in FILES:
        assert "Long lists" in refused(await api.get(path, role="viewer"), 503)


async def test_formats_are_those_that_can_be_written_here(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"path": "/exports", "role": "viewer"}
    found = promised("list_export_formats", await api.get(**asked))
    assert found == {"formats": ["csv", "parquet"]}
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    assert (await api.get(**asked)).json == {"formats": ["csv"]}
    assert "pyarrow" in refused(await api.get("/exports/sessions.parquet"), 422)
