"""The private Valkey or Redis of a machine that has none: on loopback, with a password, durable."""

import asyncio
import os
import secrets
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from sdk.data_folder import FolderInUseError, lock_folder, write_private
from sdk.embedded_engine import (
    LOG_FILE,
    EmbeddedServerError,
    Engine,
    configuration,
    find_engine,
    free_port,
    launch,
)
from sdk.logs import get_logger

log = get_logger("redis")

URL_FILE = "redis.url"
PORT_FILE = "port"
READY_SECONDS = 30.0
"""Long enough to load a large append-only file."""
STOP_SECONDS = 10.0
ATTEMPTS = 3
POLL_SECONDS = 0.01
WATCH_SECONDS = 0.1
RESTART_SECONDS = (0.0, 0.5, 2.0, 5.0)


class EmbeddedServer:
    """One server process over `data_dir`; its URL stands in `data_dir`/redis.url, mode 0600.

    Start and stop it from asyncio by `start` and `stop`, or without by `open` and `close`. The
    data is locked while the process lives; on Linux it ends with the thread that started it.
    """

    def __init__(self, data_dir: Path | str, engine: Engine | None = None) -> None:
        self._data_dir = Path(data_dir).absolute()
        self._engine = engine or find_engine()
        self._folder = self._data_dir / self._engine.folder_name
        self._password = secrets.token_urlsafe(24)
        self._port = 0
        self._lock: int | None = None
        self._process: subprocess.Popen[str] | None = None
        self._deadline = 0.0
        self._attempts = ATTEMPTS

    @classmethod
    async def start(cls, data_dir: Path | str) -> Self:
        """Start a server and return when it answers. Raises EmbeddedServerError."""
        server = cls(data_dir)
        try:
            server._prepare()
            while True:
                if server._is_up():
                    return server
                await asyncio.sleep(POLL_SECONDS)
        except BaseException:
            server.close()
            raise

    def open(self) -> None:
        """Start the server and return when it answers. Raises EmbeddedServerError."""
        try:
            self._prepare()
            while not self._is_up():
                time.sleep(POLL_SECONDS)
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """The URL with its password, the same after a restart."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    async def keep(self) -> None:
        """Start the server again, at the same URL, whenever it dies; ends after `stop`."""
        failures = 0
        while self._lock is not None:
            if self.pid is not None:
                await asyncio.sleep(WATCH_SECONDS)
                continue
            await asyncio.sleep(RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)])
            try:
                await self.restart()
            except EmbeddedServerError as error:
                failures += 1
                log.warning("the private Redis does not start again: %s", error)
            else:
                failures = 0

    async def restart(self) -> None:
        """Start the server again after it died, at the same URL. Raises EmbeddedServerError."""
        if self._lock is None:
            return
        log.warning("the private Redis died and is started again")
        self._launch(self._lock)
        while self._lock is not None and not self._answers():
            self._check()
            await asyncio.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Stop the server, and unlock its data."""
        process = self._release()
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def stop(self) -> None:
        """Stop the server, and unlock its data."""
        process = self._release()
        if process is None:
            return
        process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
            await asyncio.sleep(POLL_SECONDS)

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock = lock_folder(self._folder)
        except FolderInUseError as error:
            raise EmbeddedServerError(f"{error}; set DATA_DIR or REDIS_URL") from error
        with suppress(OSError, ValueError):
            self._port = int((self._folder / PORT_FILE).read_text("ascii"))
        self._port = free_port(self._port)
        self._launch(self._lock)

    def _launch(self, lock: int) -> None:
        self._deadline = time.monotonic() + READY_SECONDS
        text = configuration(self._port, self._password)
        self._process = launch(self._engine, self._folder, lock, text)

    def _is_up(self) -> bool:
        """Look once; a server that found its port taken meanwhile is started at another one."""
        if self._answers():
            (self._folder / PORT_FILE).write_text(str(self._port), "ascii")
            write_private(self._data_dir / URL_FILE, f"{self.url}\n")
            return True
        if self.pid is None and self._lock is not None and self._attempts > 1:
            self._attempts -= 1
            self._port = free_port(0)
            self._launch(self._lock)
        self._check()
        return False

    def _check(self) -> None:
        if self.pid is None or time.monotonic() > self._deadline:
            said = (self._folder / LOG_FILE).read_text(errors="replace").strip().splitlines()
            reason = said[-1] if said else "no reason given"
            raise EmbeddedServerError(f"{self._engine.program.name} does not run: {reason}")

    def _answers(self) -> bool:
        if self.pid is None:
            return False
        with Redis(
            port=self._port,
            password=self._password,
            socket_timeout=1,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            try:
                return bool(client.ping())
            except (RedisError, OSError):
                return False

    def _release(self) -> subprocess.Popen[str] | None:
        """Let go of the data; the server holds its own lock on it until it has ended."""
        process, self._process = self._process, None
        if self._lock is not None:
            (self._data_dir / URL_FILE).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None
        return process
