"""Keeps one service running: starts it, hears it, starts it again when it ends."""

import asyncio
import re
import socket
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

from sdk.child import Child, Ended, ServiceSpec
from sdk.errors import NoroamError
from sdk.settings import EXIT_SETTINGS

STOP_MARGIN_S = 10.0
"""Added to the services' own grace (STOP_GRACE), so that SIGKILL comes last."""
_RESTART_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_HEALTHY_AFTER_S = 60.0
_PORT = re.compile(r"(?:/tcp/|:)(\d{1,5})(?=[/?]|$)")

Say = Callable[[str], None]


class LauncherError(NoroamError):
    """A service can't be started or isn't ready in time; `exit_code` is what it ended with."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Output:
    """Where lines go: `ready` lines to `out`, all others, named, to `err`."""

    out: Say
    err: Say

    def tell(self, name: str, line: str) -> None:
        """Pass on a line with the name of who wrote it."""
        self.err(f"{name:>15} | {line}")


class Keeper:
    """One service of the launcher.

    `environment` is shared by all; ports that the service took by itself are written into it, so
    that its next process is found at the same place.
    """

    def __init__(
        self, spec: ServiceSpec, environment: MutableMapping[str, str], output: Output
    ) -> None:
        self.spec = spec
        self.url = ""
        self.child: Child | None = None
        self._environment = environment
        self._output = output
        self._stop_within = _seconds(environment.get("STOP_GRACE")) + STOP_MARGIN_S
        self._stopping = asyncio.Event()
        self._changed = asyncio.Condition()
        self._is_ready = False
        self._told = False
        self._given_up: LauncherError | None = None
        self._last_words: deque[str] = deque(maxlen=5)

    async def run(self) -> None:
        """Keep the service running until `stop`, or until its settings turn out to be wrong."""
        for variable in self.spec.other_ports:
            if self._environment.get(variable) == "0":
                self._environment[variable] = str(_free_port())
        attempt = 0
        while not self._stopping.is_set():
            ended = await self._run_once()
            if self._stopping.is_set():
                return
            if ended.code == EXIT_SETTINGS:
                await self._give_up(ended)
                return
            attempt = 0 if ended.seconds > _HEALTHY_AFTER_S else attempt
            delay = _RESTART_AFTER_S[min(attempt, len(_RESTART_AFTER_S) - 1)]
            attempt += 1
            self._say(f"{ended.text}; starts again in {delay:g} s")
            await self._sleep(delay)

    async def ready(self, after_pid: int | None = None) -> str:
        """Wait until the service is ready, in a process other than `after_pid`; give its URL.

        Raises LauncherError when its settings are wrong.
        """
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._given_up is not None or self._serves(after_pid)
            )
        if self._given_up is not None:
            raise self._given_up
        return self.url

    async def stop(self) -> None:
        """End the service: SIGTERM, and SIGKILL long after its grace."""
        self._stopping.set()
        child = self.child
        if child is None:
            return
        child.ask_to_stop()
        try:
            await asyncio.wait_for(self._gone(), self._stop_within)
        except TimeoutError:
            self._say(f"did not stop in {self._stop_within:g} s and is killed")
            child.kill()

    async def _gone(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.child is None)

    async def _run_once(self) -> Ended:
        self.child = child = await Child.start(self.spec.module, self._environment)
        if self._stopping.is_set():
            child.ask_to_stop()
        try:
            ended = await child.follow(self._hear, self._hear_error)
        finally:
            self._is_ready = False
            self.child = None
            await self._notify()
        return ended

    def _serves(self, after_pid: int | None) -> bool:
        return self._is_ready and self.child is not None and self.child.pid != after_pid

    async def _hear(self, line: str) -> None:
        start = f"ready {self.spec.name} "
        if not line.startswith(start):
            self._output.tell(self.spec.name, line)
            return
        self.url = line.removeprefix(start).strip()
        self._pin_port()
        self._is_ready = True
        if not self._told:
            self._told = True
            self._output.out(line)
        else:
            self._say(f"is ready again at {self.url}")
        await self._notify()

    async def _hear_error(self, line: str) -> None:
        self._last_words.append(line)
        self._output.tell(self.spec.name, line)

    def _pin_port(self) -> None:
        found = _PORT.search(self.url)
        if found and self.spec.port:
            self._environment[self.spec.port] = found[1]

    async def _give_up(self, ended: Ended) -> None:
        words = self._last_words[-1] if self._last_words else ended.text
        self._given_up = LauncherError(words, ended.code)
        self._say("is not started again: its settings are wrong")
        await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _say(self, text: str) -> None:
        self._output.tell("noroam", f"{self.spec.name} {text}")


def _seconds(text: str | None) -> float:
    try:
        return float(text or "10")
    except ValueError:  # the services say what is wrong with it
        return 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
