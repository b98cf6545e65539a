"""What is measured of payouts: their gas, and how soon they are sent after the last reading."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import perf_counter

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from websockets.asyncio.client import connect

from benchmarks.charge_point import BareChargePoint, plugged_in
from benchmarks.figures import percentile
from benchmarks.machine import PASSWORD, ROOT, TOKEN, Machine
from benchmarks.parts import Values
from sdk.chain.accounts import new_key
from sdk.chain.addresses import CREATE2_DEPLOYER, Deployment, create2_address
from sdk.chain.channel import Channel
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.safe import ZERO, selector
from sdk.chain.sender import Sender
from sdk.chain.settlement import execute
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_events import LAST, StatusChanged

PAYOUTS = 10
WITHIN_S = 30.0
DEPOSIT, SPENT = 5 * TOKEN, 1_234_500_000_000_000_000


class UnpaidError(Exception):
    """A session went another way than to its payout."""


async def settlement_gas(machine: Machine) -> Values:
    """Pay out one wallet, as the Session Manager does: the gas account sends."""

    async def fund(address: str, amount: int) -> None:
        await machine.pay(address, amount)

    return {"settlement.gas": await _gas(machine, ZERO, fund)}


async def settlement_gas_erc20(machine: Machine) -> Values:
    """The same for a token whose contract does no more than it must."""
    sender = Sender(machine.client, machine.node.accounts[3])
    token = await _token(sender)

    async def fund(address: str, amount: int) -> None:
        data = selector("mint(address,uint256)")
        data += bytes.fromhex(address[2:]).rjust(32, b"\0") + amount.to_bytes(32)
        await sender.send(token, data)

    return {"settlement.gas_erc20": await _gas(machine, token, fund)}


async def stop_to_sent(machine: Machine) -> Values:
    """End transactions at the charge point; from its StopTransaction until the payout is sent.

    On the way are the proposal and the approval of an app.
    """
    name = "BENCH-STOP"
    did = await machine.add_station(name)
    gateway = machine.launcher.urls["cpg"]
    samples: list[float] = []
    async with plugged_in(gateway, name, PASSWORD) as charge_point:
        for _ in range(PAYOUTS):
            await machine.until_ready(name)
            async with machine.app(did) as app, _sent(machine.node.ws_url) as sent:
                await _charge(machine, charge_point, app)
                _drain(sent)
                began = perf_counter()
                await charge_point.end()
                async with asyncio.timeout(WITHIN_S):
                    samples.append((await sent.get() - began) * 1000)
                await _until(app, lambda event: isinstance(event, LAST))
    return {"settlement.stop_to_sent": percentile(samples, 50)}


async def _gas(machine: Machine, token: str, fund: Callable[[str, int], Awaitable[None]]) -> float:
    station, driver, refund = new_key(), new_key(), new_key()
    opens_at = (await machine.client.block()).timestamp + 3600
    channel = Channel(
        chain_id=CHAIN_ID,
        deployment=Deployment(),
        session_id="0x" + secrets.token_hex(32),
        consumer=driver.address,
        provider=station.address,
        refund_account=refund.address,
        token=token,
        refund_opens_at=opens_at,
    )
    for address, amount in (
        (station.address, TOKEN),
        (refund.address, TOKEN),
        (channel.address, DEPOSIT),
    ):
        await fund(address, amount)
    voucher = channel.voucher(SPENT)
    signatures = {key.address: channel.sign(voucher, key) for key in (station, driver)}
    sender = Sender(machine.client, machine.node.accounts[2])
    payout = await execute(machine.client, sender, channel, voucher, signatures)
    return payout.gas_used


async def _token(sender: Sender) -> str:
    source = ROOT / "tests" / "integration" / "contracts" / "Token.vy"
    command = [sys.executable, "-m", "vyper.cli.vyper_compile", "-f", "bytecode", str(source)]
    done = await asyncio.to_thread(
        subprocess.run, command, check=True, capture_output=True, text=True
    )
    code, salt = bytes.fromhex(done.stdout.strip()[2:]), secrets.token_bytes(32)
    await sender.send(CREATE2_DEPLOYER, salt + code)
    return to_checksum_address(create2_address(CREATE2_DEPLOYER, salt, keccak(code)))


@asynccontextmanager
async def _sent(ws_url: str) -> AsyncIterator[asyncio.Queue[float]]:
    """Hear the moment of each transaction that reaches the node."""
    moments: asyncio.Queue[float] = asyncio.Queue()
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe"}
    async with connect(ws_url) as socket, asyncio.TaskGroup() as tasks:
        await socket.send(json.dumps({**request, "params": ["newPendingTransactions"]}))
        await socket.recv()

        async def listen() -> None:
            async for _ in socket:
                moments.put_nowait(perf_counter())

        listening = tasks.create_task(listen())
        yield moments
        listening.cancel()


def _drain(moments: asyncio.Queue[float]) -> None:
    while not moments.empty():
        moments.get_nowait()


async def _charge(machine: Machine, charge_point: BareChargePoint, app: Consumer) -> None:
    quote = await app.quote(1, DEPOSIT)
    await app.start(quote, machine.pay)
    await _until(app, lambda event: _has_phase(event, "charging"))
    charge_point.meter_wh += 100
    await charge_point.meter_values()
    await _until(app, lambda event: isinstance(event, StatusChanged) and event.status.energy_wh > 0)


def _has_phase(event: object, phase: str) -> bool:
    return isinstance(event, StatusChanged) and event.status.phase == phase


async def _until(app: Consumer, holds: Callable[[object], bool]) -> None:
    while True:
        event = await app.next_event(WITHIN_S)
        if holds(event):
            return
        if event is None or isinstance(event, LAST):
            raise UnpaidError(f"the session does not go on: {event}")
