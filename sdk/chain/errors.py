"""Errors of the chain, named by what the caller may do."""

from sdk.errors import InvalidInputError, NoroamError, UnavailableError


class ChainError(NoroamError):
    """Base of all errors of the chain."""


class ChainUnavailableError(ChainError, UnavailableError):
    """No node answers; nothing is known to have changed; look again and retry."""


class WrongChainError(ChainError):
    """The node answers for another chain id than the one configured; mend the settings."""


class TransactionRevertedError(ChainError):
    """The chain refuses the call or transaction; the same one is refused again."""


class InsufficientGasAccountError(ChainError):
    """The gas account can't pay for the transaction; fund it."""


class NonceTakenError(ChainError):
    """Another transaction of the account took this nonce, or the node has this very one already."""


class ContractsMissingError(ChainError):
    """A contract is not where the settings say, or has other code."""


class InvalidSignatureError(ChainError, InvalidInputError):
    """A signature is malformed or belongs to no key."""


class KeyFileError(ChainError, InvalidInputError):
    """A keystore file can't be read, or the password is not its own."""


class InvalidChannelError(ChainError, InvalidInputError):
    """No wallet can be made of these owners."""
