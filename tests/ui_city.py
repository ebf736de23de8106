"""Two sites in two districts with people of every role, for the tests of pages.

Site A (Dinghai, housing) and site B (Daishan, water) each have an owner, a general contractor and
a subcontractor whose sheet of March was not paid; each has an open E1.
"""

import datetime as dt
import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from alerts import answers, backtest, cases, engine
from alerts.models import Answer, Backtest, Case, Notice, RuleParameter, Warning
from alerts.notices import store
from payroll import ingest
from payroll.models import Feed
from projects.models import (
    Authority,
    Company,
    Conflict,
    Engagement,
    FieldDecision,
    Member,
    Party,
    Project,
)
from tests import factories
from wagewatch.months import Month

AS_OF = dt.date(2026, 4, 30)
MARCH = Month.parse("2026-03")


@dataclass
class Site:
    project: Project
    owner: Company
    general: Company
    sub: Company
    people: list[Engagement] = field(default_factory=list)

    @property
    def warning(self) -> Warning:
        return Warning.objects.get(project=self.project, company=self.sub, rule="E1")


@dataclass
class City:
    a: Site
    b: Site
    authority: Authority
    users: dict[str, User]


def site(letter: str, region: str, industry: str, workers: int = 2) -> Site:
    owner, general, sub = (
        factories.company(f"{letter}{role}") for role in ("示例置业", "示例建工", "示例劳务")
    )
    project = factories.project(
        name=f"{letter}示例工程",
        region_id=region,
        industry=industry,
        owner=owner,
        contractor=general,
    )
    Party.objects.create(
        project=project, company=sub, role="sub", parent=general, known_from=factories.EARLY
    )
    people = [factories.worker(project, sub) for _ in range(workers)]
    for engagement in people:
        factories.attend(engagement, "2026-03")
    factories.sheet(project, "2026-03", dict.fromkeys(people, "6000.00"))
    factories.statement(project, dt.date(2026, 4, 29), closing="0.00")
    return Site(project, owner, general, sub, people)


def user(name: str, **member: Any) -> User:
    made = User.objects.create(username=name)
    if member:
        Member.objects.create(user=made, **member)
    return made


def city() -> City:
    a, b = site("甲", "330902", "housing"), site("乙", "330921", "water")
    authority = Authority.objects.create(
        kind=Authority.Kind.HRSS,
        region_id="330900",
        name="示例市人力资源和社会保障局",
        document_mark="示人社监令字",
        government="示例市人民政府",
        court="示例区人民法院",
    )
    users = {
        "inspector": user("inspector", role="inspector", region_id="330900", authority=authority),
        "inspector_b": user("inspector_b", role="inspector", region_id="330921"),
        "regulator": user(
            "regulator", role="regulator", region_id="330902", industries=["housing"]
        ),
        "regulator_b": user(
            "regulator_b", role="regulator", region_id="330902", industries=["water"]
        ),
        "government": user("government", role="government", region_id="330902"),
        "nobody": user("nobody"),
    }
    for letter, place in (("a", a), ("b", b)):
        for role in ("owner", "general", "sub"):
            name = f"{role}_{letter}"
            users[name] = user(name, role=role, company=getattr(place, role))
    engine.evaluate(AS_OF)
    return City(a, b, authority, users)


def sent(sender: User, content: bytes, *projects: Project, name: str = "工资表.csv") -> Feed:
    """A feed as a member sent it, received but not processed."""
    feed = ingest.receive(
        io.BytesIO(content),
        name,
        sender=sender,
        company=sender.member.company,  # type: ignore[attr-defined]
        received_on=AS_OF,
        received_at=timezone.now(),
        channel="web",
    )
    feed.projects.add(*projects)
    return feed


def notice(city: City, place: Site, number: int = 1, pdf: bytes = b"%PDF-1.7 made up") -> Notice:
    """A notice as a row with a sealed file, without drawing the document."""
    made = Notice.objects.create(
        type="rectification",
        authority=city.authority,
        year=2026,
        number=number,
        title="劳动保障监察限期改正指令书",
        document_number=f"示人社监令字〔2026〕第{number:03d}号",
        company=place.sub,
        project=place.project,
        issued_on=AS_OF,
        due_on=AS_OF + dt.timedelta(days=7),
        workers=2,
        amount="12000.00",
        facts={},
        file=store.write(pdf, 2026),
        sha256=hashlib.sha256(pdf).hexdigest(),
    )
    made.warnings.add(place.warning)
    return made


def case(city: City, place: Site) -> Case:
    """A case of the city's authority on the place's warning; made once."""
    if found := Case.objects.filter(project=place.project).first():
        return found
    return cases.open_case([place.warning], city.users["inspector"], on=AS_OF)


def answered(city: City, place: Site, kind: str = "dispute") -> Answer:
    """The subcontractor's answer to the place's warning, with one paper; made once."""
    if found := Answer.objects.filter(warning=place.warning, kind=kind).first():
        Answer.objects.filter(pk=found.pk).update(
            standing="waiting", withdrawn_on=None, decided_on=None, decided_by=None
        )
        return found
    who = city.users["sub_a" if place is city.a else "sub_b"]
    paper = SimpleUploadedFile("回单.pdf", b"%PDF-1.7 receipt")
    return answers.answer(
        place.warning,
        Member.objects.get(user=who),
        kind,
        "已于发薪日支付,见回单。",
        files=[paper],
        on=AS_OF,
    )


def value_to_come(place: Site) -> RuleParameter:
    """A parameter set for the place's region from tomorrow on."""
    return RuleParameter.objects.get_or_create(
        rule="E1",
        name="orange",
        region=place.project.region,
        valid_from=timezone.localdate() + dt.timedelta(days=1),
        defaults={"value": 5, "document": "文件"},
    )[0]


def trial(place: Site) -> Backtest:
    """A finished trial of E1 on one day, over the place's district."""
    if found := Backtest.objects.filter(territory=place.project.region).first():
        return found  # type: ignore[no-any-return]
    made = backtest.make("E1", {"orange": 3}, AS_OF, AS_OF, territory=place.project.region)
    return backtest.run(made.pk)


def conflict(city: City, place: Site, *, decided: bool) -> Conflict | FieldDecision:
    """Two departments name the place's project otherwise; or what was decided of that."""
    about = {"project": place.project, "field": "name"}
    if not decided:
        given = {"standing": "open", "opened_on": AS_OF, "held_source": "hrss"}
        return Conflict.objects.get_or_create(**about, defaults=given)[0]
    return FieldDecision.objects.create(
        **about,
        source="hrss",
        value=place.project.name,
        seen={"hrss": place.project.name, "housing": "另一名称"},
        reason="见批文",
        on=AS_OF,
        at=timezone.now(),
        after_feed=0,
        by=city.users["inspector"],
    )
