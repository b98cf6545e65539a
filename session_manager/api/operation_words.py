"""What each operation does, and what its `response` holds (OCPP 1.6, 5; whitepaper, 4). Pure."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "CancelReservation": "Gives up a reservation by its id; `status` says whether there was one.",
    "CertificateSigned": (
        "Delivers the certificate that was made of the charge point's signing request; `status` "
        "says whether it took the chain."
    ),
    "ChangeAvailability": (
        "Takes a connector, or with 0 the whole charge point, out of service or back into it; "
        "`status` is Scheduled where a transaction has to end first."
    ),
    "ChangeConfiguration": (
        "Sets one configuration key; `status` also says that the key is unknown (NotSupported) or "
        "that the value counts from the next start on (RebootRequired)."
    ),
    "ClearCache": "Empties the cache of idTags that were once accepted; `status` says if it did.",
    "ClearChargingProfile": (
        "Removes the charging profiles that match all that is told, so all of them by an empty "
        "body; `status` is Unknown where none matched."
    ),
    "DataTransfer": (
        "Sends a message of a vendor's own making; `status` says whether vendor and message are "
        "known, and `data` holds what the charge point says to it."
    ),
    "DeleteCertificate": (
        "Deletes an installed root certificate by its hash; `status` is NotFound where there is "
        "none, Failed where it can't be deleted."
    ),
    "ExtendedTriggerMessage": (
        "Has a message sent now that comes by itself else, also a signing request or the status of "
        "a log upload; `status` says whether it will come."
    ),
    "GetCompositeSchedule": (
        "Asks which limits apply to a connector for the next `duration` seconds when all profiles "
        "are put together; `chargingSchedule` holds them, from `scheduleStart` on."
    ),
    "GetConfiguration": (
        "Reads configuration keys, without `key` all of them; `configurationKey` holds the values "
        "and whether they can be changed, `unknownKey` the names that it does not know."
    ),
    "GetDiagnostics": (
        "Has a file of diagnostics uploaded to `location`; `fileName` is its name, and without one "
        "there is nothing to upload."
    ),
    "GetInstalledCertificateIds": (
        "Asks which root certificates of one kind are installed; `certificateHashData` holds their "
        "hashes, and `status` is NotFound where there is none."
    ),
    "GetLocalListVersion": (
        "Asks for the version of the local list of idTags; `listVersion` is 0 for an empty list "
        "and -1 where it has no such list."
    ),
    "GetLog": (
        "Has a security or diagnostics log uploaded to `remoteLocation`; `filename` is its name, "
        "and `status` also says that an earlier upload was broken off (AcceptedCanceled)."
    ),
    "InstallCertificate": (
        "Installs a root certificate, of the central system or of firmware's maker; `status` says "
        "whether it was valid (else Rejected) and could be kept (else Failed)."
    ),
    "RemoteStartTransaction": (
        "Asks for a transaction to be started for an idTag; `status` says whether it will try, and "
        "the transaction itself comes as an event."
    ),
    "RemoteStopTransaction": (
        "Asks for a transaction to be stopped; `status` says whether it runs there, and its end "
        "comes as an event."
    ),
    "ReplacePassword": (
        "Gives the charge point a new random password, by ChangeConfiguration of AuthorizationKey; "
        "`response` is its answer to that, and nobody is shown the password."
    ),
    "ReserveNow": (
        "Keeps a connector, or with 0 any one, for an idTag until `expiryDate`; `status` says why "
        "not where it can't: Occupied, Faulted, Unavailable or Rejected."
    ),
    "Reset": (
        "Restarts the charge point, Soft after its transactions were stopped in good order, Hard "
        "at once; `status` says whether it will."
    ),
    "SendLocalList": (
        "Replaces the local list of idTags (Full) or changes it (Differential); `status` also says "
        "that the version does not fit (VersionMismatch) or that it has no list (NotSupported)."
    ),
    "SetChargingProfile": (
        "Sets limits of power or current over time, for a connector or the whole charge point; "
        "`status` says whether they were taken."
    ),
    "SignedUpdateFirmware": (
        "Has firmware downloaded whose signature is checked by the certificate that comes with it; "
        "`status` also says that this is not valid (InvalidCertificate) or revoked."
    ),
    "SynchroniseLocalList": (
        "Makes the local list what the register of idTags says, by as many SendLocalList as it "
        "takes; `response` is the answer to the last one."
    ),
    "TriggerMessage": (
        "Has a message sent now that comes by itself else, such as a StatusNotification; `status` "
        "says whether it will come, or that it can't (NotImplemented)."
    ),
    "UnlockConnector": (
        "Opens the lock that holds the cable, and stops a transaction first; `status` says whether "
        "it opened (else UnlockFailed) or that there is no lock (NotSupported)."
    ),
    "UpdateFirmware": (
        "Has firmware downloaded from `location` after `retrieveDate` and installed; the answer is "
        "empty, and how it goes comes as events and in `/maintenance`."
    ),
}
"""By name: one sentence each."""
