"""TLS of the gateway's second door: contexts from files, renewed with them, and who is behind one.

Cipher suites are those of the OCPP 1.6 security whitepaper, and TLS 1.3's own.
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from cpg.security_profiles import PLAIN, ClientCertificate, Offer
from sdk.ids import Clock
from sdk.logs import Logger
from sdk.settings import SettingsError

_LOOK_EVERY_S = 2.0
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
    "AES128-GCM-SHA256:AES256-GCM-SHA384"
)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files; without `client_roots` no client certificate is asked for.

    With `revoked`, a revocation list of each of the roots, clients of a root without one are
    refused, and so are all when a list has run out.
    """

    certificate: Path
    key: Path
    client_roots: Path | None = None
    revoked: Path | None = None

    def stamp(self) -> tuple[tuple[int, int] | None, ...]:
        """Give what tells one state of the files from another."""
        return tuple(_stamp(getattr(self, each.name)) for each in fields(self))


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """Read the files. Raises SettingsError, which names the variable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    # a session that is resumed would not have its certificate verified again
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    _load(
        "CPG_TLS_CERT, CPG_TLS_KEY",
        lambda: context.load_cert_chain(files.certificate, files.key, password=lambda: ""),
    )
    if (roots := files.client_roots) is not None:
        _load("CPG_TLS_CLIENT_CA", lambda: context.load_verify_locations(roots))
        context.verify_mode = ssl.CERT_OPTIONAL
    if (revoked := files.revoked) is not None:
        _load("CPG_TLS_CRL", lambda: context.load_verify_locations(revoked))
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


class Contexts:
    """The context of the files as they are: certificates are renewed without a restart."""

    def __init__(
        self, files: TlsFiles, log: Logger, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the files; `seconds` never run backwards. Raises SettingsError."""
        self._files = files
        self._log = log
        self._seconds = seconds
        self._stamp = self._refused = files.stamp()
        self._context = server_context(files)
        self._looked_at = seconds()

    def current(self) -> ssl.SSLContext:
        """Give the context for a new connection; the files are looked at every few seconds."""
        now = self._seconds()
        if now - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = now
            self._look()
        return self._context

    def _look(self) -> None:
        stamp = self._files.stamp()
        if stamp == self._stamp:
            return
        try:
            self._context = server_context(self._files)
        except SettingsError as error:
            if stamp != self._refused:  # one of them may only not be written yet
                self._log.warning("goes on with the old TLS files: %s", error)
            self._refused = stamp
        else:
            self._stamp = stamp
            self._log.info("reads its TLS files again")


def offer_of(socket: ssl.SSLObject | None, clock: Clock) -> Offer:
    """Say what a connection offers; `socket` is that of TLS, None on a plain one."""
    if socket is None:
        return PLAIN
    found = socket.getpeercert()
    if not found or ssl.cert_time_to_seconds(str(found["notAfter"])) < clock().timestamp():
        return Offer(is_encrypted=True)
    subject = found["subject"]
    pairs = [tuple(pair) for group in subject if isinstance(group, tuple) for pair in group]
    names = [str(pair[1]) for pair in pairs if pair[0] == "commonName"]
    owners = [str(pair[1]) for pair in pairs if pair[0] == "organizationName"]
    certificate = ClientCertificate(
        names[0] if len(names) == 1 else "", owners[0] if len(owners) == 1 else ""
    )
    return Offer(is_encrypted=True, certificate=certificate)


def _load(variables: str, read: Callable[[], None]) -> None:
    try:
        read()
    except OSError as error:  # an SSLError is one
        raise SettingsError(f"{variables}: {error.strerror or error}") from error


def _stamp(file: Path | None) -> tuple[int, int] | None:
    try:
        found = file.stat() if file is not None else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino) if found is not None else None
