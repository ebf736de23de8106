"""What a rule is, what it finds, and the shape of the evidence.

Evidence is JSON, so that a warning keeps what it was judged by:

    facts       [{"label": {zh, en}, "value": str, "kind": KIND}]   what is known, in reading order
    arithmetic  [{"label": {zh, en}, "value": str, "kind": KIND, "sign": "", "+", "-" or "="}]
    columns     [{"key": str, "label": {zh, en}, "kind": KIND}]     of the rows below
    rows        [{key: str}]     the sheet lines, entries or days; personal numbers masked
    rows_total  int              how many there are; at most ROWS_KEPT are kept
    sources     [{"feed": id, "filename": str, "sha256": str, "received_on": date}]
    parameters  {name: str}      the values it was judged by
    responsible [{"code": str, "name": str, "role": str}]           in the law's order
    clears      {zh, en}         what would clear it
    steps       [{zh, en}]       the next lawful steps of the authority, in their order
    raised      {rule, from, to, shown_on, due_on} or null   why its level is above its own
    data_missing  bool           a feed the rule needs does not reach far enough
    as_of       date             the day this evidence speaks of

KIND is one of text, money (CNY, two places), date, days, count, month. A text that is a word of the
catalogue and no received value is {zh, en} instead of str: papers print the Chinese alone.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django.db.models import Q

from alerts.rules.evidence import Evidence
from payroll.changes import OF_CYCLES, Changes
from wagewatch.bilingual import Text
from wagewatch.months import Month

T = TypeVar("T")
Months = Collection[Month] | None
"""The months asked about; None for all."""
Standing = Mapping[Month, Any]
"""Of months something that, beside the facts, the answers about them depend on."""
ZERO = Decimal("0.00")

BLUE, YELLOW, ORANGE, RED = 1, 2, 3, 4
"""The values of alerts.models.Level."""


@dataclass(frozen=True)
class Stage(Text):
    """A stage of the process; `key` stands in URLs."""

    key: str = ""


START_UP = Stage("开工准备", "Start-up", "start-up")
FUNDING = Stage("资金拨付", "Funding", "funding")
REAL_NAME = Stage("实名考勤", "Real name", "real-name")
PAY_SHEET = Stage("工资编制", "Pay sheet", "pay-sheet")
PAYMENT = Stage("工资发放", "Payment", "payment")
COMPLETION = Stage("完工退场", "Completion", "completion")
COMPLAINTS = Stage("投诉举报", "Complaints", "complaints")
OVERSIGHT = Stage("监管督办", "Oversight", "oversight")
COMPANY = Stage("企业风险", "Company", "company")
STAGES = (
    *(START_UP, FUNDING, REAL_NAME, PAY_SHEET, PAYMENT, COMPLETION),
    *(COMPLAINTS, OVERSIGHT, COMPANY),
)


ENTRY_KINDS = Text(
    "银行流水的性质(建设单位拨付、工资、其他支出)按现在的认定。",
    "What a bank entry is (the owner's payment, a wage, another debit) is taken as recognized now.",
)
"""`kept_as_now` of the rules that rest on BankEntry.kind."""


@dataclass(frozen=True)
class Param:
    """A number that a region may set: its default, its unit (KIND words), and its bounds."""

    name: str
    default: int
    unit: str
    minimum: int
    maximum: int
    label: Text


Values = Mapping[str, int]
"""The values of a rule's parameters in force for the projects judged."""


def in_months(field: str, months: Months) -> Q:
    """The condition on a field of months."""
    return Q() if months is None else Q(**{f"{field}__in": months})


