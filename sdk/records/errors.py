"""What can be wrong with stored sessions."""

from sdk.errors import InvalidInputError


class CorruptRecordError(InvalidInputError):
    """Stored bytes are no row, curve or record that this version can read."""


class UnknownRecordError(InvalidInputError):
    """There is no record of such a session."""
