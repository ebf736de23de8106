"""What becomes of a complaint: it comes in, somebody finds its project, an authority decides.

    accept    waiting, forwarded            -> accepted     within five working days (Zhejiang 23)
    refuse    waiting, forwarded            -> refused      with a reason, and where to go instead
    forward   waiting, accepted, forwarded  -> forwarded    to the authority in charge
    answer    accepted, forwarded           -> answered     with the result

Naming the project and showing companies a summary change no standing. Each act is one transaction
and leaves one audit entry and one step with its day (payroll.models.ComplaintStep). Who is asked
first is answerable: a refusal and a forward say where the matter belongs (Reg. 10).
"""

import datetime as dt
import re
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts import papers
from alerts.acts import NotPossible
from alerts.rules.base import Values
from alerts.rules.G1_complaint_overdue import BEGUN, limit
from payroll import complaints
from payroll.models import Complaint, ComplaintFile, ComplaintStep
from projects import scope
from projects.models import Authority, Member, Project
from projects.models.region import prefix_of
from wagewatch import audit, identity, limits, vault, work
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays

Act, Standing = ComplaintStep.Act, Complaint.Standing

TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "accept": (frozenset({Standing.WAITING, Standing.FORWARDED}), Act.ACCEPTED),
    "refuse": (frozenset({Standing.WAITING, Standing.FORWARDED}), Act.REFUSED),
    "forward": (
        frozenset({Standing.WAITING, Standing.ACCEPTED, Standing.FORWARDED}),
        Act.FORWARDED,
    ),
    "answer": (frozenset({Standing.ACCEPTED, Standing.FORWARDED}), Act.ANSWERED),
}
"""Act -> (standings before, step); the standing after has the step's name."""

REASONS: dict[str, Text] = {
    "competence": Text(
        "不属于劳动保障监察的职权范围", "Not a matter of labour security inspection"
    ),
    "territory": Text("不属于本机关管辖", "Another authority's territory"),
    "procedure": Text(
        "已经或者应当通过劳动争议仲裁、诉讼处理",
        "Before, or to be brought before, labour arbitration or a court",
    ),
    "expired": Text(
        "违法行为发生已超过2年(《劳动保障监察条例》第二十条)",
        "Older than two years (Labour Inspection Regulation 20)",
    ),
    "unclear": Text(
        "被投诉单位和事实不明确,且无法补正",
        "Whom and what it is about is unclear and cannot be found out",
    ),
    "repeated": Text("同一事项已经受理或者答复", "The same matter is in hand or was answered"),
    "withdrawn": Text("投诉人撤回", "Withdrawn by the complainant"),
}
"""Why a complaint is not taken up."""
ELSEWHERE = ("competence", "territory", "procedure")
"""Reasons that must say where the matter belongs."""

_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{7,}[0-9Xx]?")
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike
CODE_LENGTH = 8
TRIES = 5  # wrong codes of one complaint within an hour
LODGED = 10  # complaints from one address within an hour
VISITS = 300  # visits of one address within an hour: a whole site may share one