class Kept:
    """Days judged one after another: their answers stand for the days after the one they were asked
    on, as far as these bring nothing new of the facts they rest on. The facts must not change
    meanwhile (changes.held)."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.changes = Changes(dt.date.min)
        self._last = dt.date.max
        self._answers: dict[Any, tuple[dt.date, Any]] = {}
        self._rows: dict[Any, tuple[dt.date, Standing, dict[Month, list[Any]]]] = {}

    def step(self, day: dt.date) -> Months:
        """Go on to a day. Gives the months whose pay cycles may differ from those of the day before
        it, None for all: what is kept starts anew where the days turn back or have gone far."""
        months = None
        if self._last <= day and self.changes.reaches(day):
            months = self.changes.months(OF_CYCLES, self._last, day)
        else:
            self.forget()
            self.changes = Changes(day)
        self._last = day
        return months

    def ask(self, kinds: Collection[str], as_of: dt.date, question: Any, ask: Any) -> Any:
        """What `ask()` gave for `question` on an earlier day, or gives now."""
        held = self._answers.get(question)
        if held is None or self.changes.between(kinds, held[0], as_of):
            held = self._answers[question] = (as_of, ask())
        return held[1]

    def rows(
        self,
        kinds: Collection[str],
        as_of: dt.date,
        standing: Standing,
        question: Any,
        ask: Callable[[Months], dict[Month, list[Any]]],
    ) -> list[Any]:
        """The rows that `ask(months)` gave on earlier days; of months that something has changed
        in since, those that it gives now."""
        rows: dict[Month, list[Any]] = {}
        months = None
        if held := self._rows.get(question):
            day, stood, rows = held
            months = self.changes.months(kinds, day, as_of)
        if months is None:
            rows = ask(None)
        else:
            months |= {one for one in {*stood, *standing} if stood.get(one) != standing.get(one)}
            if months:
                kept = {month: held for month, held in rows.items() if month not in months}
                rows = kept | ask(frozenset(months))
        self._rows[question] = (as_of, standing, rows)
        return [row for month in rows for row in rows[month]]


@dataclass(frozen=True)
class Scope:
    """The projects to judge: all, some ids, or those of some regions (a partition by parameter
    values), or both. One is made for each day judged. `kept`: what the days judged before it in
    the same run have found out."""

    project_ids: frozenset[int] | None = None
    region_ids: frozenset[str] | None = None
    kept: Kept | None = field(default=None, repr=False, compare=False)
    _answers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, question: Callable[..., T], *about: Any) -> T:
        """`question(*about)`, asked by the first rule that needs the answer. All share it: nobody
        changes it."""
        key = (question, about)
        if key not in self._answers:
            self._answers[key] = question(*about)
        return self._answers[key]  # type: ignore[no-any-return]

    def while_known(
        self, kinds: Collection[str], as_of: dt.date, question: Callable[..., T], *about: Any
    ) -> T:
        """`question(as_of, self, *about)`, which depends on the day only by what is known of these
        kinds of facts (payroll.changes) on it. Nobody changes the answer: it may serve other days
        of the same run."""
        if self.kept is None:
            return question(as_of, self, *about)
        key = (question, self.project_ids, self.region_ids, about)
        return self.kept.ask(  # type: ignore[no-any-return]
            kinds, as_of, key, lambda: question(as_of, self, *about)
        )

    def of_months(
        self,
        kinds: Collection[str],
        as_of: dt.date,
        question: Callable[..., Iterable[T]],
        month_of: Callable[[T], Month],
        *about: Any,
        standing: Standing | None = None,
    ) -> list[T]:
        """The rows of `question(as_of, self, months, *about)`, `months` being those asked about.
        The rows of a month (`month_of`) depend on the day only by what is known of these kinds of
        facts about that month, and by what `standing` says of it: where nothing is given, whether
        it is the running month. Nobody changes them: they may serve other days of the same run."""
        if self.kept is None:
            return list(question(as_of, self, None, *about))

        def ask(months: Months) -> dict[Month, list[T]]:
            found: dict[Month, list[T]] = {}
            for row in question(as_of, self, months, *about):
                found.setdefault(month_of(row), []).append(row)
            return found

        key = (question, self.project_ids, self.region_ids, about)
        if standing is None:
            standing = {Month.of(as_of): "running"}
        return self.kept.rows(kinds, as_of, standing, key, ask)

    def part(self, region_ids: frozenset[str]) -> "Scope":
        """Those of its projects that lie in these regions; the same one each time."""
        return self.once(Scope, self.project_ids, region_ids, self.kept)

    def q(self, project: str = "project") -> Q:
        """The condition on a row that reaches its project through `project` ("pk" is itself)."""
        condition = Q()
        if self.project_ids is not None:
            path = project if project == "pk" else f"{project}_id"
            condition &= Q(**{f"{path}__in": sorted(self.project_ids)})
        if self.region_ids is not None:
            path = "region_id" if project == "pk" else f"{project}__region_id"
            condition &= Q(**{f"{path}__in": sorted(self.region_ids)})
        return condition


@dataclass(frozen=True)
class Raise:
    """Why a level is one above that of the facts: the company saw the matter on `shown_on` and
    was to answer by `due_on`. A red one stays red: `after` is then `before`."""

    rule: str
    before: int
    after: int
    shown_on: dt.date
    due_on: dt.date

    def json(self) -> dict[str, Any]:
        days = {"shown_on": self.shown_on.isoformat(), "due_on": self.due_on.isoformat()}
        return {"rule": self.rule, "from": self.before, "to": self.after} | days


@dataclass
class Finding:
    """A matter that holds on the day judged. `data` is what the evidence is made from; `last`
    the last month where the matter spans several; `people` the workers it is about, where a
    fold asks for them. `raised`: why `level` is above that of the facts; `raises`: the warnings
    (primary keys) whose level a rule that follows raises, the worst first."""

    project_id: int
    company_id: int
    month: Month | None
    level: int
    since: dt.date
    workers: int = 0
    amount: Decimal = ZERO
    data_missing: bool = False
    subject: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    last: Month | None = None
    people: frozenset[int] = frozenset()
    raised: Raise | None = None
    raises: dict[int, Raise] = field(default_factory=dict)

    @property
    def cycle(self) -> "CycleKey":
        """The pay cycle, of a finding that is about one."""
        assert self.month is not None
        return (self.project_id, self.company_id, self.month)


CycleKey = tuple[int, int, Month]


@dataclass(frozen=True)
class Fold:
    """What a rule hides: warnings of `rules` on the same project for which `covers(mine, other)`
    holds."""

    rules: tuple[str, ...]
    covers: Callable[[Finding, Finding], bool]


def same_project(mine: Finding, other: Finding) -> bool:
    return True


def same_cycle(mine: Finding, other: Finding) -> bool:
    return mine.company_id == other.company_id and mine.month == other.month


def same_run(mine: Finding, other: Finding) -> bool:
    """The other's month is one of mine (`month` to `last`), of the same company."""
    if mine.month is None or mine.last is None or other.month is None:
        return False
    return mine.company_id == other.company_id and mine.month <= other.month <= mine.last


