"""ISO 20022 messages as a stream: elements by local name, whatever namespace or prefix they bear.

A document type declaration is refused: no bank writes one, and entities are how XML files attack.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from lxml import etree

from payroll.checks.issues import Unreadable
from payroll.feeds.base import Source


def events(source: Source, names: Collection[str]) -> Iterator[Any]:
    """Each element of these names when it is complete.

    Raises Unreadable: xml-doctype, xml-broken.
    """
    try:
        for event, element in etree.iterparse(
            source.rewind(),
            events=("start", "end"),
            tag=[_any(name) for name in names],
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        ):
            if event == "end":
                yield element
            elif element.getroottree().docinfo.doctype:
                raise Unreadable("xml-doctype")
    except etree.XMLSyntaxError as error:
        raise Unreadable("xml-broken", row=error.lineno) from error


def local(element: Any) -> str:
    """The name without namespace; empty for nothing, a comment or an instruction."""
    tag = None if element is None else element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def forget(element: Any) -> None:
    """Free what has been read; the element itself goes when the next one of its kind comes."""
    element.clear()
    before = element.getprevious()
    if before is not None and before.tag == element.tag:
        element.getparent().remove(before)


@cache
def _any(name: str) -> str:
    return f"{{*}}{name}"


def find(element: Any, *path: str) -> Any:
    """The first element down a path of local names, or None."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(_any(name)), None)
    return element


def text(element: Any, *path: str) -> str:
    found = find(element, *path)
    return "" if found is None else (found.text or "").strip()


def every(element: Any, name: str) -> list[Any]:
    return [] if element is None else list(element.iterchildren(_any(name)))


def day(element: Any) -> str:
    """A date as YYYY-MM-DD: Dt, or the day of DtTm."""
    return text(element, "Dt")[:10] or text(element, "DtTm")[:10]


def account(element: Any) -> str:
    """The number of a cash account: IBAN, or Othr/Id."""
    return text(element, "Id", "IBAN") or text(element, "Id", "Othr", "Id")


def party(element: Any) -> str:
    """A party's name: direct up to version .07, inside Pty or Agt from .08 on."""
    return (
        text(element, "Nm")
        or text(element, "Pty", "Nm")
        or text(element, "Agt", "FinInstnId", "Nm")
    )
