"""What an app has to expect from a station; each name and docstring says what it may do."""

from sdk.errors import InvalidInputError, NoroamError, UnavailableError


class StationUntrustedError(InvalidInputError):
    """The station is not who its DID says, or nobody trusted vouches for it: do not pay it."""


class StationUnreachableError(UnavailableError):
    """None of the station's addresses leads to it now; try later."""


class NoAnswerError(UnavailableError):
    """The station did not answer in time; the request may or may not have had its effect."""


class QuoteRefusedError(UnavailableError):
    """The station gives no quote now; `reason` is QuoteRefused's, and says when to ask again."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no quote: {reason}")
        self.reason = reason


class QuoteInvalidError(InvalidInputError):
    """The quote is not what was asked for, or would not protect the driver: do not pay it."""


class ServiceRejectedError(UnavailableError):
    """There is no session; nothing was deposited for it; `reason` is ServiceRejected's."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no session: {reason}")
        self.reason = reason


class RequestRefusedError(InvalidInputError):
    """A request changed nothing; of its reasons only `overloaded` is worth a retry."""

    def __init__(self, request: str, reason: str) -> None:
        super().__init__(f"{request} was refused: {reason}")
        self.request = request
        self.reason = reason


class SettlementDisputedError(InvalidInputError):
    """A proposal or receipt does not follow from the quote and the readings: it is not approved."""


class NoSessionError(NoroamError):
    """This needs a session, and there is none."""


class RefundNotOpenError(UnavailableError):
    """The gated refund opens at `opens_at`, in seconds since 1970 by block time: try then."""

    def __init__(self, opens_at: int) -> None:
        super().__init__(f"the refund opens at {opens_at}")
        self.opens_at = opens_at
