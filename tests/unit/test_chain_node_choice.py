"""Which node is asked first, and which is not believed."""

from sdk.chain.nodes import Nodes, NodeStatus

ONE, TWO, THREE = "http://one.example", "http://two.example", "http://three.example"


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _nodes(clock: _Clock) -> Nodes:
    return Nodes([ONE, TWO, THREE], 1, clock, 5)


def test_the_order_of_the_settings_holds_while_all_are_well() -> None:
    nodes = _nodes(_Clock())
    assert nodes.in_order() == [ONE, TWO, THREE]
    nodes.note_answer(TWO, 0.01, late=False)
    assert nodes.in_order() == [ONE, TWO, THREE]


def test_one_that_fails_is_asked_last_and_later_again() -> None:
    clock = _Clock()
    nodes = _nodes(clock)
    nodes.note_failure(ONE, "slow", "the node does not answer in time")
    nodes.note_failure(TWO, "down", "the node does not answer")
    assert nodes.in_order() == [THREE, ONE, TWO]
    clock.now += 2
    assert nodes.in_order() == [ONE, TWO, THREE]
    nodes.note_failure(ONE, "slow", "the node does not answer in time")
    clock.now += 3.9
    assert nodes.in_order()[-1] == ONE
    clock.now += 0.1
    assert nodes.in_order()[0] == ONE


def test_a_late_answer_counts_but_others_are_preferred() -> None:
    nodes = _nodes(clock := _Clock())
    nodes.note_failure(ONE, "slow", "x")
    nodes.note_answer(ONE, 3.0, late=True)
    first = nodes.statuses[0]
    assert (first.state, first.connected, first.latency_ms) == ("slow", True, 3000)
    assert nodes.in_order()[-1] == ONE
    clock.now += 60
    nodes.note_answer(ONE, 0.1, late=False)
    assert (nodes.statuses[0].state, nodes.statuses[0].error) == ("up", None)


def _all_at(nodes: Nodes, *heads: int) -> list[bool]:
    believed = []
    for url, head in zip([ONE, TWO, THREE], heads, strict=True):
        nodes.note_answer(url, 0.01, late=False)
        believed.append(nodes.note_head(url, head))
    return believed


def test_one_far_behind_is_not_believed_until_it_has_caught_up() -> None:
    nodes = _nodes(_Clock())
    assert _all_at(nodes, 94, 100, 95) == [True, True, True]
    nodes.compare_heads()
    assert [node.state for node in nodes.statuses] == ["behind", "up", "up"]
    assert nodes.statuses[0].error == "is 6 blocks behind"
    assert not nodes.statuses[0].connected
    assert nodes.in_order() == [TWO, THREE, ONE]
    nodes.note_answer(ONE, 0.01, late=False)
    assert nodes.statuses[0].state == "behind"
    assert nodes.note_head(ONE, 96)
    assert nodes.in_order()[0] == ONE
    assert nodes.statuses[0].connected


def test_a_node_is_not_compared_with_one_that_is_away() -> None:
    nodes = _nodes(clock := _Clock())
    _all_at(nodes, 10, 100, 100)
    nodes.note_failure(TWO, "down", "x")
    clock.now += 31
    nodes.note_answer(ONE, 0.01, late=False)
    assert nodes.note_head(ONE, 10)


def test_each_change_is_told_once() -> None:
    nodes = _nodes(_Clock())
    told: list[NodeStatus] = []
    nodes.listen(told.append)
    for _ in range(3):
        nodes.note_answer(ONE, 0.01, late=False)
    for _ in range(3):
        nodes.note_failure(ONE, "wrong_chain", "the node is of chain 2, not 1")
    nodes.note_answer(ONE, 0.02, late=False)
    assert [(node.url, node.state) for node in told] == [
        (ONE, "up"),
        (ONE, "wrong_chain"),
        (ONE, "up"),
    ]
