"""Words of the catalogue in evidence: Chinese for papers, English beside it, whoever evaluates."""

import re

import pytest
from django.utils import translation

from alerts.models import Level
from payroll.models import Complaint, Indicator
from projects.labels import ACCOUNT_STATUS, FORM, PROJECT_STATUS
from wagewatch.bilingual import Text

LABELS = [
    *(one.label for kind in (Level, Indicator.Kind, Complaint.Channel) for one in kind),
    *(label for labels in (ACCOUNT_STATUS, FORM, PROJECT_STATUS) for label in labels.values()),
]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_label_has_both_languages_whatever_is_active(language: str) -> None:
    with translation.override(language):
        words = [Text.of(label) for label in LABELS]
        assert translation.get_language() == language
    for word in words:
        assert re.search("[\u4e00-\u9fff]", word.zh), word
        assert word.en.isascii(), word
    assert Text("冻结", "Frozen") in words and Text("橙色", "Orange") in words


def test_a_received_word_stays_as_it_came() -> None:
    assert Text.of("信用证") == Text("信用证", "信用证")
