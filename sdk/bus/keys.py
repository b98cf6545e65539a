"""Every Redis key and channel of the project, and what is in it.

All keys of one charge point share its hash tag, so that one Lua call stays on one cluster slot.
"""

from enum import StrEnum
from uuid import UUID

PREFIX = "noroam:"


class Lane(StrEnum):
    """The three streams of a charge point; each has a channel of the same name."""

    IN = "in"
    """To the Session Manager: consumers, operators, the gateway, the chain."""
    OUT = "out"
    """From the Session Manager: to consumers (by peer id) and to whoever watches."""
    OCPP = "ocpp"
    """To the gateway that holds the charge point."""


GATEWAY_READER = "gateway"
"""The durable reader of `{CP}:ocpp`: whichever gateway holds the charge point."""

STATIONS = f"{PREFIX}stations"
"""Set: the ids of all registered charge points."""
ROW_STATIONS = f"{PREFIX}row_stations"
"""Set: the ids of all charge points that ever had a session, also of those that were removed."""
P2P_SERVERS = f"{PREFIX}p2p"
"""Set: the peer ids of all P2P servers that announced themselves."""
GATEWAYS = f"{PREFIX}gateways"
"""Hash: gateway -> moment of its last sign of life."""
LOG = f"{PREFIX}log"
"""Capped stream: the services' log lines."""
LOG_NAMES = f"{PREFIX}log_names"
"""Set: names of the log, made by consoles; the first in order counts, and goes with the log."""
QUARANTINE = f"{PREFIX}quarantine"
"""Hash: id -> JSON of an unknown charge point that waits to be admitted (`sdk.quarantine`)."""
DIDS = f"{PREFIX}dids"
"""Hash: `complete` once every registered charge point has its `did_claim`."""
ID_TAGS = f"{PREFIX}id_tags"
"""Set: the idTags that operators registered, as they were written (`sdk.id_tags`)."""
VENDORS = f"{PREFIX}vendors"
"""Hash: vendor id -> JSON of who answers its DataTransfers, and until when it said so."""
API_KEYS = f"{PREFIX}api_keys"
"""Hash: key id -> JSON of an API key: its keyed hash, name, role and what became of it."""
ACCOUNTS = f"{PREFIX}accounts"
"""Hash: account id -> JSON of an operator's account; `version`; `used:<id>` its last sign-in."""
TRANSACTION_COUNTER = f"{PREFIX}transaction_id"
"""Counter: the last transaction id given; 32 bit, never used again."""


def sign_in(digest: str) -> str:
    """String with expiry: JSON of a browser's session; `digest` is SHA-256 of its cookie, hex."""
    return f"{PREFIX}sign_in:{digest}"


def sign_ins(account_id: str) -> str:
    """Hash: `digest` of an account's session -> when it was made, as seconds since 1970."""
    return f"{PREFIX}sign_ins:{account_id}"


def sign_in_attempts(kind: str, of: str) -> str:
    """Hash with expiry: attempts at a password (`session_manager.sign_in_attempts`)."""
    return f"{PREFIX}sign_in_attempts:{kind}:{of}"


def charge_point(charge_point_id: str, suffix: str) -> str:
    """Name a key of one charge point."""
    return f"{PREFIX}{{{charge_point_id}}}:{suffix}"


def lane(charge_point_id: str, which: Lane) -> str:
    """Stream and channel of one lane."""
    return charge_point(charge_point_id, which)


def config(charge_point_id: str) -> str:
    """Hash: what this charge point is (see `sdk.register`)."""
    return charge_point(charge_point_id, "config")


def did_claim(did: str) -> str:
    """Hash: which charge point this DID belongs to (see `sdk.did_claims`)."""
    return f"{PREFIX}did:{did.lower()}"


def state(charge_point_id: str) -> str:
    """Hash: what the charge point is doing now; written by the gateway."""
    return charge_point(charge_point_id, "charge_point")


def connector(charge_point_id: str, connector_id: int) -> str:
    """Hash: status, last reading and open transaction of one connector; written by the gateway."""
    return charge_point(charge_point_id, f"connector:{connector_id}")


def transaction(charge_point_id: str, transaction_id: int) -> str:
    """Hash: one transaction; written by the gateway."""
    return charge_point(charge_point_id, f"tx:{transaction_id}")


def transaction_ids(charge_point_id: str) -> str:
    """Bytes: the id of each transaction that was told, in order, 4 bytes each, big endian."""
    return charge_point(charge_point_id, "tx_ids")


def transaction_of(charge_point_id: str, natural_key: str) -> str:
    """String: the transaction id given to (connector, idTag, timestamp, meterStart)."""
    return charge_point(charge_point_id, f"tx_of:{natural_key}")


def identity(charge_point_id: str) -> str:
    """Hash: the station's DID, QR text, published document, state of onboarding and balances."""
    return charge_point(charge_point_id, "identity")


