"""The demo city in a database: authorities, logins, feeds through the pipeline, evaluations."""

import datetime as dt
import io
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from alerts import answers, cases, engine, forecast, scoring, standing, tasks
from alerts.models import Case, Evaluation, ForecastMeasure, Warning
from alerts.simulation import departments, simulate
from payroll import ingest, matching, reconciliation
from payroll.models import Feed
from projects.models import Authority, Company, Member, Project, Region, Source
from wagewatch.months import Month

Say = Callable[[str], None]


def make_files(
    directory: Path, projects: int, workers: int, months: int, seed: int, say: Say
) -> None:
    """The feed files up to today, unless they are there already from the same arguments."""
    today = timezone.localdate()
    wanted: dict[str, Any] = {
        "projects": projects,
        "workers": workers,
        "months": months,
        "seed": seed,
    }
    mark = directory / "made.json"
    if mark.exists() and json.loads(mark.read_text()) == wanted:
        return
    say(f"Making a city of {projects} projects and about {workers} workers, {months} months ...")
    simulate(directory, **wanted, end=Month.of(today), until=today)
    mark.write_text(json.dumps(wanted))


def load(directory: Path, say: Say) -> dict[str, int]:
    """Every file of the manifest in order, as of its day; those loaded before are skipped."""
    listed = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    known = set(Feed.objects.accepted().filter(channel="demo").values_list("filename", flat=True))
    counts: dict[str, int] = {}
    for number, item in enumerate(listed, start=1):
        # The folder is the day: names repeat from day to day.
        name = item["file"].replace("/", "-")
        if name in known:
            counts["loaded before"] = counts.get("loaded before", 0) + 1
            continue
        with (directory / item["file"]).open("rb") as file:
            feed = ingest.receive(
                file,
                name,
                received_on=dt.date.fromisoformat(item["received_on"]),
                received_at=timezone.now(),
                kind=item["kind"],
                channel="demo",
                source=Source.HRSS,
            )
        ingest.process(feed, evaluate=False, match=False)
        counts[feed.status] = counts.get(feed.status, 0) + 1
        if number % 100 == 0:
            say(f"  {number} of {len(listed)} files, up to {item['received_on']}")
    return counts


def load_departments(say: Say) -> None:
    """What the other departments tell of the same projects, as of today."""
    known = set(Feed.objects.accepted().filter(channel="demo").values_list("filename", flat=True))
    projects = list(Project.objects.order_by("code"))
    for name, source, data in departments.files(projects):
        if name in known:
            continue
        feed = ingest.receive(
            io.BytesIO(data),
            name,
            received_on=timezone.localdate(),
            received_at=timezone.now(),
            kind="projects",
            channel="demo",
            source=source,
        )
        ingest.process(feed, evaluate=False, match=False)
        say(f"  {name}: {feed.status}")


def judge(directory: Path, say: Say) -> None:
    """Match payments; evaluate as of each tenth day, each month's end and today, in order."""
    say("Matching payments ...")
    matching.match(None)
    listed = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    first = dt.date.fromisoformat(listed[0]["received_on"])
    today = timezone.localdate()
    say("Evaluating as of every tenth day up to today ...")
    month = Month.of(first) + 1
    while month.first <= today:
        days = (month.first.replace(day=10), month.first.replace(day=20), month.last, today)
        for day in sorted(day for day in days if day <= min(month.last, today)):
            engine.evaluate(day)
            _answer(day)
            scoring.compute(day)
        done = Evaluation.objects.latest("pk")
        say(f"  {done.as_of}: {Warning.objects.open().count()} warnings open")
        month = month + 1
    reconciliation.check(done.as_of)
    forecast.refresh(today)


def _answer(day: dt.date) -> None:
    """Two companies in three answer what was opened on `day`; rule H1 raises it for the others."""
    opened = (
        Warning.objects.open()
        .unfolded()
        .filter(opened_on=day, internal=False, data_missing=False, company__in=_prompt())
    )
    for warning in opened.select_related("company"):
        user, _ = get_user_model().objects.get_or_create(username=f"office-{warning.company.code}")
        member, _ = Member.objects.get_or_create(
            user=user, defaults={"role": Member.Role.SUB, "company": warning.company}
        )
        answers.answer(
            warning,
            member,
            "explanation",
            "情况属实,正在办理。",
            promised_on=day + dt.timedelta(days=10),
            on=day,
        )


def _prompt() -> list[int]:
    return [pk for pk in Company.objects.values_list("pk", flat=True) if pk % 3]


