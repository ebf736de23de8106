"""Why a notice could not be issued or read, in both languages."""

from typing import Any

from wagewatch.bilingual import Text


class NoticeError(Exception):
    """Carries a `message` that may be shown to the user as it is."""

    def __init__(self, message: Text, **values: Any) -> None:
        self.message = message.format(**values) if values else message
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)
