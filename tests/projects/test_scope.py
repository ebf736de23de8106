"""Who sees which rows: each role against two projects in two districts."""

import datetime as dt

import pytest
from django.apps import apps

from projects import scope
from projects.models import Company, Industry, Member, Party, Project, Region
from projects.models.region import prefix_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> dict[str, Company]:
    names = ["owner_a", "general_a", "sub_a", "owner_b", "general_b", "sub_b"]
    companies = {n: Company.objects.create(code=f"{i:018d}", name=n) for i, n in enumerate(names)}
    for letter, region, industry in [
        ("a", "330902", Industry.HOUSING),
        ("b", "330921100", Industry.WATER),
    ]:
        project = Project.objects.create(
            code=letter,
            name=letter,
            region=Region.objects.get(code=region),
            industry=industry,
            owner=companies[f"owner_{letter}"],
            contractor=companies[f"general_{letter}"],
        )
        Party.objects.create(
            project=project,
            company=companies[f"sub_{letter}"],
            role=Party.Role.SUB,
            known_from=dt.date(2026, 1, 1),
        )
    return companies


def seen(**facts: object) -> str:
    member = Member(**facts)
    return "".join(
        Project.objects.visible_to(member).order_by("code").values_list("code", flat=True)
    )


@pytest.mark.parametrize(
    ("role", "region", "industries", "expected"),
    [
        ("inspector", "330900", [], "ab"),
        ("inspector", "330902", [], "a"),
        ("government", "330921", [], "b"),
        ("government", "330921100", [], "b"),
        ("government", "330921101", [], ""),
        ("regulator", "330900", ["water"], "b"),
        ("regulator", "330902", ["water"], ""),
        ("inspector", None, [], ""),
    ],
)
def test_authorities_see_their_territory_and_sector(
    city: dict, role: str, region: str | None, industries: list, expected: str
) -> None:
    assert seen(role=role, region_id=region, industries=industries) == expected


@pytest.mark.parametrize("letter", ["a", "b"])
@pytest.mark.parametrize("role", ["owner", "general", "sub"])
def test_companies_see_their_own_projects(city: dict, role: str, letter: str) -> None:
    assert seen(role=role, company=city[f"{role}_{letter}"]) == letter


def test_a_company_in_another_role_sees_nothing(city: dict) -> None:
    assert seen(role="owner", company=city["general_a"]) == ""
    assert seen(role="sub", company=None) == ""


def test_nobody_sees_nothing(city: dict) -> None:
    assert not scope.visible(Project.objects.all(), None).exists()


def test_a_model_that_nobody_thought_of_is_refused() -> None:
    with pytest.raises(KeyError):
        scope.visible(Company.objects.all(), Member(role="inspector", region_id="330900"))


@pytest.mark.parametrize("label", sorted(scope.PATHS))
@pytest.mark.parametrize("role", Member.Role.values)
def test_every_path_leads_somewhere(label: str, role: str, city: dict) -> None:
    """The lookups exist: the query can be made and run for each model and role."""
    model = apps.get_model(label)
    member = Member(role=role, region_id="330900", company=city["sub_a"], industries=["water"])
    list(scope.visible(model._default_manager.all(), member)[:1])


def test_prefixes_of_divisions() -> None:
    assert [prefix_of(c) for c in ("330000", "330900", "330902", "330902100")] == [
        "33",
        "3309",
        "330902",
        "330902100",
    ]
