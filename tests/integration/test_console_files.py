"""The page's files as a browser gets them: the smallest that it accepts, and once only."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from console_world import console_world
from redis.asyncio import Redis

PAGE = "<!doctype html><title>page</title>" + "<p>text</p>" * 200
SCRIPT = "export const number = 1;\n" * 100
SCRIPT_AT = "/assets/index-abc.js"
NO_BROTLI = b"told apart by its content alone"


@pytest.fixture
async def url(redis: Redis, redis_url: str, tmp_path: Path) -> AsyncIterator[str]:
    del redis  # it has emptied the server
    (tmp_path / "assets").mkdir()
    for name, text in (("index.html", PAGE), (SCRIPT_AT[1:], SCRIPT)):
        (tmp_path / name).write_text(text)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        (tmp_path / f"{name}.br").write_bytes(NO_BROTLI)
    (tmp_path / "assets" / "text-abc.woff2").write_bytes(b"wOF2")
    async with console_world(redis_url, static=tmp_path) as world:
        yield world.url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that says itself what it accepts, and unpacks nothing."""
    async with aiohttp.ClientSession(
        auto_decompress=False, skip_auto_headers=["Accept-Encoding"]
    ) as http:
        yield http


@pytest.mark.parametrize(
    ("path", "text", "kept"),
    [
        ("/", PAGE, "no-cache"),
        ("/sessions", PAGE, "no-cache"),
        (SCRIPT_AT, SCRIPT, "public, max-age=31536000, immutable"),
    ],
)
async def test_each_gets_the_encoding_that_it_accepts(
    url: str, http: aiohttp.ClientSession, path: str, text: str, kept: str
) -> None:
    types, tags = set(), set()
    for accepted, encoding in ((None, None), ("gzip, deflate", "gzip"), ("gzip, br", "br")):
        headers = {"Accept": "text/html"} | ({"Accept-Encoding": accepted} if accepted else {})
        async with http.get(url + path, headers=headers) as answer:
            body = await answer.read()
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == kept
        plain = {None: text.encode(), "gzip": text.encode(), "br": NO_BROTLI}[encoding]
        assert (gzip.decompress(body) if encoding == "gzip" else body) == plain
        types.add(answer.content_type)
        tags.add(answer.headers["ETag"])
    assert len(types) == 1
    assert types <= {"text/html", "application/javascript", "text/javascript"}
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/", SCRIPT_AT])
async def test_what_a_browser_has_is_not_sent_again(
    url: str, http: aiohttp.ClientSession, path: str
) -> None:
    accepted = {"Accept-Encoding": "gzip"}
    async with http.get(url + path, headers=accepted) as first:
        tag = first.headers["ETag"]
    async with http.get(url + path, headers={**accepted, "If-None-Match": tag}) as again:
        assert (again.status, await again.read()) == (304, b"")
        assert again.headers["ETag"] == tag
        assert again.headers["Vary"] == "Accept-Encoding"
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    async with http.get(url + path, headers={"If-None-Match": tag}) as plain:
        assert plain.status == 200


async def test_a_font_is_told_as_one(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/assets/text-abc.woff2") as answer:
        assert answer.content_type == "font/woff2"
        assert "immutable" in answer.headers["Cache-Control"]


async def test_what_is_no_file_is_no_encoding_of_one(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/assets/other.js", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status == 404
        assert "Content-Encoding" not in answer.headers
