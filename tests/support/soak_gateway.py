"""A gateway process that a test kills and starts again on its port; its log lines are kept."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from cpg_world import CREDENTIAL_KEY, ROOT

_READY_S, _END_S = 30.0, 30.0


class SoakGateway:
    """One gateway; `epoch` rises each time that we end it."""

    def __init__(self, name: str, redis_url: str, folder: Path, level: str = "WARNING") -> None:
        """Its log goes to `folder`/`name`.log."""
        self.epoch = 0
        self.url = ""
        self.is_up = False
        """Whether it listens, as far as we know."""
        self.exits: list[tuple[signal.Signals, int]] = []
        """How it was ended, and the exit code."""
        self._log = folder / f"{name}.log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": redis_url,
            "CREDENTIAL_KEY": CREDENTIAL_KEY,
            "LOG_FORMAT": "json",
            "LOG_LEVEL": level,
        }
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process; it must have been started."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, on the port it had before, and wait until it is ready."""
        port = self.url.rpartition(":")[2] or "0"
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cpg"),
                env={**self._environment, "CPG_PORT": port},
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(_READY_S):
            line = (await self._process.stdout.readline()).decode().split()
        assert line[:2] == ["ready", "cpg"], self.log_lines()[-20:]
        self.url = line[2]
        self.is_up = True

    async def end(self, how: signal.Signals) -> None:
        """Send a signal, and wait for the end."""
        process = self._process
        assert process is not None
        self.epoch += 1
        self.is_up = False
        if process.returncode is None:
            process.send_signal(how)
        async with asyncio.timeout(_END_S):
            await process.communicate()
        self.exits.append((how, process.returncode or 0))

    def log_lines(self) -> list[str]:
        """Give all it has logged, as it stands."""
        return self._log.read_text(errors="replace").splitlines() if self._log.exists() else []

    def faults(self) -> list[str]:
        """Give the lines that are errors, or no log lines at all."""
        return [line for line in self.log_lines() if _is_fault(line)]


def _is_fault(line: str) -> bool:
    try:
        level = json.loads(line)["level"]
    except (ValueError, LookupError, TypeError):
        return True
    return level in ("error", "critical")
