"""REST, read-only: cases, and the standing of companies."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers, viewsets

from alerts.models import Case, Standing
from projects import scope
from projects.api import member_of


class CaseSerializer(serializers.ModelSerializer[Case]):
    """An investigation as it stands (docs/cases.md). `warnings` and `complaints` are their ids."""

    authority = serializers.CharField(source="authority.name")
    company = serializers.CharField(source="company.code", help_text="Credit code")
    projects = serializers.SlugRelatedField("code", many=True, read_only=True)

    class Meta:
        model = Case
        fields = (
            "id", "reference", "standing", "source", "authority", "company", "projects",
            "warnings", "complaints", "opened_on", "due_on", "extended_on", "closed_on", "result",
        )  # fmt: skip


class CaseFilter(django_filters.FilterSet):
    standing = django_filters.ChoiceFilter(choices=Case.Standing.choices)
    project = django_filters.CharFilter(field_name="projects__code")
    company = django_filters.CharFilter(field_name="company__code")

    class Meta:
        model = Case
        fields: list[str] = []


class CaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Case]):
    """Cases of which the token's member may see every project; companies see none."""

    queryset = Case.objects.none()
    serializer_class = CaseSerializer
    filterset_class = CaseFilter

    def get_queryset(self) -> Any:
        rows = scope.visible(Case.objects.all(), member_of(self))
        rows = rows.select_related("authority", "company")
        return rows.prefetch_related("projects", "warnings", "complaints")


class FactorSerializer(serializers.Serializer[dict[str, Any]]):
    factor = serializers.CharField()
    weight = serializers.IntegerField(help_text="Points that it can cost")
    lost = serializers.DecimalField(max_digits=5, decimal_places=1, help_text="Points that it cost")


class StandingSerializer(serializers.ModelSerializer[Standing]):
    """A company's score now, 0 to 100, null without a record; `since` the day of its last change
    and `before` the score until then; `reasons` what it is made of (docs/standing.md). `inspect_on`
    is null for companies."""

    company = serializers.CharField(source="company.code", help_text="Credit code")
    name = serializers.CharField(source="company.name")
    since = serializers.DateField(source="known_from")
    reasons = FactorSerializer(many=True)
    inspect_on = serializers.SerializerMethodField()

    class Meta:
        model = Standing
        fields = ("company", "name", "score", "colour", "before", "since", "reasons", "inspect_on")

    def get_inspect_on(self, standing: Standing) -> str | None:
        """The day by which an inspection is proposed, YYYY-MM-DD"""
        member = member_of(self.context["view"])
        if member is None or member.is_company:
            return None
        return standing.inspect_on.isoformat()


class StandingFilter(django_filters.FilterSet):
    company = django_filters.CharFilter(field_name="company__code")
    colour = django_filters.ChoiceFilter(choices=Standing.Colour.choices)

    class Meta:
        model = Standing
        fields: list[str] = []


class StandingViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Standing]):
    """Of each company in the member's territory; a company sees its own alone."""

    queryset = Standing.objects.none()
    serializer_class = StandingSerializer
    filterset_class = StandingFilter

    def get_queryset(self) -> Any:
        rows = Standing.objects.visible_to(member_of(self)).filter(known_until=None)
        return rows.select_related("company")
