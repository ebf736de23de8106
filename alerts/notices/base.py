"""What a document type is. One file and one template of the same name for each.

A document type gathers everything it says into a Draft before any lock is held; rendering then
needs only the draft and the number, so that the same draft and number give the same bytes.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.template import Template, engines
from django.utils import translation

from alerts.models import Warning
from projects.models import Authority, Company, Project
from wagewatch.bilingual import Text

_HERE = Path(__file__).resolve().parent
PDF_VARIANT = "pdf/a-2u"
"""ISO 19005-2, level U: fonts embedded, every glyph has its Unicode text."""


@dataclass(frozen=True)
class Line:
    """One engagement's sum in the annex (CNY); `months` as printed."""

    engagement: int
    months: str
    due: Decimal
    paid: Decimal
    owed: Decimal


@dataclass(frozen=True)
class Draft:
    """All that a notice will say but its number. `facts` is JSON and feeds the template."""

    company: Company
    project: Project
    issued_on: dt.date
    due_on: dt.date
    workers: int
    amount: Decimal
    facts: dict[str, Any]
    lines: list[Line] = field(default_factory=list)


class Document(ABC):
    """A document type: `code` names it in commands and the database."""

    code: ClassVar[str]
    title: ClassVar[Text]

    @abstractmethod
    def prepare(
        self,
        warnings: Sequence[Warning],
        *,
        authority: Authority,
        issued_on: dt.date,
        due_on: dt.date,
    ) -> Draft:
        """What the document says of these warnings (of one company, checked), as known on
        `issued_on`. NoticeError when it cannot be said. Reads only."""

    def render(self, draft: Draft, document_number: str) -> bytes:
        """The PDF/A. The same draft and number give the same bytes on one installation."""
        return pdf(self.html(draft, document_number))

    def html(self, draft: Draft, document_number: str) -> str:
        with translation.override("zh-hans"):
            return str(
                _template(self.code).render(
                    {  # type: ignore[arg-type]
                        **draft.facts,
                        "title": self.title.zh,
                        "number": document_number,
                        "issued_iso": draft.issued_on.isoformat(),
                        "generator": str(settings.PRODUCT_NAME),
                    }
                )
            )


def pdf(html: str) -> bytes:
    """PDF/A of a page that refers to nothing outside itself."""
    from weasyprint import HTML  # takes half a second, which no other command should wait for

    document = HTML(string=html, base_url=None, url_fetcher=_refuse)
    written = document.write_pdf(pdf_variant=PDF_VARIANT, pdf_tags=True)
    assert written is not None
    return bytes(written)


def _refuse(url: str, *args: Any, **kwargs: Any) -> Any:
    raise ValueError(f"a notice refers to nothing outside itself: {url}")


@cache
def _template(code: str) -> Template:
    text = (_HERE / f"{code}.html").read_text(encoding="utf-8")
    style = (_HERE / "official.css").read_text(encoding="utf-8")
    return engines["django"].from_string(text.replace("/* official.css */", style))  # type: ignore[return-value]
