"""How a notice cites the law: documents and articles by the keys of alerts/law.py.

Only documents whose text was read stand here; what is known from memory is never printed as law.
Articles are cited by number, so that a rule may bring any article of these documents.
"""

import re
from collections.abc import Iterable

from alerts.notices.figures import ordinal

_DOCUMENTS = {
    "Reg.": "《保障农民工工资支付条例》",
    "Inspection": "《劳动保障监察条例》",
    "Criminal Law": "《中华人民共和国刑法》",
}
_WHOLE = {
    "Account rule": "《工程建设领域农民工工资专用账户管理暂行办法》(人社部发〔2021〕53号)",
}
# Inspection 18(1)(2) is article 18, paragraph 1, item 2; Reg. 55(1) has no paragraph but items.
_KEY = re.compile(r"(?P<document>Reg\.|Inspection|Criminal Law) (?P<article>\d+)(?P<rest>.*)\Z")
_LAST_DUTY = 37
"""Articles 6-37 of the regulation are duties; from 38 on they speak to authorities and courts."""


def cite(keys: Iterable[str]) -> str:
    """`Reg. 12`, `Reg. 31`, `Inspection 26(1)` -> 《保障农民工工资支付条例》第十二条、第三十一条和
    《劳动保障监察条例》第二十六条第(一)项. KeyError for a document that was not read."""
    found: dict[str, list[str]] = {}
    for key in sorted(set(keys), key=_order):
        if key in _WHOLE:
            found.setdefault(_WHOLE[key], [])
            continue
        document, article = _article(key)
        found.setdefault(document, []).append(article)
    parts = [document + "、".join(articles) for document, articles in found.items()]
    return "、".join(parts[:-1]) + ("和" if parts[1:] else "") + parts[-1]


def is_duty(key: str) -> bool:
    """Whether a company can break it: an article that lays a duty on companies."""
    match = _KEY.match(key)
    if match is None:
        return key in _WHOLE
    return match["document"] == "Reg." and int(match["article"]) <= _LAST_DUTY


def _article(key: str) -> tuple[str, str]:
    match = _KEY.match(key)
    if match is None:
        raise KeyError(key)
    text = f"第{ordinal(int(match['article']))}条"
    steps = re.findall(r"\((\d+)\)", match["rest"])
    if match["rest"].startswith("-"):
        text += f"之{ordinal(int(match['rest'][1:]))}"
    if len(steps) == 2:
        text += f"第{ordinal(int(steps[0]))}款"
    if steps:
        text += f"第（{ordinal(int(steps[-1]))}）项"
    return _DOCUMENTS[match["document"]], text


def _order(key: str) -> tuple[int, list[int]]:
    names = [*_DOCUMENTS, *_WHOLE]
    rank = [key.startswith(name) for name in names]
    if not any(rank):
        raise KeyError(key)
    return rank.index(True), [int(number) for number in re.findall(r"\d+", key)]
