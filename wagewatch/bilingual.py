"""Catalogue texts that carry their Chinese and English side by side.

Rules, feed messages and laws are one file each and bring their own wording, so that adding one
edits nothing else; pages and forms use gettext as usual.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language


@dataclass(frozen=True)
class Text:
    """A text in both languages; `str()` gives the active one (Chinese unless English is on)."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh

    def format(self, **values: Any) -> "Text":
        return Text(self.zh.format(**values), self.en.format(**values))
