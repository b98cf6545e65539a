"""SignCertificate: judged and answered, then the certificate is made and brought (SW 4.3, 5.1).

SW: "Improved security for OCPP 1.6-J", edition 3. A certificate that could not be brought is not
brought later: the charge point asks again.
"""

import asyncio
import time
from functools import partial
from typing import Any
from uuid import UUID

from cryptography import x509

from cpg.calls import Calls
from cpg.certificates import signed
from cpg.desk import Spawn
from cpg.effects import Effect
from cpg.frames import Call
from cpg.insistence import insist
from cpg.operations import answer_of, request_of
from cpg.peer import Peer, SupersededError
from sdk.bus.interface import Outcome, Room
from sdk.ca.files import CaFilesError
from sdk.ca.interface import CertificateAuthority, RequestRefusedError
from sdk.ca.requests import requested_key
from sdk.errors import UnavailableError
from sdk.events.charge_point import CertificateDelivered, CertificateRequested
from sdk.events.operations import Answered, CertificateSigned
from sdk.ids import consequence_id
from sdk.leaky_count import LeakyCount
from sdk.logs import Logger

_REQUESTS, _REQUESTS_PER_S = 5, 1 / 60
"""Those that would be signed: each takes work, and a line in the authority's index."""


class Signing:
    """Gets one charge point its certificates."""

    __slots__ = ("_authority", "_calls", "_log", "_peer", "_requests", "_spawn")

    def __init__(
        self,
        peer: Peer,
        calls: Calls,
        spawn: Spawn,
        authority: CertificateAuthority | None,
        log: Logger,
    ) -> None:
        """Bring over `calls` what `authority` signs; without it every request is rejected."""
        self._peer = peer
        self._calls = calls
        self._spawn = spawn
        self._authority = authority
        self._log = log
        self._requests: LeakyCount | None = None

    async def take(self, call: Call) -> dict[str, Any]:
        """Answer SignCertificate.req. Raises BusUnavailableError, SupersededError."""
        csr, peer = str(call.payload["csr"]), self._peer
        reason = self._objection(csr)
        cause = peer.cause(call, call.action)
        body = CertificateRequested(csr=csr, accepted=reason is None, reason=reason)
        outcome = await peer.commit(
            events=[peer.envelope(cause, body)], cause=cause, room=Room.STATE_ONLY
        )
        if reason is None and outcome is Outcome.APPLIED and self._authority is not None:
            self._spawn(self._bring(csr, self._authority, cause))
        return {"status": "Accepted" if reason is None else "Rejected"}

    def _objection(self, csr: str) -> str | None:
        if self._authority is None:
            return "this gateway has no certificate authority"
        if self._peer.security_profile == 0:  # a certificate would outlast the door's being open
            return "it came in without showing who it is"
        try:
            requested_key(csr, self._peer.charge_point_id)
        except RequestRefusedError as error:
            return str(error)
        if self._requests is None:
            self._requests = LeakyCount(_REQUESTS, _REQUESTS_PER_S)
        if not self._requests.take(time.monotonic()):
            return "it asks too often"
        return None

    async def _bring(self, csr: str, authority: CertificateAuthority, cause: UUID) -> None:
        cp = self._peer.charge_point_id
        try:
            chain = await asyncio.to_thread(authority.sign, csr, cp)
        except (RequestRefusedError, CaFilesError) as error:
            self._log.warning("its certificate is not signed: %s", error, charge_point_id=cp)
            return
        body = CertificateSigned(expires_at=self._peer.clock(), certificate_chain=chain)
        answer = await self._calls.call(*request_of(body, None))
        try:
            await insist(self._calls, partial(self._tell, body, answer_of(body, answer), cause))
        except (UnavailableError, SupersededError) as error:
            text = "that its certificate was brought is not told: %s"
            self._log.warning(text, error, charge_point_id=cp)

    async def _tell(self, body: CertificateSigned, answered: Answered, cause: UUID) -> None:
        peer = self._peer
        accepted = answered.status == "Accepted"
        effect = await signed(peer, body, None, answered) if accepted else Effect()
        leaf = x509.load_pem_x509_certificate(body.certificate_chain.encode())
        delivered = CertificateDelivered(
            serial_number=f"{leaf.serial_number:x}",
            expires_at=leaf.not_valid_after_utc,
            status=answered.status,
        )
        event = peer.envelope(consequence_id(cause, delivered.type), delivered, caused_by=cause)
        await peer.commit(
            writes=effect.writes, removed=dict(effect.removed), events=[event], cause=event.id
        )
