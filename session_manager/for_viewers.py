"""What viewers are shown of what names a driver: nothing by which one is known again. Pure."""

import orjson

from sdk.disputes import Dispute
from sdk.settings import MASK
from session_manager.console_page import PageObject


def dispute_for_viewers(dispute: Dispute) -> Dispute:
    """Mask the driver's accounts, also where the advice names them."""
    accounts = [each for each in (dispute.wallet, dispute.refund_account) if each]
    advice = dispute.advice
    for account in accounts:
        advice = tuple(line.replace(account, MASK) for line in advice)
    return dispute.model_copy(
        update={
            "wallet": dispute.wallet and MASK,
            "refund_account": dispute.refund_account and MASK,
            "advice": advice,
        }
    )


def object_for_viewers(kind: str, shown: PageObject) -> PageObject:
    """Give an object of the live page without the driver: a receipt names who charged."""
    if kind == "session":
        return {**shown, "receipt": None}
    if kind == "disputes":
        read = (Dispute.model_validate_json(orjson.dumps(each)) for each in shown["disputes"])
        masked = [dispute_for_viewers(each).model_dump(mode="json") for each in read]
        return {**shown, "disputes": masked}
    return shown