def orphan_stops(charge_point_id: str) -> str:
    """Hash: StopTransactions of transactions that nobody knows, by their id."""
    return charge_point(charge_point_id, "orphan_stops")


def unsupported(charge_point_id: str) -> str:
    """Hash: OCPP action -> moment when the charge point said that it lacks it, since it booted."""
    return charge_point(charge_point_id, "unsupported")


def configuration(charge_point_id: str) -> str:
    """Hash: configuration key -> JSON of what the charge point reported of it last."""
    return charge_point(charge_point_id, "configuration")


def desired(charge_point_id: str) -> str:
    """Hash: configuration key -> the value that it should have (`sdk.desired_configuration`)."""
    return charge_point(charge_point_id, "desired")


def drift(charge_point_id: str) -> str:
    """Hash: configuration key -> JSON of how it differs from what is desired."""
    return charge_point(charge_point_id, "drift")


def reservations(charge_point_id: str) -> str:
    """Hash: reservation id -> JSON of a reservation that holds (`sdk.reservations`)."""
    return charge_point(charge_point_id, "reservations")


def charging_profiles(charge_point_id: str) -> str:
    """Hash: charging profile id -> JSON of its connector and the profile, as it was accepted."""
    return charge_point(charge_point_id, "charging_profiles")


def certificates(charge_point_id: str) -> str:
    """Hash: serial number and issuer's key -> JSON of a certificate that it said it holds."""
    return charge_point(charge_point_id, "certificates")


def maintenance(charge_point_id: str) -> str:
    """Hash: `firmware`, `diagnostics`, `log` -> JSON of what was asked; `..._status`: was told."""
    return charge_point(charge_point_id, "maintenance")


def security_events(charge_point_id: str) -> str:
    """Hash: type of security event -> JSON of how often it was reported, and the last one."""
    return charge_point(charge_point_id, "security_events")


def local_list(charge_point_id: str) -> str:
    """Hash: idTag -> JSON of an operators' entry in the local list, as it was accepted.

    The idTags of sessions that are on it, too, are in `id_tags`.
    """
    return charge_point(charge_point_id, "local_list")


def tag_owner(tag: str) -> str:
    """Name an idTag where commits want a charge point's id; no charge point is called so."""
    return f"tag:{tag.casefold()}"


def id_tag(tag: str) -> str:
    """Hash: what an operator registered of an idTag, in any spelling (`sdk.id_tags`)."""
    return charge_point(tag_owner(tag), "entry")


def id_tag_active(tag: str) -> str:
    """Hash: `<charge point id> <transaction id>` -> moment since which an idTag charges."""
    return charge_point(tag_owner(tag), "active")


def id_tags(charge_point_id: str) -> str:
    """Hash: idTag -> JSON of its register entry; the authority on who may charge."""
    return charge_point(charge_point_id, "id_tags")


def session(charge_point_id: str, connector_id: int) -> str:
    """Hash: the session on a connector: `version`, `state`, `quote`, `phase`, `deadline_at`."""
    return charge_point(charge_point_id, f"session:{connector_id}")


def disputed(charge_point_id: str, session_id: str) -> str:
    """Hash: like `session`, for one that waits for a person or the chain, off the connector."""
    return charge_point(charge_point_id, f"disputed:{session_id}")


def disputes(charge_point_id: str) -> str:
    """Hash: session id -> moment it became disputed; the index of `disputed`."""
    return charge_point(charge_point_id, "disputes")


def record(charge_point_id: str, session_id: str) -> str:
    """Bytes, written once: a session that ended (`sdk.records`); bars its id from use again."""
    return charge_point(charge_point_id, f"record:{session_id}")


def past(charge_point_id: str, session_id: str) -> str:
    """Hash: `nonce` of the last request about a session that ended, where there was one."""
    return charge_point(charge_point_id, f"past:{session_id}")


def rows(charge_point_id: str, month: str) -> str:
    """Bytes: a row of fixed size for each session that ended in `month` (YYYY-MM, UTC)."""
    return charge_point(charge_point_id, f"rows:{month}")


def row_marks(charge_point_id: str, month: str) -> str:
    """Bytes: for rows of the month's key, by what else they are found (`sdk.records.mark`)."""
    return charge_point(charge_point_id, f"row_marks:{month}")


def row_months(charge_point_id: str) -> str:
    """Hash: the months of which there are rows, as names of fields."""
    return charge_point(charge_point_id, "row_months")


def curve(charge_point_id: str, session_id: str) -> str:
    """Bytes: the readings of a session that is not over yet, of fixed size (`sdk.records`)."""
    return charge_point(charge_point_id, f"curve:{session_id}")


def presence(charge_point_id: str) -> str:
    """Hash, a ring: when it came, went, had faults (`sdk.records.presence`); by the gateway."""
    return charge_point(charge_point_id, "presence")


def assumed(charge_point_id: str) -> str:
    """Hash: transaction id -> JSON of a session paid before the charge point closed it."""
    return charge_point(charge_point_id, "assumed")


