"""What integration tests share: a local chain, and wallets on it."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import CREATE2_DEPLOYER, Deployment, create2_address
from sdk.chain.channel import Channel, session_id_of
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.safe import ZERO, SafeTx
from sdk.chain.sender import Sender
from sdk.chain.settlement import Payout, execute

CONTRACTS = Path(__file__).parent / "contracts"


@dataclass(frozen=True, slots=True)
class Purse:
    """A channel with both keys, and a chain to use it on."""

    client: ChainClient
    gas: Sender
    channel: Channel
    driver: SigningKey
    station: SigningKey

    def signatures(self, tx: SafeTx) -> dict[str, str]:
        """Sign as both owners."""
        keys = (self.driver, self.station)
        return {key.address: self.channel.sign(tx, key) for key in keys}

    async def deposit(self, amount: int) -> None:
        """Send the chain's token to the wallet."""
        await self.gas.send(self.channel.address, b"", value=amount)

    async def execute(self, tx: SafeTx) -> Payout:
        """Pay out by `tx`."""
        return await execute(self.client, self.gas, self.channel, tx, self.signatures(tx))

    async def balances(self) -> tuple[int, int, int]:
        """Give what station, refund account and wallet hold."""
        channel, read = self.channel, self.client.balance
        return (
            await read(channel.provider, channel.token),
            await read(channel.refund_account, channel.token),
            await read(channel.address, channel.token),
        )


@pytest.fixture(scope="session")
def chain_node() -> Iterator[DevNode]:
    """A local chain for all tests; its time only moves on."""
    node = DevNode(program=os.environ.get("ANVIL"))
    asyncio.run(node.start())
    yield node
    asyncio.run(node.stop())


@pytest.fixture
async def chain(chain_node: DevNode) -> AsyncIterator[ChainClient]:
    """A client of the local chain."""
    client = chain_node.client()
    yield client
    await client.close()


@pytest.fixture
def gas(chain_node: DevNode, chain: ChainClient) -> Sender:
    """The account that pays the gas."""
    return Sender(chain, chain_node.accounts[0])


@pytest.fixture
async def purse(chain: ChainClient, gas: Sender, chain_node: DevNode) -> Callable[..., Purse]:
    """Make a channel with fresh keys, native unless a token is named; T is an hour away.

    Station and refund account hold 1 unit of the chain's token, as accounts in use do.
    """
    opens = (await chain.block()).timestamp + 3600
    station, refund = new_key(), new_key()
    for account in (station, refund):
        await chain_node.fund(account.address, 1)

    def make(token: str = ZERO, refund_account: str = refund.address) -> Purse:
        driver = new_key()
        session_id = session_id_of(secrets.token_hex(32), secrets.token_hex(32))
        channel = Channel(
            chain_id=CHAIN_ID,
            deployment=Deployment(),
            session_id=session_id,
            consumer=driver.address,
            provider=station.address,
            refund_account=refund_account,
            token=token,
            refund_opens_at=opens,
        )
        return Purse(chain, gas, channel, driver, station)

    return make


@pytest.fixture
def put_contract(gas: Sender) -> Callable[[str], Awaitable[str]]:
    """Compile one of the tests' own contracts and put it on the chain; gives its address."""

    async def put(name: str) -> str:
        command = [sys.executable, "-m", "vyper.cli.vyper_compile", "-f", "bytecode"]
        source = CONTRACTS / f"{name}.vy"
        done = await asyncio.to_thread(
            subprocess.run, [*command, str(source)], check=True, capture_output=True, text=True
        )
        code = bytes.fromhex(done.stdout.strip()[2:])
        salt = secrets.token_bytes(32)
        await gas.send(CREATE2_DEPLOYER, salt + code)
        return create2_address(CREATE2_DEPLOYER, salt, keccak(code))

    return put
