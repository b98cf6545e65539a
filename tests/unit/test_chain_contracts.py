"""The committed contracts: where they come to stand, and that Payout is its source compiled."""

import json
import re
import subprocess
import sys
from importlib.resources import files

import pytest
from eth_utils.crypto import keccak

from sdk.chain.addresses import SAFE_DEPLOYER, SALT_ZERO, Deployment, create2_address
from sdk.chain.artifacts import ContractName, artifact, bytecode, runtime
from sdk.chain.safe import proxy_creation_code

CANONICAL: list[tuple[ContractName, str]] = [
    ("Safe", "0x41675C099F32341bf84BFc5382aF534df5C7461a"),
    ("SafeProxyFactory", "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"),
    ("CompatibilityFallbackHandler", "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"),
    ("MultiSendCallOnly", "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"),
]


@pytest.mark.parametrize(("name", "address"), CANONICAL)
def test_safe_bytecode_gives_the_published_addresses(name: ContractName, address: str) -> None:
    assert create2_address(SAFE_DEPLOYER, SALT_ZERO, keccak(bytecode(name))) == address


def test_addresses_of_our_own_contracts_do_not_move_unnoticed() -> None:
    deployment = Deployment()
    assert deployment.did_registry == "0xcFc526Abf26F38de8fA91b7fb16C01E4D53E4E2D"
    assert deployment.payout == "0xE81461684e5F09469Cc3cf929e18214E02eCE0Cd"


def test_every_contract_has_a_pinned_code_hash() -> None:
    deployment = Deployment()
    assert set(deployment.code_hashes()) == {
        deployment.safe,
        deployment.proxy_factory,
        deployment.fallback_handler,
        deployment.multi_send,
        deployment.did_registry,
        deployment.payout,
    }
    hashes = deployment.code_hashes()
    assert hashes[deployment.safe] == keccak(runtime("Safe"))


def test_the_factory_carries_the_proxy_that_addresses_are_computed_from() -> None:
    assert proxy_creation_code() in runtime("SafeProxyFactory")


def test_payout_is_its_source_compiled() -> None:
    source = files("sdk.chain").joinpath("contracts", "Payout.vy")
    command = [sys.executable, "-m", "vyper.cli.vyper_compile"]
    command += ["-f", "abi,bytecode,bytecode_runtime", str(source)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    abi, creation, code = output.strip().splitlines()
    committed = artifact("Payout")
    assert json.loads(abi) == committed["abi"]
    assert creation == committed["bytecode"]
    assert code == committed["deployedBytecode"]


def test_payout_keeps_no_storage() -> None:
    source = files("sdk.chain").joinpath("contracts", "Payout.vy").read_text("utf-8")
    declared = re.findall(r"^(\w+): (?!constant)\S+", source, flags=re.MULTILINE)
    assert declared == []
