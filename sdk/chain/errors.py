"""Errors of the chain, named by what the caller may do."""

from sdk.errors import InvalidInputError, NoroamError, UnavailableError


class ChainError(NoroamError):
    """Base of all errors of the chain."""


class ChainUnavailableError(ChainError, UnavailableError):
    """No node answers; nothing is known to have changed; look again and retry."""


class TurnLostError(ChainUnavailableError):
    """Another process sends for the account now; nothing was sent; take another turn."""


class JournalUnavailableError(ChainUnavailableError):
    """What was sent for the account can't be read or written; nothing was sent by this call."""


class FeeCapError(ChainUnavailableError):
    """Blocks cost more than the cap on fees allows; wait, or raise the cap."""


class NonceLostError(ChainUnavailableError):
    """A transaction that is not ours took the nonce: ours will never be mined; send anew."""


class WrongChainError(ChainError):
    """The node answers for another chain id than the one configured; mend the settings."""


class TransactionRevertedError(ChainError):
    """The chain refuses the call or transaction; the same one is refused again."""


class InsufficientGasAccountError(ChainError):
    """The gas account can't pay for the transaction; fund it."""


class NonceTakenError(ChainError):
    """Another transaction of the account took this nonce."""


class AlreadyKnownError(NonceTakenError):
    """The node has this very transaction already."""


class FeeTooLowError(ChainError):
    """The node takes no transaction that offers less than the base fee."""


class DepositGoneError(ChainError):
    """The wallet is empty, so paying out of it would void the voucher; nothing was sent."""


class NotATokenError(ChainError, InvalidInputError):
    """There is no ERC-20 at this address."""


class ContractsMissingError(ChainError):
    """A contract is not where the settings say, or has other code."""


class InvalidSignatureError(ChainError, InvalidInputError):
    """A signature is malformed or belongs to no key."""


class KeyFileError(ChainError, InvalidInputError):
    """A keystore file can't be read, or the password is not its own."""


class InvalidChannelError(ChainError, InvalidInputError):
    """No wallet can be made of these owners."""
