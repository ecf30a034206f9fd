"""What a service refuses, and what can be wrong with it."""

from __future__ import annotations

from stillmotion.errors.root import InputRefused, StillmotionError


class SignatureInvalid(StillmotionError):
    """The signature is missing, too old, or made with another secret."""

    code = "signature_invalid"
    exit_code = 3


class ModelUnknown(InputRefused):
    """There is no such model; `stillmotion models` lists them."""

    code = "model_unknown"
    field = "model"


class PluginUnusable(StillmotionError):
    """A plug-in cannot be used; mend or uninstall its package. `stillmotion plugins` lists all."""

    code = "plugin_unusable"


class BalanceTooLow(StillmotionError):
    """Insufficient credits: the balance does not cover this run. Top up first."""

    code = "balance_too_low"
    exit_code = 7


class DatabaseUnavailable(StillmotionError):
    """The database does not answer; `stillmotion doctor` says what is wrong."""

    code = "database_unavailable"
    exit_code = 5


class PerhapsAccepted(DatabaseUnavailable):
    """The database went away while this was accepted; look whether it was before you send it again."""

    code = "perhaps_accepted"

    def __init__(self, message: str | None = None, *, repeatable: bool = False) -> None:
        super().__init__(message)
        self.repeatable = repeatable
        """Whether the same request sent again is known as the same, and never made twice."""


class ReaderBusy(StillmotionError):
    """Too many Shots are being read, or this one took too long; send it again in a few seconds."""

    code = "reader_busy"
    exit_code = 5


class KeyRefused(StillmotionError):
    """The API key is missing, wrong or revoked; send `Authorization: Bearer <key>` with one from `stillmotion keys`."""

    code = "key_refused"
    exit_code = 3


class AccountSuspended(StillmotionError):
    """The account is suspended; ask whoever runs this server."""

    code = "account_suspended"
    exit_code = 3


class PredictionUnknown(InputRefused):
    """There is no such prediction; it may have been deleted, or kept past the retention time."""

    code = "prediction_unknown"


class KeyReused(InputRefused):
    """This Idempotency-Key was sent before with another request; use a new key for a new request."""

    code = "idempotency_key_reused"


class KeySpent(KeyReused):
    """What this request made before was deleted, or has expired; to make it again, send a new Idempotency-Key."""

    code = "idempotency_key_spent"


class QueueFull(StillmotionError):
    """Too many requests are waiting; try again in a minute."""

    code = "queue_full"
    exit_code = 5


class StoreTaken(StillmotionError):
    """The key is in use; a stored file is never replaced."""

    code = "store_taken"


class StoreUnavailable(StillmotionError):
    """The store of films and uploads does not answer; `stillmotion doctor` says what is wrong."""

    code = "store_unavailable"
    exit_code = 5


class RateLimited(StillmotionError):
    """Too many requests in this minute; wait as long as Retry-After says."""

    code = "rate_limited"
    exit_code = 5

    def __init__(self, message: str | None = None, *, retry_after_s: int = 60) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BodyTooLarge(InputRefused):
    """The request is larger than this server takes; upload the picture first, or send its address."""

    code = "body_too_large"


class ServerBusy(StillmotionError):
    """Too many large requests arrive at once, and none of this one was kept; send it again in a few seconds."""

    code = "server_busy"
    exit_code = 5

    def __init__(self, message: str | None = None, *, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class HostRefused(StillmotionError):
    """This server answers only on this machine; use http://127.0.0.1, or run it with accounts."""

    code = "host_refused"
    exit_code = 3


class PolicyRefused(InputRefused):
    """This server does not film that."""

    code = "content_policy"


class ParameterInvalid(InputRefused):
    """A parameter is missing or wrong."""

    code = "invalid_param"

    def __init__(self, message: str | None = None, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class AddressRefused(InputRefused):
    """The address is none that this server goes to; give a public http(s) address."""

    code = "address_refused"


class MediaUnreachable(InputRefused):
    """The picture could not be fetched from its address; check that anybody can open it, or upload the picture."""

    code = "media_unreachable"


class MediaRefused(InputRefused):
    """What was given is no picture that can be used; send a JPEG, PNG or WebP."""

    code = "media_refused"


class DeliveryUnknown(InputRefused):
    """There is no such webhook delivery; it goes with its prediction."""

    code = "delivery_unknown"


class AccountUnknown(InputRefused):
    """There is no such account; `stillmotion accounts list` shows them."""

    code = "account_unknown"


class BackupRefused(InputRefused):
    """The archive cannot be restored."""

    code = "backup_refused"


class InstallationInUse(BackupRefused):
    """There is an installation already; restore into an empty database, with a data folder of its own."""

    code = "installation_in_use"


class InstallationMissing(InputRefused):
    """There is no installation there; check --data-dir. `stillmotion serve` makes one when it starts."""

    code = "installation_missing"


class LedgerWrong(StillmotionError):
    """The ledger does not add up; keep a backup, stop the service, and look at what is named."""

    code = "ledger_wrong"


class SettingsInvalid(InputRefused):
    """A setting is wrong; correct it where it comes from."""

    code = "settings_invalid"
    exit_code = 2


class UploadUnknown(InputRefused):
    """There is no such upload, or not any more; upload the file again, to a new address."""

    code = "upload_unknown"


class UploadTaken(InputRefused):
    """This address was used for another file; ask for a new one."""

    code = "upload_taken"


class UploadAwaited(InputRefused):
    """A prediction that has not ended needs this upload; cancel it, or wait until it is over."""

    code = "upload_awaited"


class OutputMissing(InputRefused):
    """The film is not ready yet; ask for the prediction until it is completed, then fetch it."""

    code = "output_missing"


class NotYet(ParameterInvalid):
    """This server does not make edits, extensions and characters yet; create and remix videos instead."""

    code = "not_supported_yet"


class QuotaFull(StillmotionError):
    """The disk quota of this server is used up; delete predictions or uploads, or wait until old ones are removed."""

    code = "quota_full"
    exit_code = 5


class AccountQuotaFull(QuotaFull):
    """The account keeps as much as it may; delete predictions or uploads, or wait until old ones are removed."""

    code = "account_quota_full"


class ResendTooSoon(RateLimited):
    """This webhook is about to be sent already; look at it again in a moment."""

    code = "resend_too_soon"


class TooManyListeners(RateLimited):
    """The account has too many streams of events open; close some, or ask for the prediction instead."""

    code = "too_many_listeners"


class ListenRefused(InputRefused):
    """The server cannot listen there."""

    code = "listen_refused"
    exit_code = 2


class DataFolderUnusable(InputRefused):
    """The folder for database and films cannot be used; choose another with --data-dir."""

    code = "data_folder_unusable"
    exit_code = 2
