"""Notices served on companies: one file per document type, beside its template.

    issue(type, warnings, user=, authority=, issued_on=, due_on=) -> Notice
    read(notice) -> bytes        the PDF as issued, checked against its SHA-256

To add a document type: a module here with a `document` (a base.Document) and `<code>.html`.
"""

import importlib
import pkgutil
from functools import cache

from alerts.notices.base import Document
from alerts.notices.checks import authority_for, may_carry
from alerts.notices.errors import NoticeError
from alerts.notices.issuing import issue
from alerts.notices.store import read

__all__ = ["Document", "NoticeError", "authority_for", "documents", "issue", "may_carry", "read"]


@cache
def documents() -> dict[str, Document]:
    """The document types by code."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    found = [module.document for module in modules if hasattr(module, "document")]
    return {document.code: document for document in found}
