"""Transaction ids: a 32-bit counter over all charge points, as OCPP 1.6 asks."""

from sdk.errors import NoroamError

LARGEST = 2**31 - 1


class TransactionIdsUsedUpError(NoroamError):
    """The counter is at its end; none of its ids may be given twice."""


def next_transaction_id(counter: int) -> int:
    """Check what the counter gave. Raises TransactionIdsUsedUpError."""
    if not 0 < counter <= LARGEST:
        raise TransactionIdsUsedUpError(f"no transaction id is left behind {LARGEST}")
    return counter
