"""REST: warnings."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers, viewsets

from alerts.models import Level, Warning
from projects import scope
from projects.api import member_of


class WarningSerializer(serializers.ModelSerializer[Warning]):
    project = serializers.CharField(source="project.code")
    company = serializers.CharField(source="company.code", help_text="Credit code")
    month = serializers.CharField(allow_null=True, help_text="Month worked, YYYY-MM")
    level = serializers.SerializerMethodField()

    class Meta:
        model = Warning
        fields: tuple[str, ...] = (
            "id", "rule", "level", "status", "project", "company", "month", "subject", "workers",
            "amount", "since", "opened_on", "cleared_on", "folded_under", "data_missing",
        )  # fmt: skip

    def get_level(self, warning: Warning) -> str:
        """blue, yellow, orange or red"""
        return Level(warning.level).name.lower()


class EvidenceSerializer(WarningSerializer):
    """A warning with its proof: facts, arithmetic, rows, sources (alerts/rules/base.py)."""

    evidence = serializers.JSONField()

    class Meta(WarningSerializer.Meta):
        fields = (*WarningSerializer.Meta.fields, "evidence")


class WarningFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Warning.Status.choices)
    rule = django_filters.CharFilter()
    project = django_filters.CharFilter(field_name="project__code")
    company = django_filters.CharFilter(field_name="company__code")

    class Meta:
        model = Warning
        fields: list[str] = []


class WarningViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Warning]
):
    """Warnings of whatever status that the token's member may see."""

    queryset = Warning.objects.none()
    filterset_class = WarningFilter

    def get_serializer_class(self) -> Any:
        return WarningSerializer if self.action == "list" else EvidenceSerializer

    def get_queryset(self) -> Any:
        rows = scope.visible(Warning.objects.all(), member_of(self))
        rows = rows.select_related("project", "company")
        return rows.defer("evidence") if self.action == "list" else rows
