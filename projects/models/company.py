"""Companies (unified social credit code, GB 32100-2015) and the authorities that supervise."""

from django.db import models


class Company(models.Model):
    code = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "companies"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Authority(models.Model):
    """A public body that acts in the product: it serves notices or supervises a sector."""

    class Kind(models.TextChoices):
        HRSS = "hrss", "人力资源和社会保障"
        REFORM = "reform", "发展和改革"
        HOUSING = "housing", "住房和城乡建设"
        TRANSPORT = "transport", "交通运输"
        WATER = "water", "水利"
        GOVERNMENT = "government", "人民政府"

    kind = models.CharField(max_length=12, choices=Kind)
    region = models.ForeignKey("projects.Region", models.PROTECT)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=150, blank=True)
    document_mark = models.CharField(
        max_length=20, blank=True, help_text="Before the number of its documents: 舟人社监令字"
    )
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    government = models.CharField(
        max_length=100, blank=True, help_text="Where reconsideration is asked for"
    )
    court = models.CharField(max_length=100, blank=True, help_text="Where suit is brought")

    class Meta:
        verbose_name_plural = "authorities"
        constraints = [
            models.UniqueConstraint(fields=["kind", "region"], name="one_authority_per_kind_region")
        ]

    def __str__(self) -> str:
        return self.name
