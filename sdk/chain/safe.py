"""A 2-of-2 Safe 1.4.1, computed without a node: its address, its transactions, their signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from sdk.chain.addresses import ZERO, Deployment, create2_address
from sdk.chain.artifacts import bytecode

__all__ = [
    "DELEGATECALL",
    "THRESHOLD",
    "ZERO",
    "SafeTx",
    "create_proxy_call",
    "deploy_and_execute_call",
    "exec_call",
    "join_signatures",
    "multi_send_call",
    "proxy_creation_code",
    "safe_tx_hash",
    "salt_nonce",
    "selector",
    "setup_call",
    "wallet_address",
]

THRESHOLD = 2
DELEGATECALL = 1

_DOMAIN_TYPE = keccak(text="EIP712Domain(uint256 chainId,address verifyingContract)")
_TX_TYPE = keccak(
    text="SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,"
    "uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)


def selector(signature: str) -> bytes:
    """Give the four bytes that name a function."""
    return keccak(text=signature)[:4]


@dataclass(frozen=True, slots=True)
class SafeTx:
    """A transaction of a wallet. Gas is paid by whoever sends it: all gas fields are 0.

    (With a safeTxGas above 0 a failed call would use up the nonce, and every voucher with it.)
    """

    to: str
    data: bytes
    nonce: int
    value: int = 0
    operation: int = DELEGATECALL


def setup_call(owners: Sequence[str], deployment: Deployment) -> bytes:
    """Give the initializer of a wallet that all of `owners` must sign for, without modules."""
    types = ["address[]", "uint256", "address", "bytes", "address", "address", "uint256", "address"]
    handler = deployment.fallback_handler
    arguments = [list(owners), THRESHOLD, ZERO, b"", handler, ZERO, 0, ZERO]
    name = "setup(address[],uint256,address,bytes,address,address,uint256,address)"
    return selector(name) + encode(types, arguments)


def salt_nonce(session_id: str) -> int:
    """Give the wallet's saltNonce: uint256(keccak256(session id))."""
    return int.from_bytes(keccak(bytes.fromhex(session_id.removeprefix("0x"))), "big")


@lru_cache(maxsize=8)
def _proxy_code_hash(singleton: str) -> bytes:
    return keccak(proxy_creation_code() + encode(["address"], [singleton]))


def wallet_address(owners: Sequence[str], session_id: str, deployment: Deployment) -> str:
    """Give the CREATE2 address of the session's wallet, deployed or not.

    Recomputing it from one's own initializer proves owners, threshold and the absence of modules.
    """
    initializer = keccak(setup_call(owners, deployment))
    salt = keccak(initializer + salt_nonce(session_id).to_bytes(32, "big"))
    return create2_address(deployment.proxy_factory, salt, _proxy_code_hash(deployment.safe))


def create_proxy_call(owners: Sequence[str], session_id: str, deployment: Deployment) -> bytes:
    """Give the call to the proxy factory that deploys the session's wallet."""
    arguments = [deployment.safe, setup_call(owners, deployment), salt_nonce(session_id)]
    return selector("createProxyWithNonce(address,bytes,uint256)") + encode(
        ["address", "bytes", "uint256"], arguments
    )


def safe_tx_hash(tx: SafeTx, wallet: str, chain_id: int) -> bytes:
    """Hash a SafeTx by EIP-712; equals the wallet's own getTransactionHash."""
    domain = keccak(_DOMAIN_TYPE + encode(["uint256", "address"], [chain_id, wallet]))
    content = encode(
        ["address", "uint256", "bytes32", "uint8", "uint256", "uint256", "uint256"],
        [tx.to, tx.value, keccak(tx.data), tx.operation, 0, 0, 0],
    ) + encode(["address", "address", "uint256"], [ZERO, ZERO, tx.nonce])
    return keccak(b"\x19\x01" + domain + keccak(_TX_TYPE + content))


def join_signatures(signatures: dict[str, str]) -> bytes:
    """Concatenate owner -> signature as the Safe wants it: by owner address, rising."""
    ordered = sorted(signatures, key=lambda owner: int(owner, 16))
    return b"".join(bytes.fromhex(signatures[owner].removeprefix("0x")) for owner in ordered)


_EXECUTE = (
    "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
)
EXECUTION = selector(_EXECUTE)
"""How a call begins that has a wallet execute something."""


def exec_call(tx: SafeTx, signatures: bytes) -> bytes:
    """Give the call to the wallet that executes `tx`."""
    types = _EXECUTE[_EXECUTE.index("(") + 1 : -1].split(",")
    arguments = [tx.to, tx.value, tx.data, tx.operation, 0, 0, 0, ZERO, ZERO, signatures]
    return EXECUTION + encode(types, arguments)


def deploy_and_execute_call(factory: str, creation: bytes, wallet: str, execution: bytes) -> bytes:
    """Give the call to Payout that deploys a wallet and has it execute, all or none."""
    return selector("deploy_and_execute(address,bytes,address,bytes)") + encode(
        ["address", "bytes", "address", "bytes"], [factory, creation, wallet, execution]
    )


def multi_send_call(calls: Sequence[tuple[str, bytes]]) -> bytes:
    """Give the call to MultiSendCallOnly that makes several plain calls, all or none."""
    packed = b"".join(
        b"\x00"
        + bytes.fromhex(to.removeprefix("0x"))
        + bytes(32)
        + len(data).to_bytes(32, "big")
        + data
        for to, data in calls
    )
    return selector("multiSend(bytes)") + encode(["bytes"], [packed])


def proxy_creation_code() -> bytes:
    """Give SafeProxy's creation code, as SafeProxyFactory carries it."""
    return bytecode("SafeProxy")
