"""A local chain: starts `anvil`, and puts Safe 1.4.1, ERC-1056 and Payout in place.

As a program: `python -m sdk.chain.dev_node --port 8545` stays up until SIGTERM.
"""

import argparse
import asyncio
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.deploying import check_deployment, put_contracts
from sdk.chain.errors import ChainUnavailableError, ContractsMissingError
from sdk.chain.sender import Sender

CHAIN_ID = 31337
_PACKAGED = Path(".tools/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil")
_STARTUP_S = 20.0
_PR_SET_PDEATHSIG = 1
_KEYS = (
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
)
"""anvil's own well-known test keys (from its fixed mnemonic); worthless anywhere else."""


def find_anvil(given: str | None = None) -> str:
    """Find the anvil program: as given, on PATH, or as npm put it beside the project.

    Raises ContractsMissingError naming what to do when there is none.
    """
    packaged = Path(__file__).parents[2] / _PACKAGED
    for candidate in (given, shutil.which("anvil"), str(packaged)):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise ContractsMissingError("anvil is missing: put it on PATH, or name it with ANVIL")


@dataclass(slots=True)
class DevNode:
    """A local chain on loopback; use it as `async with DevNode() as node`.

    With a `state_file` it is the same chain after a restart. Only with `keeps_history` does that
    know balances of older blocks (for about 120 kB a block, written each second).
    """

    port: int = 0
    program: str | None = None
    state_file: Path | None = None
    block_time: float | None = None
    keeps_history: bool = False
    _process: subprocess.Popen[bytes] | None = None

    @property
    def http_url(self) -> str:
        """Where calls go."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """Where subscriptions go."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of anvil."""
        if self._process is None:
            raise ChainUnavailableError("the node is not running")
        return self._process.pid

    @property
    def accounts(self) -> tuple[SigningKey, ...]:
        """Keys that hold 10,000 tokens each."""
        return tuple(SigningKey.from_hex(key) for key in _KEYS)

    def client(self) -> ChainClient:
        """Make a client of this node; the caller closes it."""
        return ChainClient([self.http_url], CHAIN_ID)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start anvil, wait until it answers, and put the contracts in place."""
        self.port = self.port or _free_port()
        command = [find_anvil(self.program), "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--chain-id", str(CHAIN_ID), "--silent", "--slots-in-an-epoch", "1"]
        if self.state_file:
            command += ["--state", str(self.state_file), "--state-interval", "1"]
        if self.keeps_history:
            command += ["--preserve-historical-states"]
        if self.block_time:
            command += ["--mixed-mining", "--block-time", str(self.block_time)]
        self._process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own arguments; quick
            command,
            stdout=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, no Python state
        )
        try:
            await self._wait_until_up()
            await prepare(self.http_url)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop anvil."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        process.send_signal(signal.SIGCONT)
        try:
            await asyncio.to_thread(process.wait, 5)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def kill(self) -> None:
        """Kill anvil at once; `start` goes on from the state file, on the same port.

        The file is written each second: what was mined since the last time is lost.
        """
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)

    def freeze(self) -> None:
        """Stop anvil from answering, without ending it; it stands still when this returns."""
        os.kill(self.pid, signal.SIGSTOP)
        # Unlike the signal's sender, whoever waits for the child knows when all threads stopped.
        os.waitpid(self.pid, os.WUNTRACED)

    def thaw(self) -> None:
        """Let anvil go on after `freeze`."""
        os.kill(self.pid, signal.SIGCONT)

    async def fund(self, account: str, amount: int) -> None:
        """Set what an account holds."""
        await self._rpc("anvil_setBalance", account, hex(amount))

    async def set_automine(self, on: bool) -> None:  # noqa: FBT001 - as the node's own call
        """Mine each transaction at once, or only when told to."""
        await self._rpc("evm_setAutomine", on)

    async def set_base_fee(self, fee: int) -> None:
        """Set the base fee of the next block, in wei per gas."""
        await self._rpc("anvil_setNextBlockBaseFeePerGas", hex(fee))

    async def drop_transaction(self, transaction_hash: str) -> None:
        """Forget a transaction that waits."""
        await self._rpc("anvil_dropTransaction", transaction_hash)

    async def mine(self, blocks: int = 1) -> None:
        """Mine empty blocks."""
        await self._rpc("anvil_mine", hex(blocks))

    async def set_time(self, timestamp: int) -> None:
        """Mine a block at `timestamp`, seconds since 1970; time goes on from there."""
        await self._rpc("evm_setNextBlockTimestamp", hex(timestamp))
        await self.mine()

    async def increase_time(self, seconds: int) -> None:
        """Mine a block `seconds` later; time goes on from there."""
        await self._rpc("evm_increaseTime", hex(seconds))
        await self.mine()

    async def reorganise(self, depth: int) -> None:
        """Replace the newest `depth` blocks by empty ones."""
        await self._rpc("anvil_reorg", depth, [])

    async def _rpc(self, method: str, *params: object) -> None:
        client = self.client()
        try:
            await client.rpc(method, *params)
        finally:
            await client.close()

    async def _wait_until_up(self) -> None:
        client = self.client()
        try:
            async with asyncio.timeout(_STARTUP_S):
                while not await self._answers(client):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise ChainUnavailableError("anvil does not answer") from error
        finally:
            await client.close()

    async def _answers(self, client: ChainClient) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise ChainUnavailableError("anvil ended at once; is the port free?")
        try:
            await client.block()
        except ChainUnavailableError:
            return False
        return True


async def prepare(url: str, chain_id: int = CHAIN_ID) -> Deployment:
    """Put the contracts on a development node where they are missing; gives their addresses."""
    client = ChainClient([url], chain_id)
    try:
        deployment = Deployment()
        await put_contracts(client, Sender(client, SigningKey.from_hex(_KEYS[0])), deployment)
        await check_deployment(client, deployment)
        return deployment
    finally:
        await client.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def _run(port: int, program: str | None, state_file: Path | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with DevNode(port, program, state_file) as node:
        print(f"ready dev_node {node.ws_url}", flush=True)  # noqa: T201 - the launcher reads it
        await stopping.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a local chain until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sdk.chain.dev_node", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    anvil = os.environ.get("ANVIL")
    parser.add_argument(
        "--anvil", default=anvil, help="the anvil program; default: ANVIL, PATH, npm's"
    )
    parser.add_argument("--state", type=Path, help="keep the chain in this file")
    given = parser.parse_args(arguments)
    asyncio.run(_run(given.port, given.anvil, given.state))


if __name__ == "__main__":
    main()
