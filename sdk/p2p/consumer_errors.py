"""What an app has to expect from a station; each error says in `advice` what it may do."""

from sdk.errors import InvalidInputError, NoroamError, UnavailableError
from sdk.p2p.advice import QUOTE_ADVICE, REQUEST_ADVICE, RETRY_AFTER, SERVICE_ADVICE, Advice


class ConsumerError(NoroamError):
    """Base of them; `retry_after` is in seconds, where the advice is `later`."""

    advice: Advice = "mend"
    retry_after: float | None = None


class StationUntrustedError(ConsumerError, InvalidInputError):
    """The station is not who its DID says, or nobody trusted vouches for it: do not pay it."""

    advice: Advice = "do_not_pay"


class StationUnreachableError(ConsumerError, UnavailableError):
    """None of the station's addresses leads to it now; try later."""

    advice: Advice = "later"
    retry_after = 5.0


class NoAnswerError(ConsumerError, UnavailableError):
    """The station did not answer in time; the request may or may not have had its effect."""

    advice: Advice = "look_first"


class StationBusyError(NoAnswerError):
    """The station, its hub or our own limit there has no room for the request: try later."""

    advice: Advice = "later"

    def __init__(self, request: str, reason: str) -> None:
        super().__init__(f"{request} was refused: {reason}")
        self.reason = reason
        self.retry_after = RETRY_AFTER[reason]


class QuoteRefusedError(ConsumerError, UnavailableError):
    """The station gives no quote now; `reason` is QuoteRefused's."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no quote: {reason}")
        self.reason = reason
        self.advice = QUOTE_ADVICE.get(reason, "other_station")
        self.retry_after = RETRY_AFTER.get(reason)


class QuoteInvalidError(ConsumerError, InvalidInputError):
    """The quote is not what was asked for, or would not protect the driver: do not pay it."""

    advice: Advice = "do_not_pay"


class ServiceRejectedError(ConsumerError, UnavailableError):
    """There is no session; nothing was deposited for it.

    `reason` is ServiceRejected's, or, where only the session itself told, its failure or phase.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"no session: {reason}")
        self.reason = reason
        self.advice = SERVICE_ADVICE.get(reason, "new_quote")
        self.retry_after = RETRY_AFTER.get(reason)


class RequestRefusedError(ConsumerError, InvalidInputError):
    """A request changed nothing; `reason` is RequestRefused's."""

    def __init__(self, request: str, reason: str) -> None:
        super().__init__(f"{request} was refused: {reason}")
        self.request = request
        self.reason = reason
        self.advice = REQUEST_ADVICE.get(reason, "mend")
        self.retry_after = RETRY_AFTER.get(reason)


class SettlementDisputedError(ConsumerError, InvalidInputError):
    """A proposal or receipt does not follow from the quote and the readings: it is not approved."""

    advice: Advice = "refund_later"


class NoSessionError(ConsumerError):
    """This needs a session, and there is none."""

    advice: Advice = "new_quote"


class RefundNotOpenError(ConsumerError, UnavailableError):
    """The gated refund opens at `opens_at`, in seconds since 1970 by block time: try then."""

    advice: Advice = "refund_later"

    def __init__(self, opens_at: int) -> None:
        super().__init__(f"the refund opens at {opens_at}")
        self.opens_at = opens_at
