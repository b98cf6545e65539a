"""What an app may do about each reason that a station gives, PURE."""

from collections.abc import Mapping
from typing import Literal

Advice = Literal[
    "retry",
    "later",
    "look_first",
    "new_quote",
    "change_request",
    "other_connector",
    "other_station",
    "do_not_pay",
    "refund_later",
    "mend",
]
"""What the caller may do.

- `retry`: the same again, at once; it is signed anew
- `later`: the same again, after `retry_after` seconds
- `look_first`: it may have had its effect, or the session has moved on; see how that stands
- `new_quote`: nothing was paid; ask for a quote again
- `change_request`: ask with another deposit or token
- `other_connector`, `other_station`: this one can't serve now
- `do_not_pay`: give this station nothing
- `refund_later`: what was deposited can be taken back, once `Consumer.refund` is open
- `mend`: a fault of the app or of its settings
"""

QUOTE_ADVICE: Mapping[str, Advice] = {
    "busy": "other_connector",
    "connector_unavailable": "other_connector",
    "connector_faulted": "other_connector",
    "transaction_open": "other_connector",
    "unknown_connector": "other_connector",
    "offline": "other_station",
    "not_onboarded": "other_station",
    "token_not_allowed": "change_request",
    "deposit_too_small": "change_request",
    "chain_unavailable": "later",
    "gas_account_low": "other_station",
}
"""For each reason of QuoteRefused."""

SERVICE_ADVICE: Mapping[str, Advice] = {
    "busy": "other_connector",
    "connector_unavailable": "other_connector",
    "connector_faulted": "other_connector",
    "transaction_open": "other_connector",
    "offline": "other_station",
    "chain_unavailable": "later",
    "quote_expired": "new_quote",
    "quote_invalid": "new_quote",
    "voucher_invalid": "mend",
    "session_used": "new_quote",
    "deposit_missing": "refund_later",
    "stopped_before_start": "refund_later",
}
"""For each reason of ServiceRejected."""

REQUEST_ADVICE: Mapping[str, Advice] = {
    "bad_payload": "mend",
    "bad_signature": "mend",
    "wrong_station": "do_not_pay",
    "wrong_session": "new_quote",
    "not_your_session": "mend",
    "replayed": "retry",
    "expired": "retry",
    "not_now": "look_first",
    "voucher_invalid": "look_first",
    "overloaded": "later",
    "unknown_station": "other_station",
    "unknown_type": "mend",
    "too_many_requests": "later",
}
"""For each reason of RequestRefused."""

RETRY_AFTER: Mapping[str, float] = {
    "overloaded": 2.0,
    "too_many_requests": 5.0,
    "chain_unavailable": 15.0,
}
"""Seconds, for each reason whose advice is `later`."""
