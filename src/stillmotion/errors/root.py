"""What every error has."""

from __future__ import annotations

from typing import ClassVar


class StillmotionError(Exception):
    """Something went wrong inside stillmotion; please report it with the command that you ran."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1
    field: str = ""
    """The input that is at fault, where it is one."""
    prediction_id: str = ""
    """The run that goes on, or has ended, where it is about one."""

    def __init__(self, message: str | None = None, *, prediction_id: str = "") -> None:
        super().__init__(message or type(self).default_message())
        self.prediction_id = prediction_id

    @classmethod
    def default_message(cls) -> str:
        """The first paragraph of the class docstring, on one line."""
        paragraph = (cls.__doc__ or cls.__name__).strip().split("\n\n")[0]
        return " ".join(paragraph.split())


class Cancelled(StillmotionError):
    """The work was cancelled; nothing was written."""

    code = "cancelled"
    exit_code = 130


class InputRefused(StillmotionError):
    """The input cannot be used."""

    code = "input_refused"
    exit_code = 4
