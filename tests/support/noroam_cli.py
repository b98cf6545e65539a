"""The command line as an operator runs it: a process of its own, in a folder of its own.

It is forked from one that has loaded libp2p and web3 already: each command would do that again.
"""

import asyncio
import json
import multiprocessing
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Any

_ROOT = Path(__file__).parents[2]
_SECONDS = 120
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        "sdk.cli",
        "sdk.cli_authority_revoke",
        "sdk.cli_find_search",
        "sdk.cli_identity_owner",
        "sdk.cli_identity_rotate",
        "sdk.cli_identity_show",
        "sdk.cli_onboard_steps",
        "sdk.label",
        "eth_keyfile.keyfile",
    ]
)


@dataclass(frozen=True)
class NoroamCli:
    """Runs `noroam` in `folder` with these variables, and no others."""

    folder: Path
    variables: dict[str, str]

    async def run(self, *arguments: str, **more: str) -> CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT)}
        variables = {**environment, **self.variables, **more}
        return await asyncio.to_thread(_run, arguments, variables, self.folder)

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


def _run(
    arguments: tuple[str, ...], variables: Mapping[str, str], folder: Path
) -> CompletedProcess[str]:
    with TemporaryDirectory() as outputs:
        paths = (Path(outputs, "stdout"), Path(outputs, "stderr"))
        process = _SERVER.Process(target=_noroam, args=(arguments, variables, folder, paths))
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        told, failed = (path.read_text() if path.exists() else "" for path in paths)
        code = process.exitcode
        assert code is not None
        process.close()
    return CompletedProcess(arguments, code, told, failed)


def _noroam(
    arguments: tuple[str, ...],
    variables: Mapping[str, str],
    folder: Path,
    paths: tuple[Path, Path],
) -> None:
    for number, path in enumerate(paths, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["noroam", *arguments]

    from sdk.cli import main  # noqa: PLC0415 - loaded before the fork

    main()
