"""Each line is JSON, says whose it is, holds no secret, and never waits for Redis."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from sdk import logs
from sdk.bus.interface import BusUnavailableError
from sdk.bus.memory_bus import MemoryBus
from sdk.log_stream import LogWriter, stream_fields
from sdk.redaction import redacted, redacted_text

PRIVATE_KEY = "0x" + "5e" * 32
ACCOUNT = "0x" + "aB" * 20


class Page:
    def __init__(self) -> None:
        self.text = io.StringIO()
        self.lines: list[Mapping[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure("cpg", "INFO", page.lines.append, stream=page.text)
    yield page
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_its_own_fields(page: Page) -> None:
    logs.get_logger("server").info("%s connected", "CP1", generation=3)
    (line,) = page.read()
    assert line["event"] == "CP1 connected"
    assert line["service"] == "cpg"
    assert line["area"] == "server"
    assert line["level"] == "info"
    assert line["generation"] == 3
    assert line["at"].endswith("Z")


def test_below_the_level_nothing_is_written(page: Page) -> None:
    logs.get_logger("server").debug("detail")
    logging.getLogger("redis").debug("detail")
    assert page.read() == []
    assert page.lines == []


async def test_ids_are_bound_to_the_task_and_its_children(page: Page) -> None:
    log = logs.get_logger("x")

    async def inner() -> None:
        log.info("inner")

    async def other() -> None:
        log.info("other")

    async with asyncio.TaskGroup() as group:
        group.create_task(other())
        with logs.bind(session_id="0x12", charge_point_id="CP1", connector_id=None):
            await group.create_task(inner())
    log.info("after")
    found = {line["event"]: line for line in page.read()}
    assert found["inner"]["session_id"] == "0x12"
    assert found["inner"]["charge_point_id"] == "CP1"
    assert "connector_id" not in found["inner"]
    assert "session_id" not in found["other"]
    assert "session_id" not in found["after"]


def test_libraries_are_routed_and_redacted(page: Page) -> None:
    logging.getLogger("redis").warning("cannot reach %s", "redis://:hush@127.0.0.1:1/0")
    (line,) = page.read()
    assert line["event"] == "cannot reach redis://:***@127.0.0.1:1/0"
    assert line["area"] == "redis"
    assert line["service"] == "cpg"


def test_a_librarys_broken_line_breaks_nothing(page: Page) -> None:
    (bridge,) = (h for h in logging.getLogger().handlers if type(h).__module__ == "sdk.logs")
    bridge.handle(logging.LogRecord("redis", logging.WARNING, "", 1, "%d lost", ("none",), None))
    assert page.read()[0]["event"] == "%d lost"


def test_a_traceback_shows_no_local_variable(page: Page) -> None:
    def fail() -> None:
        password = "hush-hush"
        raise ValueError(f"password={password}")

    try:
        fail()
    except ValueError:
        logs.get_logger("x").exception("it failed")
    (line,) = page.read()
    assert "ValueError: password=***" in line["exception"]
    assert "hush" not in line["exception"]


def test_text_for_people_shows_no_local_variable() -> None:
    text = io.StringIO()
    logs.configure("cpg", form="text", stream=text)
    password = "hush-hush"
    try:
        int(password[:0])
    except ValueError:
        logs.get_logger("x").exception("it failed", password=password)
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()
        logging.captureWarnings(capture=False)
    assert "it failed" in text.getvalue()
    assert "ValueError" in text.getvalue()
    assert "hush" not in text.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "keys_password",
        "key",
        "private_key",
        "Authorization",
        "secret",
        "client_secret",
        "auth_token",
        "token",
        "credential_key",
        "mnemonic",
    ],
)
def test_secrets_are_masked_by_name(name: str) -> None:
    assert redacted({name: "hush"}) == {name: "***"}
    assert redacted({"deep": [{name: PRIVATE_KEY}]}) == {"deep": [{name: "***"}]}


def test_public_values_stay() -> None:
    shown = {"session_key": ACCOUNT, "token": ACCOUNT, "public_key": "0x02" + "ab" * 32, "n": 1.5}
    assert redacted(shown) == shown
    assert redacted({"session_key": PRIVATE_KEY}) == {"session_key": "***"}


def test_secrets_in_models_and_texts_are_masked() -> None:
    class Model(BaseModel):
        private_key: str
        name: SecretStr

    assert redacted({"m": Model(private_key="hush", name=SecretStr("hush"))}) == {
        "m": {"private_key": "***", "name": "**********"}
    }
    assert "hush" not in redacted_text('{"password": "hush-hush", "a": 1}')
    assert "aGVsbG8=" not in redacted_text("Authorization: Basic aGVsbG8=")
    assert redacted(b"raw") == "<3 bytes>"


def test_the_configuration_key_of_the_password_is_masked() -> None:
    shown = redacted({"key": "AuthorizationKey", "value": "hush"})
    assert shown["value"] == "***"


def test_the_stream_gets_ids_and_one_text(page: Page) -> None:
    with logs.bind(session_id="0x12", charge_point_id="CP1"):
        logs.get_logger("x").warning("refused", reason="busy", password="hush")
    fields = stream_fields(page.lines[0])
    assert fields["text"] == "refused reason=busy password=***"
    assert fields["session_id"] == "0x12"
    assert fields["charge_point_id"] == "CP1"
    assert set(fields) == {"at", "level", "service", "session_id", "charge_point_id", "text"}


class Redis:
    """A log that can be away."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.away = False

    async def append(self, lines: Sequence[Mapping[str, str]]) -> None:
        if self.away:
            raise BusUnavailableError("away")
        await self.bus.append_log(lines)

    async def texts(self) -> list[str]:
        return [line.fields["text"] for line in await self.bus.read_log()]


async def test_lines_reach_the_stream_in_order() -> None:
    redis = Redis()
    writer = LogWriter(redis.append)
    writer.put({"event": "before it runs"})
    async with asyncio.TaskGroup() as group:
        running = group.create_task(writer.run())
        for number in range(1200):
            writer.put({"event": str(number)})
        await asyncio.to_thread(writer.put, {"event": "from a thread"})

        async with asyncio.timeout(5), redis.bus.follow() as follower:
            log = await follower.subscribe_log(after="0")
            found: list[str] = []
            async for chunk in log:
                found += [line.fields["text"] for line in chunk]
                if len(found) == 1202:
                    break
        running.cancel()
    assert found == ["before it runs", *map(str, range(1200)), "from a thread"]


async def test_while_redis_is_away_lines_wait_and_those_without_room_are_counted() -> None:
    redis = Redis()
    redis.away = True
    writer = LogWriter(redis.append, capacity=3)
    for number in range(5):
        writer.put({"event": str(number), "at": "now", "service": "cpg"})
    await writer.flush(0.1)
    assert await redis.texts() == []
    assert writer.dropped == 2
    redis.away = False
    await writer.flush()
    assert await redis.texts() == ["0", "1", "2", "2 log lines found no room and were dropped"]
    assert writer.dropped == 0