class Rule:
    """One rule of the catalogue. A subclass in a file of its own is all that a new rule needs."""

    code: ClassVar[str]
    title: ClassVar[Text]
    stage: ClassVar[Stage]
    why: ClassVar[Text]
    law: ClassVar[tuple[str, ...]]
    levels: ClassVar[Text]
    clears: ClassVar[Text]
    needs: ClassVar[tuple[str, ...]]
    """Kinds of feed without which the rule cannot judge."""
    responsible: ClassVar[tuple[str, ...]]
    """Who answers for it, in the law's order: employer, general, owner; company, the one that the
    finding is about, whatever its part; or authority, which `Evidence.authority` names."""
    about: ClassVar[str] = "company"
    """Whose failing it is: "company" or "authority". Companies never see the latter."""
    answerable: ClassVar[bool] = True
    """Whether the company is expected to answer it (rule H1)."""
    follows: ClassVar[bool] = False
    """Whether it speaks of what the other rules found: `follow` is asked instead of `find`."""
    params: ClassVar[tuple[Param, ...]] = ()
    hides: ClassVar[tuple[Fold, ...]] = ()
    after: ClassVar[bool] = False
    """Judged last and for the whole city, from the warnings that the other rules have left."""
    kept_as_now: ClassVar[Text | None] = None
    """What of its facts is kept without history: a replay of a past day takes it as it is now."""
    live: ClassVar[bool] = True
    """False for a rule on trial: only a backtest asks it, and it opens no warning."""

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        """Every matter that holds on `as_of` by what was received by then. A number of queries
        that does not depend on the number of rows."""
        raise NotImplementedError

    def follow(
        self, as_of: dt.date, scope: Scope, values: Values, shown: Mapping[int, Finding]
    ) -> list[Finding]:
        """What follows from the matters that companies were shown before `as_of` and that still
        hold: `shown`, by the primary key of their warnings, none of them folded."""
        raise NotImplementedError

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        """The evidence of these findings, in their order; all of it in a few queries."""
        raise NotImplementedError

    @property
    def of_facts(self) -> bool:
        """Whether it is judged from facts alone, and so can be asked of a past day by itself."""
        return not self.after and not self.follows

    @property
    def defaults(self) -> dict[str, int]:
        return {param.name: param.default for param in self.params}
