"""Why a DID or a credential can't be used; `reason` names it for programs."""

from typing import ClassVar

from sdk.errors import InvalidInputError


class DidError(InvalidInputError):
    """Base: this identity can't be relied on as it is now; pay nothing to it."""

    reason: ClassVar[str] = "did_invalid"


class MalformedDidError(DidError):
    """It is no `did:ethr:0x<chain>:<address>`, or the address has a typing mistake."""

    reason = "did_malformed"


class DidUnresolvableError(DidError):
    """The DID is of another chain, or the node can't show its whole history."""

    reason = "did_unresolvable"


class DidDeactivatedError(DidError):
    """Its owner gave the DID up, for good."""

    reason = "did_deactivated"


class NotOwnerError(DidError):
    """The DID is controlled by another account than the station's, which can't change it."""

    reason = "not_owner"


class StationNotOnboardedError(DidError):
    """The document lacks what a station needs: its keys, a service, or the credential."""

    reason = "not_onboarded"


class StationDocumentError(DidError):
    """The document says something twice, or in a form that can't be read."""

    reason = "document_unreadable"


class PeerIdMismatchError(DidError):
    """A multiaddr leads to another peer than the one of the document's Ed25519 key."""

    reason = "peer_id_mismatch"


class CredentialError(DidError):
    """Base: the credential doesn't vouch for this station."""

    reason = "credential_invalid"


class CredentialUnreadableError(CredentialError):
    """It is no VC-JWT as we know it."""

    reason = "credential_unreadable"


class UntrustedAuthorityError(CredentialError):
    """It was issued by an authority that is not among the configured ones."""

    reason = "untrusted_authority"


class CredentialSignatureError(CredentialError):
    """Its signature is not the one of the authority that it names."""

    reason = "credential_signature"


class WrongSubjectError(CredentialError):
    """It was issued for another DID or charge point id."""

    reason = "wrong_subject"


class CredentialExpiredError(CredentialError):
    """It is not valid any more, or not yet."""

    reason = "credential_expired"


class CredentialRevokedError(CredentialError):
    """Its authority took it back."""

    reason = "credential_revoked"


class KeysMismatchError(CredentialError):
    """The keys in use are not those that the authority vouched for."""

    reason = "keys_mismatch"