@transaction.atomic
def add_authorities() -> None:
    """HRSS of the city and its districts, and the city's sector regulators. Telephone numbers
    are made up."""
    city = Region.objects.get(code="330900")
    marks = {"330900": "舟", "330902": "定", "330903": "普", "330921": "岱", "330922": "嵊"}
    for region in Region.objects.filter(code__in=marks):
        name = region.name_zh if region.code == "330900" else f"舟山市{region.name_zh}"
        name = name if region.code in ("330900", "330902", "330903") else region.name_zh
        Authority.objects.get_or_create(
            kind=Authority.Kind.HRSS,
            region=region,
            defaults={
                "name": f"{name}人力资源和社会保障局",
                "name_en": f"Human Resources and Social Security Bureau of {region.name_en}",
                "document_mark": f"{marks[region.code]}人社监令字",
                "address": f"{name}（演示地址）",
                "phone": "0580-0000000",
                "government": f"{name}人民政府",
                "court": f"{name}有管辖权的人民法院",
            },
        )
    for kind, name in (
        (Authority.Kind.REFORM, "发展和改革委员会"),
        (Authority.Kind.HOUSING, "住房和城乡建设局"),
        (Authority.Kind.TRANSPORT, "交通运输局"),
        (Authority.Kind.WATER, "水利局"),
    ):
        Authority.objects.get_or_create(
            kind=kind, region=city, defaults={"name": f"舟山市{name}", "phone": "0580-0000000"}
        )


def add_cases() -> None:
    """Two cases of the city's inspector: one under investigation, one handed to the district."""
    user = get_user_model().objects.get(username="inspector")
    if Case.objects.exists():
        return
    today = standing.judged_on()
    proved = Warning.objects.open().unfolded().filter(internal=False, data_missing=False)
    chosen = list(proved.order_by("-level", "-amount", "pk")[:2])
    opened = [
        cases.open_case([warning], user, officer=user, note="欠薪预警", on=today)
        for warning in chosen
    ]
    for case in opened[:1]:
        cases.note(case, user, "已电话通知企业提交工资支付台账。", on=today)
    for case in opened[1:]:
        district = Authority.objects.filter(kind="hrss", region=case.project.region_id[:6]).first()
        if district and district != case.authority:
            cases.hand_over(case, user, district, "属地办理", on=today)


def password(directory: Path) -> str:
    """One for all demo logins: random for each installation, kept beside its database."""
    path = directory / "demo-password.txt"
    if not path.exists():
        path.write_text(f"wage-{secrets.token_hex(4)}\n", encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()


def add_logins(word: str) -> list[tuple[str, str]]:
    """One login per role; (name, what it is). The companies are those with most to do."""
    hrss = Authority.objects.get(kind="hrss", region_id="330900")
    no_sheet = Warning.objects.open().filter(rule="D1").order_by("-level", "since").first()
    busy = no_sheet or Warning.objects.open().order_by("-level").first()
    project = busy.project if busy else Project.objects.first()
    assert project is not None
    subcontractor = busy.company if busy and busy.company_id != project.contractor_id else None
    if subcontractor is None:
        subcontractor = Company.objects.filter(parties__role="sub", parties__project=project)[0]
    housing = Authority.objects.get(kind="housing")
    members: dict[str, dict[str, Any]] = {
        "inspector": {"role": "inspector", "region_id": "330900", "authority": hrss},
        "regulator": {
            "role": "regulator",
            "region_id": "330900",
            "authority": housing,
            "industries": ["housing", "municipal"],
        },
        "city": {"role": "government", "region_id": "330900"},
        "county": {"role": "government", "region_id": "330902"},
        "contractor": {"role": "general", "company": project.contractor},
        "sub": {"role": "sub", "company": subcontractor},
        "owner": {"role": "owner", "company": project.owner},
    }
    users = get_user_model()
    shown = []
    for name, facts in members.items():
        user, new = users.objects.get_or_create(username=name)
        if new:
            user.set_password(word)
            user.save()
            Member.objects.create(user=user, **facts)
        member = Member.objects.select_related("company", "region").get(user=user)
        shown.append((name, f"{member.get_role_display()} · {member.company or member.region}"))
    admin, new = users.objects.get_or_create(
        username="admin", defaults={"is_staff": True, "is_superuser": True}
    )
    if new:
        admin.set_password(word)
        admin.save()
    return [*shown, ("admin", "系统管理员 · /admin/")]


def build(
    directory: Path, *, projects: int, workers: int, months: int, seed: int, say: Say
) -> list[tuple[str, str]]:
    """All of it; a second call finds everything there and changes nothing."""
    feeds = directory / "demo-feeds"
    add_authorities()
    make_files(feeds, projects, workers, months, seed, say)
    counts = load(feeds, say)
    say("Files: " + ", ".join(f"{status} {count}" for status, count in sorted(counts.items())))
    load_departments(say)
    if set(counts) - {"loaded before"} or not Evaluation.objects.exists():
        judge(feeds, say)
    tasks.schedule()
    if not ForecastMeasure.objects.exists():
        tasks.measure_forecast()
    logins = add_logins(password(directory))
    add_cases()
    return logins
