"""The command line as an operator runs it: a real process, in a folder of its own."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class NoroamCli:
    """Runs `noroam` in `folder` with these variables."""

    folder: Path
    variables: dict[str, str]

    async def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT)}
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "sdk.cli", *arguments],
            env={**environment, **self.variables, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    async def done(self, *arguments: str, **more: str) -> str:
        """Run what must work, and give what it wrote."""
        result = await self.run(*arguments, **more)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    async def json(self, *arguments: str, **more: str) -> Any:
        """Run what must work, with `--json`, and give what it wrote."""
        return json.loads(await self.done(*arguments, "--json", **more))

    async def refused(self, *arguments: str, code: int = 1, **more: str) -> str:
        """Run what must be refused in one line, and give that line."""
        result = await self.run(*arguments, **more)
        assert result.returncode == code, result.stdout + result.stderr
        line = result.stderr.strip().splitlines()[-1]
        assert line.startswith("noroam: ")
        return line.removeprefix("noroam: ")
