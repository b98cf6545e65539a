"""The two tables of the survival matrix, and how each of its cells must end. Pure."""

from collections.abc import Mapping

PHASES: Mapping[str, str] = {
    "verifying": "the driver has not sent the deposit yet",
    "authorising": "the charge point is slow to take the session's idTag",
    "starting": "the charge point accepted the start, and has not begun",
    "charging": "energy flows and vouchers come",
    "stopping": "the charge point accepted the stop, and has not ended the transaction",
    "settling": "the driver's app has not approved the price yet",
    "executing": "the payout is on its way, and no block is made",
    "refunding": "the driver stopped before the start; the refund is sent, and no block is made",
    "disputed": "a payout took longer than EXECUTION_TIMEOUT, and still no block is made",
}
"""Phase -> what holds a session in it until the fault has struck."""

FAULTS: Mapping[str, str] = {
    "manager_killed": "the Session Manager is killed, and started again",
    "manager_frozen": "the Session Manager stands still past its lease, and is woken while "
    "another one drives its sessions",
    "manager_replaced": "the Session Manager is killed for good, and another one takes over",
    "redis_restarted": "Redis is killed, and started again over its data",
    "chain_restarted": "the chain's node is stopped, and started again with the chain it had",
    "gateway_killed": "the gateway is killed, and started again",
    "charge_point_rebooted_with": "the charge point boots again, and knows what it was doing",
    "charge_point_rebooted_without": "the charge point boots again, and has forgotten everything",
    "charge_point_offline": "the charge point is never heard of again",
    "p2p_server_killed": "the P2P server is killed, and started again",
    "consumer_gone": "the driver's app is never heard of again",
}
"""Fault -> what happens to all sessions at once."""

ENDS = ("settled", "refunded", "rejected", "disputed")

_OF_PHASE = {"refunding": "refunded"}
_OF_CELL = {
    ("verifying", "charge_point_offline"): "refunded",
    ("authorising", "charge_point_offline"): "refunded",
    ("starting", "charge_point_offline"): "refunded",
    ("starting", "charge_point_rebooted_without"): "refunded",
    ("verifying", "consumer_gone"): "rejected",
}


def expected_end(phase: str, fault: str) -> str:
    """Tell how a session must end that the fault meets in this phase."""
    return _OF_CELL.get((phase, fault)) or _OF_PHASE.get(phase, "settled")


def cells() -> list[tuple[str, str]]:
    """Give all cells (phase, fault), those of one fault together."""
    return [(phase, fault) for fault in FAULTS for phase in PHASES]
