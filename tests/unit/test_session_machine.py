from itertools import product

from session_manager.session.table import EVENTS, IGNORED, PHASES, REFUSED, rows


def test_every_pair_of_phase_and_event_is_decided_exactly_once():
    table = set(rows())
    ignored = {(phase, event) for event, phases in IGNORED.items() for phase in phases}
    refused = {(phase, event) for event, phases in REFUSED.items() for phase in phases}
    assert not table & ignored
    assert not table & refused
    assert not ignored & refused
    assert table | ignored | refused == set(product(PHASES, EVENTS))
