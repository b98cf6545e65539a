"""A refund that is about to open before anything is charged: the deposit goes back at once."""

import pytest

from sdk.events.charging import IdTagRevoked
from sdk.events.service import Phase
from sdk.events.settlement import RefundOpening
from session_manager.session.effects import Execute, Order, chain_need
from session_manager.session.machine import transition
from tests.session_kit import (
    SESSION_ID,
    TAG,
    TRANSACTION,
    executed,
    in_phase,
    last,
    run,
    started,
    stopped,
)

OPENING = RefundOpening(session_id=SESSION_ID, block_time=1)
HELD: tuple[Phase, ...] = ("authorising", "starting")


@pytest.mark.parametrize("phase", HELD)
def test_nothing_is_charged_on_it_any_more(phase: Phase) -> None:
    step = transition(in_phase(phase), OPENING)
    assert (step.session.phase, step.session.failure) == ("refunding", "refund_opening")
    assert [it for it in step.effects if isinstance(it, Order)] == [Order("revoke")]
    assert step.session.payout == step.session.zero
    assert not step.session.closed


@pytest.mark.parametrize("phase", HELD)
def test_it_is_given_back_once_nobody_can_start(phase: Phase) -> None:
    session = run(in_phase(phase), OPENING)
    assert chain_need(session) is None
    session = run(session, IdTagRevoked(id_tag=TAG))
    need = chain_need(session)
    assert isinstance(need, Execute)
    assert need.voucher.spent == 0
    session = run(session, executed(0))
    assert (session.phase, session.failure) == ("refunded", "refund_opening")


def test_a_transaction_that_slips_in_is_stopped_first() -> None:
    step = last(in_phase("starting"), OPENING, started(TAG))
    assert step.session.phase == "refunding"
    assert [it for it in step.effects if isinstance(it, Order)] == [Order("stop")]
    session = run(step.session, IdTagRevoked(id_tag=TAG))
    assert not session.closed
    assert session.transaction_id == TRANSACTION
    assert run(session, stopped(0)).closed
