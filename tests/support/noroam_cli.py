"""The command line as an operator runs it: a process of its own, in a folder of its own."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen
from typing import Any

from forked_program import ForkedProgram

CONSOLE_SCRIPT = Path(sys.executable).parent / "noroam"
NOROAM = ForkedProgram(
    "sdk.cli:main",
    (
        "sdk.cli",
        "sdk.cli_authority_revoke",
        "sdk.cli_find_search",
        "sdk.cli_identity_owner",
        "sdk.cli_identity_rotate",
        "sdk.cli_identity_show",
        "sdk.cli_onboard_steps",
        "sdk.label",
        "eth_keyfile.keyfile",
        "Crypto.Hash.keccak",
        "zeroconf.asyncio",
    ),
)


@dataclass(frozen=True)
class NoroamCli:
    """Runs `noroam` in `folder` with these variables, and no others."""

    folder: Path
    variables: dict[str, str]

    def ended(self, *arguments: str, stdin: str = "", **more: str) -> CompletedProcess[str]:
        """Run it to its end, and let everything else wait."""
        return NOROAM.run(("noroam", *arguments), self.variables | more, self.folder, stdin)

    async def run(self, *arguments: str, stdin: str = "", **more: str) -> CompletedProcess[str]:
        """Run it to its end beside everything else."""
        return await asyncio.to_thread(self.ended, *arguments, stdin=stdin, **more)

    def start(self, *arguments: str, **more: str) -> Popen[str]:
        """Start the installed console script itself."""
        return Popen(
            [CONSOLE_SCRIPT, *arguments],
            env={"PATH": os.environ["PATH"], **self.variables, **more},
            cwd=self.folder,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            text=True,
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
