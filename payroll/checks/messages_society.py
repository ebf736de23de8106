# ruff: noqa: E501
"""The wording of the issues of complaints and company indicators; see messages.py."""

from wagewatch.bilingual import Text

SOCIETY: dict[str, Text] = {
    "complaint-nothing": Text(
        "既没有项目编码，也没有项目名称或投诉内容，无法知道投诉什么。请至少填写一项。",
        "Neither a project nor any words: it is not known what the complaint is about. Fill in one.",
    ),
    "complaint-order": Text(
        "“{column}”（{value}）早于投诉或受理的日期。请核对日期。",
        "“{column}” ({value}) is before the day of the complaint or of its acceptance. Check the days.",
    ),
    "complaint-both": Text(
        "同一投诉不能既受理（或已答复）又不予受理。请删去其中一个日期。",
        "A complaint is either taken up (or answered) or not taken up. Delete one of the days.",
    ),
    "complaint-differs": Text(
        "编号“{value}”的投诉以前收到过，人数、金额或内容与当时不同；保留最先收到的内容，受理、答复等进展已更新。",
        "The complaint “{value}” came before with other people, sum or words; what came first stays, and what was done since is taken over.",
    ),
    "phone-number": Text(
        "“{column}”不像电话号码（{value}）。",
        "“{column}” does not look like a telephone number ({value}).",
    ),
    "indicator-running": Text(
        "{value} 尚未结束，不足一个月的数值会被误认为下降。请在该月结束后报送。",
        "{value} is not over; part of a month would look like a fall. Send it when the month has ended.",
    ),
}
