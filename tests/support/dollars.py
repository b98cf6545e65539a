"""A token of 6 decimals for end-to-end tests; its address is known before it is there."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from sdk.chain.addresses import CREATE2_DEPLOYER, create2_address
from sdk.chain.client import ChainClient
from sdk.chain.safe import selector
from sdk.chain.sender import Sender

SOURCE = Path(__file__).resolve().parents[1] / "e2e" / "contracts" / "Dollar.vy"
DOLLAR = 10**6


@dataclass(frozen=True)
class Dollars:
    """One such token; another `salt` makes another one."""

    code: bytes
    salt: bytes = bytes(32)

    @property
    def address(self) -> str:
        return create2_address(CREATE2_DEPLOYER, self.salt, keccak(self.code))

    async def put(self, gas: Sender) -> str:
        """Put the contract on the chain."""
        await gas.send(CREATE2_DEPLOYER, self.salt + self.code)
        return self.address

    async def mint(self, gas: Sender, account: str, amount: int) -> None:
        """Give an account so much more."""
        call = selector("mint(address,uint256)")
        await gas.send(self.address, call + encode(["address", "uint256"], [account, amount]))

    async def balance(self, client: ChainClient, account: str) -> int:
        return await client.balance(account, self.address)


def compiled() -> bytes:
    """Compile the contract."""
    command = [sys.executable, "-m", "vyper.cli.vyper_compile", "-f", "bytecode", str(SOURCE)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return bytes.fromhex(done.stdout.strip()[2:])
