"""The one-way payment channel on a 2-of-2 Safe: what is signed by whom. Pure.

Nonce 0 pays the session out once: by a voucher, or after `refund_opens_at` by the gated refund.
Nonce 1 sweeps what came in later.
"""

from dataclasses import dataclass
from functools import cached_property

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from sdk.chain.accounts import SigningKey, recover_digest
from sdk.chain.addresses import Deployment
from sdk.chain.errors import InvalidChannelError, InvalidSignatureError
from sdk.chain.safe import THRESHOLD, SafeTx, safe_tx_hash, selector, wallet_address

PAY = selector("pay(uint256,address,address,uint256,address)")
"""The selector of Payout.pay."""


def session_id_of(consumer_nonce: str, provider_nonce: str) -> str:
    """Give the session id: keccak256 of both sides' 32-byte nonces, consumer's first."""
    return "0x" + keccak(_bytes32(consumer_nonce) + _bytes32(provider_nonce)).hex()


@dataclass(frozen=True)
class Channel:
    """One session's wallet, and the transactions that it may make.

    `consumer` is the driver's session key, `provider` the station's account: the two owners.
    `token` is the zero address for the chain's own. `refund_opens_at` is block time in seconds.
    """

    chain_id: int
    deployment: Deployment
    session_id: str
    consumer: str
    provider: str
    refund_account: str
    token: str
    refund_opens_at: int

    def __post_init__(self) -> None:
        """Refuse owners of whom no wallet can be made. Raises InvalidChannelError."""
        try:
            owners = {int(self.consumer, 16), int(self.provider, 16)}
        except ValueError as error:
            raise InvalidChannelError("an owner is an address") from error
        if len(owners) != THRESHOLD or owners & {0, 1}:
            raise InvalidChannelError("a wallet needs two owners that differ")

    @cached_property
    def owners(self) -> tuple[str, str]:
        """The two owners in the order of the wallet's initializer."""
        return (self.consumer, self.provider)

    @cached_property
    def address(self) -> str:
        """The wallet's address, deployed or not."""
        return wallet_address(self.owners, self.session_id, self.deployment)

    def voucher(self, spent: int) -> SafeTx:
        """Pay `spent` to the provider and the rest back; nonce 0."""
        return self._payout(0, spent, nonce=0)

    def gated_refund(self) -> SafeTx:
        """Pay all back, at or after `refund_opens_at`; nonce 0."""
        return self._payout(self.refund_opens_at, 0, nonce=0)

    def sweep(self) -> SafeTx:
        """Pay back what came in after the payout; nonce 1."""
        return self._payout(0, 0, nonce=1)

    def digest(self, tx: SafeTx) -> bytes:
        """Give the SafeTx hash that owners sign."""
        return safe_tx_hash(tx, self.address, self.chain_id)

    def sign(self, tx: SafeTx, key: SigningKey) -> str:
        """Sign `tx` for this wallet."""
        return key.sign_digest(self.digest(tx))

    def is_signed_by(self, tx: SafeTx, signature: str, owner: str) -> bool:
        """Tell whether `signature` is the one of `owner` over exactly `tx`."""
        try:
            signer = recover_digest(self.digest(tx), signature)
        except InvalidSignatureError:
            return False
        return signer.lower() == owner.lower()

    def _payout(self, not_before: int, spent: int, *, nonce: int) -> SafeTx:
        arguments = [not_before, self.token, self.provider, spent, self.refund_account]
        types = ["uint256", "address", "address", "uint256", "address"]
        return SafeTx(self.deployment.payout, PAY + encode(types, arguments), nonce)


def _bytes32(value: str) -> bytes:
    raw = bytes.fromhex(value.removeprefix("0x"))
    if len(raw) != 32:  # noqa: PLR2004 - it is what bytes32 means
        raise ValueError("a nonce is 32 bytes in hex")
    return raw