def unbilled(charge_point_id: str) -> str:
    """Hash: transaction id -> JSON of energy that was found when its session was paid already."""
    return charge_point(charge_point_id, "unbilled")


def last_receipt(charge_point_id: str) -> str:
    """Hash: `hash` of the station's newest receipt."""
    return charge_point(charge_point_id, "last_receipt")


def lease(charge_point_id: str) -> str:
    """String with expiry: which Session Manager drives this charge point."""
    return charge_point(charge_point_id, "lease")


def fence(charge_point_id: str) -> str:
    """String: fencing token of the newest lease; compared by each apply."""
    return charge_point(charge_point_id, "fence")


def gateway(charge_point_id: str) -> str:
    """String: fencing token of the newest socket; compared by each apply of a gateway."""
    return charge_point(charge_point_id, "gateway")


def cursor(charge_point_id: str, reader: str) -> str:
    """String: stream id of the last entry whose effect a durable reader committed."""
    return charge_point(charge_point_id, f"cursor:{reader}")


def readers(charge_point_id: str, which: Lane) -> str:
    """Hash: durable reader -> stream id it has committed; the lane is trimmed below the lowest."""
    return charge_point(charge_point_id, f"readers:{which.value}")


def done(charge_point_id: str, event_id: UUID | str) -> str:
    """String with expiry: this event was published before (value: its stream id)."""
    return charge_point(charge_point_id, f"done:{event_id}")


def applied(charge_point_id: str, event_id: UUID | str) -> str:
    """String with expiry: this event's effect is committed."""
    return charge_point(charge_point_id, f"applied:{event_id}")


def commands(charge_point_id: str) -> str:
    """Hash: event id -> envelope of every command that was sent and not yet answered.

    `waiting:<event id>`: an operation whose turn has not come.
    """
    return charge_point(charge_point_id, "commands")


def dead(charge_point_id: str) -> str:
    """Capped stream: events that no one could read, with the reason."""
    return charge_point(charge_point_id, "dead")


def buried(charge_point_id: str, which: Lane, stream_id: str) -> str:
    """String with expiry: this entry is in the dead-letter stream."""
    return charge_point(charge_point_id, f"buried:{which.value}:{stream_id}")


def messages(charge_point_id: str) -> str:
    """Capped stream: the message log, many records to an entry (see `sdk.message_log`)."""
    return charge_point(charge_point_id, "messages")


def counts(charge_point_id: str) -> str:
    """Hash: what the gateway counted, by name; and `batch`, the last batch of messages added."""
    return charge_point(charge_point_id, "counts")


def p2p_server(peer_id: str) -> str:
    """Hash: a P2P server's public keys and announced multiaddrs; written by it."""
    return f"{PREFIX}p2p:{peer_id}"


def gas_account(chain_id: int, account: str) -> str:
    """Name a gas account where leases want a charge point's id; no charge point is called so."""
    return f"chain:{chain_id}:{account.lower()}"


def sent(chain_id: int, account: str) -> str:
    """Hash: nonce -> JSON of what a gas account sent (`sdk.chain.journal`)."""
    return charge_point(gas_account(chain_id, account), "sent")


ALERT_DESK = "desk:alerts"
"""Names the alert desk where leases want a charge point's id; no charge point is called so."""


def _desk(suffix: str) -> str:
    return charge_point(ALERT_DESK, suffix)


ALERT_STATE = _desk("state")
"""Hash: `evaluated_at`, and `settings`: JSON of what operators set (`sdk.alerts`)."""
ALERTS = _desk("alerts")
"""Hash: alert id -> JSON of what is wrong, also where it is not held long enough to be told."""
ALERT_ACKNOWLEDGEMENTS = _desk("acknowledged")
"""Hash: alert id -> JSON of who acknowledged it, and as which raising of it."""
ALERT_HISTORY = _desk("history")
"""Hash: `<moment it was cleared>|<alert id>` -> JSON of an alert that is over."""
ALERT_REPORTS = _desk("reports")
"""Hash: Session Manager -> JSON of how it sees the chain and its gas account."""
WEBHOOKS = _desk("webhooks")
"""Hash: webhook id -> JSON of what an administrator registered (`sdk.webhooks`)."""
WEBHOOK_STATES = _desk("webhook_states")
"""Hash: webhook id -> JSON of how its deliveries go; written by the alert desk."""


def webhook_deliveries(webhook_id: str) -> str:
    """Hash: event id -> JSON of a delivery that waits, or is among the last that ended."""
    return _desk(f"deliveries:{webhook_id}")


AUDIT_OWNER = "audit:"
"""Stands for the audit trail where commits want a charge point's id; none is called so."""


def audit() -> str:
    """Hash: `version`, the number of the next entry of the audit trail (`sdk.audit`)."""
    return charge_point(AUDIT_OWNER, "trail")


def audit_chunk(number: int) -> str:
    """Hash: number of an entry of the audit trail -> its JSON; so many to a chunk."""
    return charge_point(AUDIT_OWNER, f"chunk:{number}")
