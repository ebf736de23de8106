"""REST: what each source says of a project, and where sources differ."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets

from projects import scope
from projects.api import member_of
from projects.filters import prefix_of
from projects.models import Conflict, FieldValue, Source


class SubjectFields(serializers.Serializer[Any]):
    """A field of a project; of a party when `company` is given."""

    project = serializers.CharField(source="project.code")
    company = serializers.CharField(
        source="company.code", default=None, help_text="Credit code of the party it is about"
    )
    role = serializers.CharField(help_text="The party's part in the project; empty for a project's")
    field = serializers.CharField()  # type: ignore[assignment]


class FieldValueSerializer(SubjectFields):
    source = serializers.ChoiceField(choices=Source.choices)
    value = serializers.CharField(
        help_text="Text: ISO dates, decimals, codes. Empty when the source withdrew its value"
    )
    since = serializers.DateField(source="known_from", help_text="When the source first told it")
    feed = serializers.IntegerField(source="feed_id", allow_null=True)
    holds = serializers.BooleanField(help_text="The value in force, of the source it is taken from")


class SaidSerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(choices=Source.choices)
    value = serializers.CharField()
    on = serializers.DateField()
    feed = serializers.IntegerField(allow_null=True)


class ConflictSerializer(SubjectFields):
    id = serializers.IntegerField()
    standing = serializers.ChoiceField(choices=Conflict.Standing.choices)
    opened_on = serializers.DateField(help_text="Since when the sources differ")
    held_value = serializers.CharField()
    held_source = serializers.ChoiceField(choices=Source.choices)
    values = serializers.SerializerMethodField()

    @extend_schema_field(SaidSerializer(many=True))
    def get_values(self, conflict: Conflict) -> Any:
        return [{"source": source, **said} for source, said in conflict.values.items()]


class FieldValueFilter(django_filters.FilterSet):
    project = django_filters.CharFilter(field_name="project__code")
    field = django_filters.CharFilter()
    source = django_filters.ChoiceFilter(choices=Source.choices)
    holds = django_filters.BooleanFilter()

    class Meta:
        model = FieldValue
        fields: list[str] = []


class ConflictFilter(django_filters.FilterSet):
    project = django_filters.CharFilter(field_name="project__code")
    field = django_filters.CharFilter()
    source = django_filters.ChoiceFilter(choices=Source.choices, method="by_source")
    standing = django_filters.ChoiceFilter(choices=Conflict.Standing.choices)
    region = django_filters.CharFilter(method="by_region", label="GB/T 2260 code")

    class Meta:
        model = Conflict
        fields: list[str] = []

    def by_source(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(values__has_key=value)

    def by_region(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(project__region__code__startswith=prefix_of(value))


class FieldValueViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[FieldValue]):
    """What each source says today of the projects that the token's member may see."""

    queryset = FieldValue.objects.none()
    serializer_class = FieldValueSerializer
    filterset_class = FieldValueFilter

    def get_queryset(self) -> Any:
        rows = scope.visible(FieldValue.objects.current(), member_of(self))
        return rows.select_related("project", "company")


class ConflictViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Conflict]
):
    """Fields of which sources say different things, however they stand."""

    queryset = Conflict.objects.none()
    serializer_class = ConflictSerializer
    filterset_class = ConflictFilter

    def get_queryset(self) -> Any:
        rows = scope.visible(Conflict.objects.all(), member_of(self))
        return rows.select_related("project", "company")
