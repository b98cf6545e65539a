"""The parts of `netns_world`, each in its namespace: told one line, then alive until stdin ends."""

import asyncio
import json
import os
import sys
from pathlib import Path

from gate import Gate
from machine import SETTINGS, providing
from netns_world import HOMES, INTERNET, say

from sdk.chain.accounts import new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.did.authority import authority_did
from sdk.launcher import SERVICES, Launcher

CHAIN_PORT = 8545


class FarNode:
    """The chain as it is seen from a home."""

    def __init__(self, place: str) -> None:
        self.http_url, self.ws_url = f"http://{place}", f"ws://{place}"

    async def fund(self, account: str, amount: int) -> None:
        """See `DevNode.fund`."""
        client = ChainClient([self.http_url], CHAIN_ID)
        await client.rpc("anvil_setBalance", account, hex(amount))
        await client.close()


async def internet(folder: Path) -> None:
    """Run the chain, for all to reach, and a hub."""
    server = next(service for service in SERVICES if service.name == "p2p_server")
    env = {**SETTINGS, "DATA_DIR": str(folder), "P2P_HOST": INTERNET, "P2P_HUB": "open"}
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        port = int(node.http_url.rpartition(":")[2])
        hub = Launcher((server,), env, out=complain, err=complain)
        async with Gate(INTERNET, CHAIN_PORT, port), hub:
            tell(chain=f"{INTERNET}:{CHAIN_PORT}", hub=hub.urls["p2p_server"])
            await until_stdin_ends()


async def station(folder: Path, chain: str, hub: str) -> None:
    """Run a provider that nobody can dial."""
    address, node, authority = f"{HOMES['station']}.2", FarNode(chain), new_key()
    settings = {"P2P_HOST": address, "P2P_ANNOUNCE": "none", "P2P_HUBS": hub}
    async with providing(folder, node, authority, **settings) as world:  # type: ignore[arg-type]
        one = await world.station()
        await world.charge_point(one)
        direct = world.launcher.urls["p2p_server"]
        tell(qr=one.qr, authority=authority_did(authority, CHAIN_ID), direct=direct)
        await until_stdin_ends()


def complain(line: str) -> None:
    """Pass on what a service says, away from what is told."""
    sys.stderr.write(line + "\n")


def tell(**found: str) -> None:
    """Say what the other parts have to know."""
    say(json.dumps(found))


async def until_stdin_ends() -> None:
    """Wait for whoever started this to let go."""
    await asyncio.to_thread(sys.stdin.read)


async def main(part: str, *words: str) -> None:
    """Run one part."""
    match part:
        case "internet":
            await internet(Path(words[0]))
        case _:
            await station(Path(words[0]), words[1], words[2])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
