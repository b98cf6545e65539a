"""The committed contracts: ABI and bytecode, read once."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal

ContractName = Literal[
    "Safe",
    "SafeProxy",
    "SafeProxyFactory",
    "CompatibilityFallbackHandler",
    "MultiSendCallOnly",
    "EthereumDIDRegistry",
    "Payout",
]


@cache
def artifact(name: ContractName) -> dict[str, Any]:
    """Read one contract's `abi`, `bytecode` and `deployedBytecode` (0x hex)."""
    text = files("sdk.chain").joinpath("contracts", f"{name}.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def bytecode(name: ContractName) -> bytes:
    """Give the creation code."""
    return bytes.fromhex(artifact(name)["bytecode"].removeprefix("0x"))


def runtime(name: ContractName) -> bytes:
    """Give the code as it stands on the chain."""
    return bytes.fromhex(artifact(name)["deployedBytecode"].removeprefix("0x"))
