"""What viewers are shown: all but who drives, and who of the operators asked."""

from sdk.disputes import Dispute
from sdk.settings import MASK
from session_manager.api.event_shown import shown
from session_manager.for_viewers import dispute_for_viewers, object_for_viewers

WALLET, ACCOUNT = "0x" + "11" * 20, "0x" + "22" * 20
DISPUTE = Dispute(
    charge_point_id="CP-1",
    session_id="s1",
    deposit=5,
    wallet=WALLET,
    refund_account=ACCOUNT,
    advice=(f"Look at {WALLET} and {ACCOUNT}.",),
)


def test_a_dispute_names_no_account_of_the_driver() -> None:
    masked = dispute_for_viewers(DISPUTE)
    assert (masked.wallet, masked.refund_account) == (MASK, MASK)
    assert masked.advice == (f"Look at {MASK} and {MASK}.",)
    nothing = DISPUTE.model_copy(update={"wallet": None, "refund_account": None})
    assert dispute_for_viewers(nothing) == nothing


def test_the_live_page_masks_as_the_api_does() -> None:
    page = {"charge_point_id": "CP-1", "disputes": [DISPUTE.model_dump(mode="json")]}
    told = object_for_viewers("disputes", page)
    assert told["disputes"] == [dispute_for_viewers(DISPUTE).model_dump(mode="json")]
    assert page["disputes"] == [DISPUTE.model_dump(mode="json")]  # others are shown it as it is


def test_events_do_not_tell_viewers_who_asked() -> None:
    body = {"type": "DidPublishRequested", "by": "ada"}
    assert shown(body, shows_tags=False)["by"] == MASK
    assert shown(body, shows_tags=True)["by"] == "ada"
