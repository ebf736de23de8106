"""Catalogue texts that carry their Chinese and English side by side.

Rules, feed messages and laws are one file each and bring their own wording, so that adding one
edits nothing else; pages and forms use gettext as usual.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, override


@dataclass(frozen=True)
class Text:
    """A text in both languages; `str()` gives the active one (Chinese unless English is on)."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh

    @classmethod
    def of(cls, label: Any) -> "Text":
        """A label of the pages (gettext) in both languages, for what is kept: evidence, papers."""
        said = []
        for language in ("zh-hans", "en"):
            with override(language):
                said.append(str(label))
        return cls(*said)

    def format(self, **values: Any) -> "Text":
        return Text(self.zh.format(**values), self.en.format(**values))
