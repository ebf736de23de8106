"""The State Council's yearly notice 国务院办公厅关于…年部分节假日安排的通知, read from its text.

    一、元旦:1月1日(周四)至3日(周六)放假调休,共3天。1月4日(周日)上班。

gives rest days and make-up workdays. What the notice says of itself is held against the calendar:
the weekday in brackets, the number of days, seven holidays, make-up days on weekends only.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wagewatch.bilingual import Text

DAY = dt.timedelta(days=1)
HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""全国年节及纪念日放假办法, article 2."""
LONGEST = 15
_WEEKDAYS = "一二三四五六日"
_CLAUSE = re.compile(r"(?:[一二三四五六七八九十]+、)?\s*(" + "|".join(HOLIDAYS) + r")")
_DATE = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[(\uff08]([^)\uff09]*)[)\uff09])?"
_ONE = re.compile(_DATE)
_SPAN = re.compile(_DATE + r"(?:\s*[至到—-]\s*" + _DATE + r")?\s*放假")
_COUNT = re.compile(r"共\s*(\d+)\s*天|放假\s*(\d+)\s*天")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")

NO_HOLIDAYS = Text("没有找到放假安排。请粘贴通知全文。", "No holidays found. Paste the whole text.")
OTHER_YEAR = Text(
    "文中年份为 {found},与所选 {year} 年不符。", "The text is of {found}, not of {year}."
)
MISSING = Text("缺少节日:{names}。", "Holidays missing: {names}.")
WRONG_WEEKDAY = Text("{day} 是周{real},文中写周{said}。", "{day} is no 周{said} but 周{real}.")
WRONG_COUNT = Text(
    "{name}:文中写共 {said} 天,日期为 {days} 天。", "{name}: {said} days said, {days} days dated."
)
NO_SUCH_DAY = Text("没有这一天:{day}。", "No such day: {day}.")
NOT_A_WEEKEND = Text(
    "{day} 不是周末,不能是调休上班日。", "{day} is no weekend: no make-up workday."
)
TWICE = Text("{day} 既放假又上班。", "{day} is both a rest day and a workday.")
TOO_LONG = Text("{name} 放假超过 {longest} 天。", "{name} is longer than {longest} days.")
FAR = Text("{day} 不在 {year} 年安排范围内。", "{day} does not belong to {year}.")


@dataclass
class Notice:
    """What a text says: day -> (is a workday, the holiday's name), and what is wrong with it."""

    year: int
    days: dict[dt.date, tuple[bool, str]] = field(default_factory=dict)
    problems: list[Text] = field(default_factory=list)

    @property
    def rest(self) -> int:
        return sum(not works for works, _ in self.days.values())

    def wrong(self, text: Text, **values: object) -> None:
        self.problems.append(text.format(**values))


def read(text: str, year: int) -> Notice:
    """The notice of a year; never fails: what cannot be understood is a problem in words."""
    notice = Notice(year)
    text = re.sub(r"[ \t\u3000]", "", text)
    stated = re.search(r"(\d{4})年(?:部分)?节假日安排", text)
    if stated and int(stated[1]) != year:
        notice.wrong(OTHER_YEAR, found=stated[1], year=year)
    found = set()
    for names, body in _clauses(text):
        found.update(names)
        _read_clause(notice, "、".join(names), body)
    missing = [name for name in HOLIDAYS if name not in found]
    if not notice.days:
        notice.wrong(NO_HOLIDAYS)
    elif missing:
        notice.wrong(MISSING, names="、".join(missing))
    for day, (works, _) in sorted(notice.days.items()):
        if works and day.weekday() < 5:
            notice.wrong(NOT_A_WEEKEND, day=day)
        if not dt.date(year - 1, 12, 20) <= day <= dt.date(year + 1, 1, 10):
            notice.wrong(FAR, day=day, year=year)
    return notice


def _clauses(text: str) -> Iterator[tuple[list[str], str]]:
    """(holidays, what is said of them) of each line that begins with one and speaks of rest days;
    lines that go on belong to it."""
    held: tuple[list[str], str] | None = None
    for line in text.splitlines():
        head = re.split(r"[:\uff1a]", line, maxsplit=1)[0]
        names = [name for name in HOLIDAYS if name in head]
        if _CLAUSE.match(line) and names:
            if held:
                yield held
            held = (names, line[len(head) + 1 :])
        elif held and "日" in line and ("放假" in line or "上班" in line):
            held = (held[0], held[1] + line)
    if held:
        yield held


def _read_clause(notice: Notice, name: str, body: str) -> None:
    span = _SPAN.search(body)
    if span is None:
        return
    begins = _day(notice, span.groups()[:4], None)
    if begins is None:
        return
    ends = _day(notice, span.groups()[4:], begins) if span[7] else begins
    if ends is None:
        return
    length = (ends - begins).days + 1
    if not 1 <= length <= LONGEST:
        notice.wrong(TOO_LONG, name=name, longest=LONGEST)
        return
    if (count := _COUNT.search(body)) and int(count[1] or count[2]) != length:
        notice.wrong(WRONG_COUNT, name=name, said=count[1] or count[2], days=length)
    for step in range(length):
        _put(notice, begins + step * DAY, False, name)
    for part in re.split(r"[。;\uff1b]", body):
        if part.endswith("上班"):
            last = begins
            for one in _ONE.finditer(part):
                day = _day(notice, one.groups(), last)
                if day is not None:
                    _put(notice, day, True, name)
                    last = day


def _put(notice: Notice, day: dt.date, works: bool, name: str) -> None:
    if day in notice.days and notice.days[day][0] != works:
        notice.wrong(TWICE, day=day)
    notice.days[day] = (works, name)


def _day(notice: Notice, parts: tuple[str | None, ...], before: dt.date | None) -> dt.date | None:
    """Year and month may be left out: then they are the ones named before."""
    year_said, month, number, remark = parts
    year = int(year_said) if year_said else before.year if before and not month else notice.year
    try:
        day = dt.date(
            year, int(month) if month else before.month if before else 0, int(number or 0)
        )
    except ValueError:
        notice.wrong(NO_SUCH_DAY, day=f"{month or ''}月{number}日")
        return None
    weekday = _WEEKDAY.search(remark or "")
    if weekday:
        said = weekday[1].replace("天", "日")
        if said != _WEEKDAYS[day.weekday()]:
            notice.wrong(WRONG_WEEKDAY, day=day, said=said, real=_WEEKDAYS[day.weekday()])
    return day
