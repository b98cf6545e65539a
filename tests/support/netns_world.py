"""A driver and a station that can't reach each other, and a hub that both can dial.

Run under `unshare -Urn`; prints what the driver's app prints. Three network namespaces:

    app 10.77.1.2  ---  internet 10.77.0.1  ---  station 10.77.2.2

The internet has the chain and the hub, and forwards nothing.
"""

import asyncio
import json
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, sleep

SUPPORT = Path(__file__).resolve().parent
ROOT = SUPPORT.parents[1]
INTERNET = "10.77.0.1"
HOMES = {"app": "10.77.1", "station": "10.77.2"}
WITHIN_S = 60.0
DIAL = """
import json, socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1).close()
    print(json.dumps({"error": ""}))
except OSError as error:
    print(json.dumps({"error": type(error).__name__}))
"""


def can_be_made() -> str | None:
    """Tell why there can be no such world here; None where there can."""
    command = ["unshare", "-Urn", "ip", "link", "add", "one", "type", "veth", "peer", "name", "two"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except FileNotFoundError as error:
        return f"{error.filename} is not there"
    return f"network namespaces can't be made: {done.stderr.strip()}" if done.returncode else None


def ip(*words: str, of: int | None = None) -> None:
    """Run `ip` in our namespace, or in that of a process."""
    where = ("nsenter", "-t", str(of), "-n") if of else ()
    subprocess.run([*where, "ip", *words], check=True)


@asynccontextmanager
async def home(name: str, *command: str) -> AsyncIterator[Process]:
    """Start a program in a namespace that is connected with ours, and nothing else.

    It waits for its first line of input until it is.
    """
    net = HOMES[name]
    gate = 'read -r _; exec "$@"'
    process = await asyncio.create_subprocess_exec(
        *("unshare", "-n", "sh", "-c", gate, "sh", sys.executable, *command),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdin is not None
    await asyncio.to_thread(_wait_until_apart, process.pid)
    peer = ("peer", "name", "eth0", "netns", f"/proc/{process.pid}/ns/net")
    ip("link", "add", name, "type", "veth", *peer)
    ip("addr", "add", f"{net}.1/24", "dev", name)
    ip("link", "set", name, "up")
    ip("link", "set", "lo", "up", of=process.pid)
    ip("addr", "add", f"{net}.2/24", "dev", "eth0", of=process.pid)
    ip("link", "set", "eth0", "up", of=process.pid)
    ip("route", "add", "default", "via", f"{net}.1", of=process.pid)
    process.stdin.write(b"\n")
    try:
        yield process
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), WITHIN_S)
        _forget(name)


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def told(process: Process) -> dict[str, str]:
    """Give the next line of a part, which is JSON."""
    assert process.stdout is not None
    async with asyncio.timeout(WITHIN_S):
        line = await process.stdout.readline()
    return dict(json.loads(line))


async def main(folder: str) -> None:
    """Run one session, and print what the app says of it."""
    ip("link", "set", "lo", "up")
    ip("addr", "add", f"{INTERNET}/32", "dev", "lo")
    part = str(SUPPORT / "netns_parts.py")
    internet = await asyncio.create_subprocess_exec(
        *(sys.executable, part, "internet", f"{folder}/internet"), stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    assert internet.stdin is not None
    try:
        given = await told(internet)
        words = (f"{folder}/station", given["chain"], given["hub"])
        async with home("station", part, "station", *words) as station:
            sold = await told(station)
            await _drive(given, sold)
    finally:
        internet.stdin.close()
        await internet.wait()


async def _drive(given: dict[str, str], sold: dict[str, str]) -> None:
    words = ("--qr", sold["qr"], "--authority", sold["authority"], "--json")
    options = ("--deposit", "2", "--stop-after-wh", "400", "--speed-limit", "1000")
    url = f"http://{given['chain']}"
    async with home("app", "-c", DIAL, *sold["direct"].split("/")[2:5:2]) as dial:
        say(json.dumps({"event": "dialled", **await told(dial)}))
    program = str(ROOT / "examples" / "consumer.py")
    async with home("app", program, *words, *options, "--chain-url", url) as app:
        assert app.stdout is not None
        async for line in app.stdout:
            say(line.decode().rstrip())


def _forget(name: str) -> None:
    """Remove a home's link, which may be gone with its namespace already."""
    subprocess.run(["ip", "link", "del", name], check=False, stderr=subprocess.DEVNULL)


def _wait_until_apart(pid: int) -> None:
    """Wait until `unshare` has done its work."""
    ours, theirs = Path("/proc/self/ns/net").readlink(), Path(f"/proc/{pid}/ns/net")
    until = monotonic() + WITHIN_S
    while theirs.readlink() == ours:
        assert monotonic() < until
        sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
