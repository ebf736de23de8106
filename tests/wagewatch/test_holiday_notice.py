"""Reading the yearly notice: what the product knows of 2026 must come out of its text."""

import datetime as dt

import chinese_calendar
import pytest

from wagewatch import holiday_notice

TEXT_2026 = """国务院办公厅关于2026年部分节假日安排的通知
各省、自治区、直辖市人民政府,国务院各部委、各直属机构:
经国务院批准,现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦:1月1日(周四)至3日(周六)放假调休,共3天。1月4日(周日)上班。
二、春节:2月15日(农历腊月二十八、周日)至23日(农历正月初七、周一)放假调休,共9天。2月14日(周六)、2月28日(周六)上班。
三、清明节:4月4日(周六)至6日(周一)放假,共3天。
四、劳动节:5月1日(周五)至5日(周二)放假调休,共5天。5月9日(周六)上班。
五、端午节:6月19日(周五)至21日(周日)放假,共3天。
六、中秋节:9月25日(周五)至27日(周日)放假,共3天。
七、国庆节:10月1日(周四)至7日(周三)放假调休,共7天。9月20日(周日)、10月10日(周六)上班。
节假日期间,各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""
WIDE = str.maketrans({"(": "\uff08", ")": "\uff09", ":": "\uff1a", ",": "\uff0c"})


@pytest.mark.parametrize("text", [TEXT_2026, TEXT_2026.translate(WIDE)])
def test_the_notice_of_2026_says_what_the_library_knows(text: str) -> None:
    notice = holiday_notice.read(text, 2026)
    assert not notice.problems and notice.rest == 33
    day = dt.date(2026, 1, 1)
    while day.year == 2026:
        works = notice.days.get(day, (day.weekday() < 5, ""))[0]
        assert works == chinese_calendar.is_workday(day), day
        day += dt.timedelta(days=1)


def test_joined_holidays_single_days_and_years_named() -> None:
    notice = holiday_notice.read(
        "一、元旦:2022年12月31日至2023年1月2日放假调休,共3天。\n"
        "二、国庆节、中秋节:9月29日至10月6日放假调休,共8天。10月7日(周六)、10月8日(周日)上班。\n"
        "三、清明节:4月5日放假,共1天。",
        2023,
    )
    assert notice.days[dt.date(2022, 12, 31)] == (False, "元旦")
    assert notice.days[dt.date(2023, 10, 8)][0] and notice.days[dt.date(2023, 4, 5)][1] == "清明节"
    assert [str(p.zh) for p in notice.problems] == ["缺少节日:春节、劳动节、端午节。"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("1月4日(周日)", "1月5日(周日)", "周一"),
        ("1月4日(周日)上班", "1月5日上班", "不是周末"),
        ("共9天", "共8天", "共 8 天"),
        ("三、清明节:4月4日(周六)至6日(周一)放假,共3天。\n", "", "清明节"),
        ("2月28日(周六)", "2月30日(周六)", "2月30日"),
        ("2026年部分", "2025年部分", "2025"),
        ("5月9日(周六)上班", "5月2日(周六)上班", "既放假又上班"),
        ("至7日(周三)", "至27日(周二)", "超过"),
    ],
)
def test_what_cannot_be_right_is_said(old: str, new: str, says: str) -> None:
    assert old in TEXT_2026
    notice = holiday_notice.read(TEXT_2026.replace(old, new), 2026)
    assert any(says in problem.zh for problem in notice.problems), notice.problems


@pytest.mark.parametrize("text", ["", "你好", "一、元旦:0月0日至99日放假", "二、春节:放假"])
def test_it_never_fails(text: str) -> None:
    assert holiday_notice.read(text, 2027).problems
