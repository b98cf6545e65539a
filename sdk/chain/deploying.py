"""Puts the contracts on a chain, and checks that what stands there is what we know."""

from eth_utils.crypto import keccak

from sdk.chain.addresses import CREATE2_DEPLOYER, SAFE_DEPLOYER, SALT_ZERO, Deployment
from sdk.chain.artifacts import ContractName, bytecode
from sdk.chain.client import ChainClient
from sdk.chain.errors import ContractsMissingError
from sdk.chain.sender import Sender


async def check_deployment(client: ChainClient, deployment: Deployment) -> None:
    """Compare the code at each address with the committed one. Raises ContractsMissingError."""
    for address, wanted in deployment.code_hashes().items():
        code = await client.code(address)
        if keccak(code) != wanted:
            raise ContractsMissingError(f"{address} has {'other' if code else 'no'} code")


async def put_contracts(client: ChainClient, sender: Sender, deployment: Deployment) -> None:
    """Deploy what is missing on a development node; `sender` pays. Raises ContractsMissingError.

    Safe's own deployer has the code of Arachnid's, which such nodes bring along.
    """
    deployer_code = "0x" + (await client.code(CREATE2_DEPLOYER)).hex()
    await client.rpc("anvil_setCode", SAFE_DEPLOYER, deployer_code)
    places: list[tuple[str, ContractName, str]] = [
        (SAFE_DEPLOYER, "Safe", deployment.safe),
        (SAFE_DEPLOYER, "SafeProxyFactory", deployment.proxy_factory),
        (SAFE_DEPLOYER, "CompatibilityFallbackHandler", deployment.fallback_handler),
        (SAFE_DEPLOYER, "MultiSendCallOnly", deployment.multi_send),
        (CREATE2_DEPLOYER, "EthereumDIDRegistry", deployment.did_registry),
        (CREATE2_DEPLOYER, "Payout", deployment.payout),
    ]
    for deployer, name, address in places:
        if not await client.code(address):
            await sender.send(deployer, SALT_ZERO + bytecode(name))
        if not await client.code(address):
            raise ContractsMissingError(f"{name} is not at {address}")
