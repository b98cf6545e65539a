"""The reference resolver of did:ethr (npm `ethr-did-resolver`), run on Node."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID

_TOOLS = Path(__file__).parents[2] / ".tools"
_PROGRAM = Path(__file__).with_suffix(".mjs")


@dataclass
class EthrReference:
    """One process that resolves DIDs of a local chain."""

    process: asyncio.subprocess.Process

    async def resolve(self, did: str, block: int | None = None) -> dict[str, Any]:
        """Give the whole result (`didDocument`, `didDocumentMetadata`); numbers are doubles."""
        url = did if block is None else f"{did}?versionId={block}"
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{url}\n".encode())
        line = await asyncio.wait_for(self.process.stdout.readline(), 30)
        result: dict[str, Any] = as_doubles(line.decode())
        assert "error" not in result["didResolutionMetadata"], result
        return result


def as_doubles(text: str) -> Any:
    """Read JSON as JavaScript does: each number is a double."""
    return json.loads(text, parse_int=float)


@asynccontextmanager
async def ethr_reference(url: str) -> AsyncIterator[EthrReference]:
    """Run the reference resolver against the chain at `url`."""
    node = shutil.which("node")
    assert node is not None, "Node is needed: see .tools/needs.sh"
    process = await asyncio.create_subprocess_exec(
        *(node, str(_PROGRAM), str(_TOOLS), url, str(CHAIN_ID), Deployment().did_registry),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    try:
        yield EthrReference(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
