"""The log over HTTP: pages, filters and files."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_answers import promised
from api_world import ApiWorld, api_world

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url) as world:
        yield world


async def _fill(bus: RedisBus, count: int) -> None:
    lines = [
        {
            "at": f"2026-03-01T10:00:{number % 60:02}.000000Z",
            "level": ("info", "warning", "error")[number % 3],
            "service": ("cpg", "session_manager")[number % 2],
            "text": f"number {number}",
            **({"charge_point_id": f"CP-{number % 5}"} if number % 5 else {}),
        }
        for number in range(count)
    ]
    for first in range(0, count, 500):
        await bus.append_log(lines[first : first + 500])


async def _all(api: ApiWorld, **query: Any) -> list[int]:
    """Read page by page, as a view does that scrolls up; gives the numbers."""
    found: list[int] = []
    before: dict[str, str] = {}
    while True:
        told = await api.get("/log", params={**query, **before})
        page = promised("list_log", told)
        found += [int(line["text"].split()[1]) for line in page["items"]]
        if page["next_before"] is None:
            return found
        before = {"before": page["next_before"]}


async def test_all_lines_are_read_page_by_page_the_newest_first(
    api: ApiWorld, redis_bus: RedisBus
) -> None:
    await redis_bus.delete(keys.LOG)
    await _fill(redis_bus, 2_345)

    assert await _all(api, limit=1_000) == list(range(2_344, -1, -1))


@pytest.mark.parametrize(
    ("query", "takes"),
    [
        ({"level": "warning"}, lambda n: n % 3),
        ({"level": "error"}, lambda n: n % 3 == 2),
        ({"service": "cpg"}, lambda n: n % 2 == 0),
        ({"charge_point_id": "CP-3"}, lambda n: n % 5 == 3),
        ({"text": "NUMBER 77"}, lambda n: str(n).startswith("77")),
        ({"text": "cp-2", "level": "error"}, lambda n: n % 5 == 2 and n % 3 == 2),
    ],
)
async def test_lines_are_chosen(
    api: ApiWorld, redis_bus: RedisBus, query: dict[str, str], takes: Any
) -> None:
    await redis_bus.delete(keys.LOG)
    await _fill(redis_bus, 1_500)
    wanted = [number for number in range(1_499, -1, -1) if takes(number)]

    assert await _all(api, limit=100, **query) == wanted
    headers = {"Authorization": f"Bearer {await api.key()}"}
    url = f"{api.url}/log/lines.ndjson"
    async with api.http.get(url, headers=headers, params=query) as file:
        lines = [json.loads(line) for line in (await file.text()).splitlines()]
    assert [int(line["text"].split()[1]) for line in lines] == wanted[::-1]


async def test_the_log_comes_as_text(api: ApiWorld, redis_bus: RedisBus) -> None:
    await redis_bus.delete(keys.LOG)
    await _fill(redis_bus, 3)
    await redis_bus.append_log([{"text": "two\nlines", "level": "info"}])

    told = await api.get("/log/lines.txt")

    assert told.status == 200
    assert told.headers["Content-Disposition"].endswith('.txt"')
    assert told.text.splitlines()[1:] == [
        "2026-03-01T10:00:01.000000Z warning session_manager CP-1 number 1",
        "2026-03-01T10:00:02.000000Z error cpg CP-2 number 2",
        "info two",
        "    lines",
    ]


async def test_text_holds_nothing_that_a_terminal_would_obey(
    api: ApiWorld, redis_bus: RedisBus
) -> None:
    await redis_bus.delete(keys.LOG)
    text = "a\x1b[2Jb\rc\r\nd\u202ee\u2028f\x00"
    line = {"text": text, "level": "info", "service": "s\n", "charge_point_id": "\x1b]0;x\x07"}
    await redis_bus.append_log([line])
    told = await api.get("/log/lines.txt")
    assert told.text == "info s\n     ]0;x a[2Jb\n    c\n    de\n    f\n"


@pytest.mark.parametrize("suffix", ["txt", "ndjson"])
async def test_an_empty_log_is_an_empty_file(
    api: ApiWorld, redis_bus: RedisBus, suffix: str
) -> None:
    await redis_bus.delete(keys.LOG)
    headers = {"Authorization": f"Bearer {await api.key()}"}

    async with api.http.get(f"{api.url}/log/lines.{suffix}", headers=headers) as file:
        assert (file.status, await file.text()) == (200, "")


@pytest.mark.parametrize("before", ["0-0", "x", "5", "5-٣", "99999999999999999999-0", "-"])
async def test_what_is_no_line_is_refused(api: ApiWorld, before: str) -> None:
    told = await api.get("/log", params={"before": before})

    assert told.status == 422
