"""Where the contracts are: the canonical addresses, as settings may override them."""

from dataclasses import dataclass
from functools import cache

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from sdk.chain.artifacts import ContractName, bytecode, runtime

CREATE2_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""Arachnid's deterministic deployer: its input is salt and creation code."""
SAFE_DEPLOYER = "0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7"
"""Safe's singleton factory; the same code as Arachnid's deployer."""
SALT_ZERO = bytes(32)
ZERO = "0x" + "0" * 40
"""No account; as a token, the chain's own."""


def create2_address(deployer: str, salt: bytes, code_hash: bytes) -> str:
    """Give the address of a contract made by CREATE2 (EIP-1014)."""
    preimage = b"\xff" + bytes.fromhex(deployer.removeprefix("0x")) + salt + code_hash
    return to_checksum_address(keccak(preimage)[12:])


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts that wallets and identities use on one chain.

    The defaults hold on every chain where the contracts were put by their deterministic deployers.
    """

    safe: str = "0x41675C099F32341bf84BFc5382aF534df5C7461a"
    proxy_factory: str = "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"
    fallback_handler: str = "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"
    multi_send: str = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"
    did_registry: str = ""
    payout: str = ""

    def __post_init__(self) -> None:
        if not self.did_registry:
            registry = deterministic_address("EthereumDIDRegistry")
            object.__setattr__(self, "did_registry", registry)
        if not self.payout:
            object.__setattr__(self, "payout", deterministic_address("Payout"))

    def code_hashes(self) -> dict[str, bytes]:
        """Give the keccak-256 that the code at each address must have."""
        hashes = {
            self.safe: keccak(runtime("Safe")),
            self.proxy_factory: keccak(runtime("SafeProxyFactory")),
            self.fallback_handler: keccak(runtime("CompatibilityFallbackHandler")),
            self.multi_send: keccak(runtime("MultiSendCallOnly")),
            self.did_registry: keccak(runtime("EthereumDIDRegistry")),
            self.payout: keccak(runtime("Payout")),
        }
        hashes.pop(ZERO, None)  # wallets may do without a fallback handler
        return hashes


@cache
def deterministic_address(contract: ContractName) -> str:
    """Give where Arachnid's deployer puts a contract at salt 0."""
    return create2_address(CREATE2_DEPLOYER, SALT_ZERO, keccak(bytecode(contract)))
