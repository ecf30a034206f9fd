"""Task codes, as the hosted service numbers them; the engine process knows them too, and no more of the database."""

from enum import IntEnum


class Code(IntEnum):
    """Why a prediction ended as it did; 0 while it has not, or when it was made."""

    OK = 0
    MODERATION = 1200
    PARAMETER_MISSING = 1400
    PARAMETER_INVALID = 1401
    MEDIA_UNREACHABLE = 1402
    EXECUTION_FAILED = 1403
    CANCELLED = 1405
    INTERNAL = 5000
    UNAVAILABLE = 5003
    TIMED_OUT = 5004
