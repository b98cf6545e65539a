"""The processes that the demo runs, and what they print."""

import asyncio
import contextlib
import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sdk.errors import NoroamError

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
START_WITHIN_S = 60.0


class DemoError(NoroamError):
    """A step of the demo did not work."""


@dataclass
class Demo:
    """The processes and keys of one demo."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    programs: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *command: str, **env: str) -> asyncio.subprocess.Process:
        """Start a program of its own, whose output can be read."""
        return await self._start(command, env, asyncio.subprocess.PIPE)

    async def start_quietly(self, log: str, *command: str) -> asyncio.subprocess.Process:
        """Start a program whose output goes to a file in the folder."""
        with (self.folder / log).open("w", encoding="utf-8") as file:
            return await self._start(command, {}, file.fileno())

    async def start_shown(self, *command: str) -> asyncio.subprocess.Process:
        """Start a program whose output is shown."""
        return await self._start(command, {}, None)

    async def noroam(self, *arguments: str, **env: str) -> str:
        """Run the operator's command line, and give what it printed."""
        process = await self.start("-m", "sdk.cli", *arguments, **env)
        printed, _ = await process.communicate()
        if process.returncode:
            raise DemoError(f"noroam {' '.join(arguments[:2])} failed with {process.returncode}")
        return printed.decode().strip()

    async def stop(self) -> None:
        """End every program that still runs."""
        for process in reversed(self.programs):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
        for process in self.programs:
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()

    def show_logs(self) -> None:
        """Print the end of each log, after a failure."""
        for log in sorted(self.folder.glob("*.log")):
            last = log.read_text("utf-8").splitlines()[-40:]
            print(f"--- {log.name}", *last, sep="\n", file=sys.stderr)

    async def _start(
        self, command: tuple[str, ...], env: dict[str, str], output: int | None
    ) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**os.environ, **self.env, **env},
            stdout=output,
            cwd=ROOT,
        )
        self.programs.append(process)
        return process


async def read_until(process: asyncio.subprocess.Process, pattern: str, what: str) -> re.Match[str]:
    """Read a program's lines until one matches. Raises DemoError when it ends or takes too long."""
    if process.stdout is None:
        raise DemoError(f"{what} has no output")
    try:
        async with asyncio.timeout(START_WITHIN_S):
            async for line in process.stdout:
                if found := re.search(pattern, line.decode()):
                    return found
    except TimeoutError as error:
        raise DemoError(f"{what} takes too long") from error
    raise DemoError(f"{what} ended")


async def read_json(demo: Demo, *arguments: str) -> dict[str, str]:
    """Run the operator's command line with --json, and read its answer."""
    return dict(json.loads(await demo.noroam(*arguments, "--json")))
