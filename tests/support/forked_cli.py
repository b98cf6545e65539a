"""The command line in a process of its own that need not load libp2p and web3 each time."""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

_SECONDS = 60
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["sdk.cli", "sdk.cli_find_search"])


async def run_forked(
    arguments: Sequence[str], variables: Mapping[str, str], folder: Path
) -> CompletedProcess[str]:
    """Run `noroam` with these arguments and no other variables; `folder` keeps what it writes."""
    return await asyncio.to_thread(_run, arguments, dict(variables), folder)


def _run(
    arguments: Sequence[str], variables: dict[str, str], folder: Path
) -> CompletedProcess[str]:
    paths = (folder / "stdout", folder / "stderr")
    process = _SERVER.Process(target=_noroam, args=(tuple(arguments), variables, paths))
    process.start()
    process.join(_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
    told, failed = (path.read_text() for path in paths)
    code = process.exitcode
    assert code is not None
    process.close()
    return CompletedProcess(arguments, code, told, failed)


def _noroam(
    arguments: tuple[str, ...], variables: dict[str, str], paths: tuple[Path, Path]
) -> None:
    for number, path in enumerate(paths, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["noroam", *arguments]

    from sdk.cli import main  # noqa: PLC0415 - loaded before the fork

    main()