class Refused(Exception):
    """The public page cannot do it; `reason` is unknown or locked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# ---- coming in


def register(
    facts: dict[str, Any],
    user: Any,
    *,
    project: Project | None = None,
    region: str | None = None,
    files: Sequence[Any] = (),
    today: dt.date,
) -> Complaint:
    """An official takes a complaint down (a visit, a call). `facts` are fields of Complaint."""
    with transaction.atomic():
        made = _made(facts, user, project, region, files, today)
        audit.record(user, "complaint-registered", made, channel=made.channel)
    _judge(made, today)
    return made


def lodge(
    facts: dict[str, Any],
    *,
    project: Project | None = None,
    region: str | None = None,
    files: Sequence[Any] = (),
    today: dt.date,
) -> tuple[Complaint, str]:
    """A worker complains on the page without sign-in; gives the complaint and the code with which
    its standing is looked up. The code is kept as a blind index only."""
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    facts = facts | {"from_public": True, "code_hash": vault.blind(f"complaint {code}")}
    facts["received_on"] = today
    with transaction.atomic():
        made = _made(facts, None, project, region, files, today)
        audit.record(None, "complaint-lodged", made, channel=made.channel)
    _judge(made, today)
    return made, code


def _made(
    facts: dict[str, Any],
    user: Any,
    project: Project | None,
    region: str | None,
    files: Sequence[Any],
    today: dt.date,
) -> Complaint:
    numbers = {name: identity.normalise(facts.get(name, "")) for name in ("id_number", "phone")}
    facts = facts | numbers
    if facts["received_on"] > today:
        raise NotPossible("a complaint is received today at the latest")
    made = Complaint.objects.create(
        mark=vault.blind(f"complaint {uuid.uuid4()}"),
        id_hash=vault.blind(facts["id_number"]) if facts["id_number"] else None,
        phone_hash=vault.blind(facts["phone"]) if facts["phone"] else None,
        region_id=region,
        known_from=today,
        **facts,
    )
    for file in files:
        ComplaintFile.objects.create(complaint=made, **papers.keep(file, "complaints")._asdict())
    if project:
        _step(made, Act.MATCHED, user, today, project=project)
    return made


# ---- acts


def may_handle(complaint: Complaint, member: Member | None) -> bool:
    """Inspectors decide; so does the authority that a complaint was passed on to."""
    if member is None or member.is_company:
        return False
    if member.role == Member.Role.INSPECTOR:
        return True
    return member.authority_id is not None and member.authority_id == complaint.authority_id


def match(complaint: Complaint, user: Any, project: Project, *, on: dt.date) -> Complaint:
    """A person says which project it is about, or corrects what was said before."""
    with transaction.atomic():
        held = _locked(complaint)
        if held.project_id == project.pk:
            raise NotPossible("it is about this project already")
        before = held.project
        _step(held, Act.MATCHED, user, on, project=project)
        audit.record(user, "complaint-matched", held, project=project.code)
    _judge(held, on, before)
    return held


def accept(complaint: Complaint, user: Any, *, on: dt.date) -> Complaint:
    """Take it up 受理. Raises NotPossible."""
    return _act("accept", complaint, user, on)


def refuse(complaint: Complaint, user: Any, reason: str, note: str, *, on: dt.date) -> Complaint:
    """Do not take it up 不予受理: a reason of REASONS, and where to go where it belongs elsewhere.
    Raises NotPossible."""
    if reason not in REASONS:
        raise NotPossible("a refusal needs one of the reasons of the law")
    if reason in ELSEWHERE and not note.strip():
        raise NotPossible("say where the matter belongs")
    return _act("refuse", complaint, user, on, reason=reason, note=note)


def forward(
    complaint: Complaint, user: Any, authority: Authority | None, note: str, *, on: dt.date
) -> Complaint:
    """Pass it on 转办 to an authority of the product, or to another that `note` names. Raises
    NotPossible."""
    if authority is None and not note.strip():
        raise NotPossible("say to whom")
    return _act("forward", complaint, user, on, authority=authority, note=note)


def answer(complaint: Complaint, user: Any, result: str, *, on: dt.date) -> Complaint:
    """Close it with its result, which the complainant reads. Raises NotPossible."""
    if not result.strip():
        raise NotPossible("an answer needs a result")
    return _act("answer", complaint, user, on, note=result)


def share(complaint: Complaint, user: Any, text: str, *, on: dt.date) -> Complaint:
    """Show the project's general contractor and owner `text`, which an official has written: never
    what the complainant wrote, nor who it is. Raises NotPossible."""
    if not text.strip():
        raise NotPossible("nothing to show")
    if any(
        told and told in text for told in (complaint.name, complaint.phone, complaint.id_number)
    ):
        raise NotPossible("it names the complainant")
    with transaction.atomic():
        held = _locked(complaint)
        if held.project_id is None:
            raise NotPossible("it has no project yet")
        held.shared_on, held.shared_text = on, text.strip()
        held.save(update_fields=["shared_on", "shared_text"])
        _step(held, Act.SHARED, user, on, note=text)
        audit.record(user, "complaint-shared", held)
    return held


def names_complainant(complaint: Complaint, text: str) -> bool:
    """Whether words hold the name, the telephone or the ID number of who complained."""
    told = (complaint.name, complaint.phone, complaint.id_number)
    return any(one and one in text for one in told)


def _act(name: str, complaint: Complaint, user: Any, on: dt.date, **facts: Any) -> Complaint:
    before, act = TRANSITIONS[name]
    with transaction.atomic():
        held = _locked(complaint)
        if held.standing not in before:
            raise NotPossible(f"{name}: the complaint is {held.standing}")
        if on < held.received_on:
            raise NotPossible("nothing is decided before it was received")
        _step(held, act, user, on, **facts)
        audit.record(user, f"complaint-{act}", held, reason=facts.get("reason", ""))
    _judge(held, on)
    return held


def _locked(complaint: Complaint) -> Complaint:
    rows = Complaint.objects.select_for_update(of=("self",)).select_related("project")
    return rows.get(pk=complaint.pk)


def _step(
    complaint: Complaint, act: str, user: Any, on: dt.date, *, note: str = "", **facts: Any
) -> None:
    """Keep the step, and let the row repeat it."""
    ComplaintStep.objects.create(
        complaint=complaint, act=act, on=on, known_from=on, user=user,
        note=note.strip()[:1000], **facts,
    )  # fmt: skip
    complaints.refresh([complaint.pk])
    complaint.refresh_from_db()


def _judge(complaint: Complaint, on: dt.date, before: Project | None = None) -> None:
    """Judge the projects concerned anew, in the background."""
    projects = {project.pk for project in (complaint.project, before) if project}
    if projects:
        work.submit(
            "alerts.tasks.feed_committed",
            project_ids=sorted(projects),
            received_on=on.isoformat(),
        )


# ---- looking it up


def find(number: str, code: str) -> Complaint:
    """The complaint of this number, for whoever has its code. Raises Refused: unknown, or locked
    after too many wrong codes."""
    number = identity.normalise(number)
    pk = number_to_key(number)
    key = f"complaint-tries-{pk}"
    if limits.counted(key) >= TRIES:
        raise Refused("locked")
    hashed = vault.blind(f"complaint {identity.normalise(code)}")
    found = Complaint.objects.filter(pk=pk, code_hash=hashed).first()
    if found is None:
        limits.count(key)
        raise Refused("unknown")
    return found


def number_to_key(number: str) -> int:
    """The key of the complaint that a number names; 0 for what is no number."""
    digits = identity.normalise(number).removeprefix("TS")
    return int(digits) if digits.isdecimal() and len(digits) < 15 else 0


def late(today: dt.date, values: Values) -> Q:
    """The condition on a complaint that its next act is overdue on `today` (rule G1)."""
    days = WorkingDays.load()
    begun = ComplaintStep.objects.filter(
        complaint=OuterRef("pk"), act__in=BEGUN, on__lte=_passed(today, days, values["answer"])
    )
    waiting = Q(standing=Standing.WAITING)
    waiting &= Q(received_on__lte=_passed(today, days, values["accept"]))
    going = Q(standing__in=(Standing.ACCEPTED, Standing.FORWARDED))
    return waiting | (going & Q(Exists(begun)))


def _passed(today: dt.date, days: WorkingDays, count: int) -> dt.date:
    """The last day whose `count`-th working day after it has passed."""
    day = today - count * DAY
    while days.add(day, count) >= today:
        day -= DAY
    return day


def with_limits(rows: Sequence[Complaint], values: Values) -> list[tuple[Complaint, Any]]:
    """Each complaint with the last day on which its next act is in time; None when it is ended.
    Two queries."""
    days = WorkingDays.load()
    begun = dict(
        ComplaintStep.objects.filter(complaint__in=[row.pk for row in rows], act__in=BEGUN)
        .order_by("-on")
        .values_list("complaint", "on")
    )
    return [
        (row, None if row.is_closed else limit(row.received_on, begun.get(row.pk), days, values))
        for row in rows
    ]


def suggestions(complaint: Complaint, member: Member) -> list[Project]:
    """Projects of the member's territory whose name, or one of whose companies, the complaint
    names or resembles; a person chooses. Two queries."""
    said = complaint.site_name + complaint.company_name + complaint.text
    if not said.strip():
        return []
    rows = Project.objects.visible_to(member).select_related("contractor", "region")
    if complaint.region_id:
        rows = rows.filter(region__code__startswith=prefix_of(complaint.region_id))
    ranked = []
    for project in rows.iterator(chunk_size=2000):
        score = max(_alike(project.name, said), _alike(project.contractor.name, said))
        if score >= 0.5:
            ranked.append((-score, project.code, project))
    return [project for _, _, project in sorted(ranked, key=lambda one: one[:2])[:MOST_SUGGESTED]]


MOST_SUGGESTED = 8


def _alike(name: str, said: str) -> float:
    """How much of a name is in the words: the share of its pairs of signs."""
    pairs = {name[place : place + 2] for place in range(len(name) - 1)}
    return sum(pair in said for pair in pairs) / len(pairs) if pairs else 0.0


def masked_text(text: str) -> str:
    """Words of a complaint with every telephone, ID and card number in them masked."""
    return _LONG_NUMBER.sub(lambda found: identity.mask_id(found.group()), text)


def masked_person(complaint: Complaint) -> str:
    """Who complained, as every page shows it: `林* · 1380***0001`; empty for nobody."""
    name = complaint.name
    shown = (
        name[:1] + "*" * (len(name) - 1),
        identity.mask_id(complaint.phone),
        identity.mask_id(complaint.id_number),
    )
    return " · ".join(part for part in shown if part)


def visible(member: Member | None) -> Any:
    """Complaints as pages, files and the interface show them to a member."""
    rows = scope.visible(Complaint.objects.all(), member)
    return rows.select_related("project__region", "project__contractor", "region", "authority")
