"""Refined petroleum that Russia and China reported to the UN 1718 Committee, as periods that never overlap.

A report comes as months, as sums of months or as a year, in tonnes or in barrels; what only a longer total tells
is derived from it. Periods known from two publications have a row for each.
"""

from amounts import Term, barrels, less, quoted, stated
from figures import Rows, rows
from recipes import File, derive, take

RUSSIA_TONNES, RUSSIA_MONTH = "petroleum.rf_reported_month_t", "petroleum.rf_reported_month"
CHINA_TONNES, CHINA_MONTH = "petroleum.cn_reported_month_t", "petroleum.cn_reported_month"
RUSSIA_YEAR, CHINA_YEAR = "petroleum.rf_reported_year", "petroleum.cn_reported_year"
TOTAL = "petroleum.reported_total"

FILED, NOT_FILED = "Russia to 1718 Committee", "*(no report filed)"

FACTOR = "petroleum.conversion_bbl_per_t"
PRESS_FACTOR = rows(FACTOR, "press convention", "29,894 t *")
CHINA_FACTOR = rows(FACTOR, "China 2021-08 *")
RUSSIA_FACTOR = rows(FACTOR, "Russia 2020-08 *")

RUSSIA = File(
    "bbl",
    "reported",
    derive("2018", barrels(rows(RUSSIA_TONNES, "2018"), PRESS_FACTOR), "year total as first known"),
    take(rows(RUSSIA_YEAR, "2018"), "year total, in barrels at last"),
    derive("2019", barrels(rows(RUSSIA_TONNES, "2019"), PRESS_FACTOR), "year total as first known"),
    take(
        rows(RUSSIA_YEAR, "2019"),
        "differs from the tonnes published in 2020, unexplained",
        low=barrels(rows(RUSSIA_TONNES, "2019"), PRESS_FACTOR),
    ),
    take(rows(RUSSIA_MONTH, "2020-01/2020-05"), "January to April each above 2,000 t"),
    derive(
        "2020-01/2020-05",
        barrels(rows(RUSSIA_TONNES, "2020-01/2020-05"), RUSSIA_FACTOR),
        "printed as January to June, but fits the published totals only without June; RFA's barrels are fewer",
        low=stated(rows(RUSSIA_MONTH, "2020-01/2020-05")),
    ),
    derive(
        "2020-06",
        barrels(rows(RUSSIA_TONNES, "2020-06", FILED), RUSSIA_FACTOR),
        "MBN has 800 to 1,000 t, with which the published totals do not add up",
    ),
    take(rows(RUSSIA_MONTH, "2020-07"), "not zero"),
    take(rows(RUSSIA_MONTH, "2020-08"), "32 t; TradeWinds misprints 225"),
    take(rows(RUSSIA_MONTH, "2020-09"), "not zero"),
    take(rows(RUSSIA_MONTH, "2020-1[0-2]"), "a report of zero, filed late"),
    take(rows(RUSSIA_MONTH, "2021-??", FILED), "a report of zero"),
    take(rows(RUSSIA_MONTH, "2021-0[78]", NOT_FILED), "not declared by then; filed later, as zero"),
    take(rows(RUSSIA_MONTH, "2022-0?"), "a report of zero"),
    take(rows(RUSSIA_MONTH, "2022-1[01]"), "a report of zero"),
    take(rows(RUSSIA_MONTH, "2022-12"), "first supply reported since August 2020"),
    take(rows(RUSSIA_MONTH, "2023-0[12]"), "gone from the UN page by January 2024"),
    take(rows(RUSSIA_MONTH, "2023-0[35-7]")),
    take(rows(RUSSIA_MONTH, "2023-04"), "Yonhap rounds to 3,613"),
    take(rows(RUSSIA_MONTH, "2023-08"), "RFA prints 715, which are tonnes"),
    take(rows(RUSSIA_MONTH, "2023-09"), "RFA prints 1,188, which are tonnes"),
    take(rows(RUSSIA_MONTH, "2023-10"), "a report of zero"),
    take(rows(RUSSIA_MONTH, "2023-11"), "Yonhap rounds to 4,152; RFA prints 520, which are tonnes"),
    take(rows(RUSSIA_MONTH, "2023-12"), "RFA prints 825, which are tonnes"),
    take(rows(RUSSIA_MONTH, "2024-01"), "the last month that Russia reported; read on 1 March or 1 April"),
    take(rows(RUSSIA_MONTH, "2024-02/2024-11"), "not zero", each_month=True),
    take(rows(RUSSIA_MONTH, "2024-0[2-9]"), "not zero"),
    take(rows(RUSSIA_MONTH, "2024-1[01]"), "not zero"),
    take(rows(RUSSIA_MONTH, "2024-02/2025-08"), "as of 22 September 2025; not zero", each_month=True),
)


# They show that reports were filed, or were not by a day, and nothing more: months and running totals of years whose
# months are incomplete, and months that were told in tonnes before anybody told them in barrels.
RUSSIA_FILED = File(
    "t",
    "reported",
    take(rows(RUSSIA_TONNES, "2018-04"), "shows that the month was reported"),
    take(rows(RUSSIA_TONNES, "2018-1?"), "shows that the month was reported"),
    take(rows(RUSSIA_TONNES, "2019-??"), "shows that the month was reported"),
    take(rows(RUSSIA_TONNES, "2019-03/2019-04"), "not reported by then; filed later", each_month=True),
    take(rows(RUSSIA_TONNES, "2020-06", "*, first told"), "shows that the month was reported"),
    take(rows(RUSSIA_TONNES, "2020-08"), "shows that the month was reported"),
    take(rows(RUSSIA_TONNES, "201[89]-01/*"), "shows that the months were reported"),
)


def russia(period: str) -> Term:
    return stated(rows(RUSSIA_MONTH, period))


def china(period: str) -> Term:
    return stated(rows(CHINA_MONTH, period))


def china_tonnes(period: str, factor: Rows) -> Term:
    return barrels(rows(CHINA_TONNES, period), factor)


# Three totals stand only in the figures file's arithmetic; each is dated by a row of the same report.
CHINA_UNTIL_2022_MAY = quoted("40,758", rows(CHINA_MONTH, "2022-06"), rows(CHINA_MONTH, "2022-05"))
CHINA_UNTIL_2023_AUGUST = quoted(
    "132,963", rows(CHINA_MONTH, "2023-06/2023-08"), rows(TOTAL, "2023 (as of 2024-01-26, *")
)
BOTH_UNTIL_2023_APRIL = quoted("99,473", rows(CHINA_MONTH, "2023-02"), rows(RUSSIA_MONTH, "2022-11"))

CHINA = File(
    "bbl",
    "reported",
    derive("2018", china_tonnes("2018", PRESS_FACTOR), "year total as first known"),
    derive("2018", china_tonnes("2018", CHINA_FACTOR), "year total", low=china_tonnes("2018", PRESS_FACTOR)),
    derive("2019", china_tonnes("2019", PRESS_FACTOR), "year total as first known"),
    derive("2019", china_tonnes("2019", CHINA_FACTOR), "year total", low=china_tonnes("2019", PRESS_FACTOR)),
    take(rows(CHINA_MONTH, "2020-01/2020-05")),
    derive(
        "2020-06",
        less(
            china("2020-01/2020-08"),
            china("2020-01/2020-05"),
            china("2020-07"),
            china_tonnes("2020-08", CHINA_FACTOR),
        ),
        "what January to August leaves for June",
    ),
    take(rows(CHINA_MONTH, "2020-07")),
    derive("2020-08", china_tonnes("2020-08", CHINA_FACTOR)),
    take(rows(CHINA_MONTH, "2020-1[0-2]"), "not zero"),
    take(rows(CHINA_MONTH, "2021-0[12]"), "not zero; Yonhap in 2022 takes it for nil"),
    take(rows(CHINA_MONTH, "2021-0[3-8]")),
    derive(
        "2021-06",
        quoted("10,725", rows(FACTOR, "China 2021-06 *"), rows(FACTOR, "China 2021-06 *")),
        "via Yonhap, with 1,288 t; as first known",
    ),
    derive("2021-08", quoted("11,745", CHINA_FACTOR, CHINA_FACTOR), "via VOA and Yonhap, with 1,410 t; as first known"),
    take(rows(CHINA_MONTH, "2021-09"), "filed in one batch, to February 2022, in March 2022"),
    take(rows(CHINA_MONTH, "2021-1[0-2]"), "filed in one batch, to February 2022, in March 2022"),
    take(rows(CHINA_MONTH, "2022-01")),
    take(rows(CHINA_MONTH, "2022-02")),
    derive(
        "2022-03/2022-04",
        less(CHINA_UNTIL_2022_MAY, china("2022-01"), china("2022-02")),
        "January to May without January and February; May was nil",
        recomputes=rows(CHINA_MONTH, "2022-03/2022-04"),
    ),
    take(rows(CHINA_MONTH, "2022-05"), "a report of zero: supply broke off"),
    derive(
        "2022-06",
        less(china("2022-01/2022-06"), CHINA_UNTIL_2022_MAY),
        "first half without January to May",
        recomputes=rows(CHINA_MONTH, "2022-06"),
    ),
    derive(
        "2022-07/2022-11",
        less(china("2022-01/2022-11"), china("2022-01/2022-06")),
        "January to November, rounded, without the first half",
    ),
    take(rows(CHINA_MONTH, "2023-01")),
    derive(
        "2023-02",
        less(
            BOTH_UNTIL_2023_APRIL,
            *(russia(month) for month in ("2023-01", "2023-02", "2023-03", "2023-04")),
            china("2023-01"),
        ),
        "both suppliers as of June 2023 without Russia's January to April and China's January; January to May leaves"
        " 26,710",
        recomputes=rows(CHINA_MONTH, "2023-02"),
    ),
    take(rows(CHINA_MONTH, "2023-0[345]")),
    derive(
        "2023-06/2023-08",
        less(CHINA_UNTIL_2023_AUGUST, china("2023-01/2023-05")),
        "January to August without January to May; News1's 90,756 for March to August would leave 32,368",
        recomputes=rows(CHINA_MONTH, "2023-06/2023-08"),
    ),
    take(rows(CHINA_MONTH, "2023-09"), "the outlet names no year: inferred from totals"),
    take(rows(CHINA_MONTH, "2023-1[01]"), "the outlet names no year: inferred from totals"),
    derive(
        "2023-12",
        less(
            stated(rows(CHINA_YEAR, "2023")),
            less(stated(rows(TOTAL, "2023 (as of 2024-03, *")), stated(rows(RUSSIA_YEAR, "2023"))),
        ),
        "the year without China's January to November",
        recomputes=rows(CHINA_MONTH, "2023-12"),
    ),
    derive(
        "2024-01/2024-08",
        less(stated(rows(TOTAL, "2024 (as of 2024-12-04)")), russia("2024-01")),
        "both suppliers without Russia's January",
        recomputes=rows(CHINA_MONTH, "2024-01/2024-08"),
    ),
    derive(
        "2024-09/2024-11",
        less(
            china("2024-01/2024-11"),
            less(stated(rows(TOTAL, "2024 (as of 2024-12-04)")), russia("2024-01")),
        ),
        "January to November without January to August",
        recomputes=rows(CHINA_MONTH, "2024-09/2024-11"),
    ),
    take(rows(CHINA_MONTH, "2025-0[1-4]")),
    take(rows(CHINA_MONTH, "2025-05"), "nothing posted after it by 22 September 2025"),
)

REPORTED = {
    "petroleum_reported/russia.csv": RUSSIA,
    "petroleum_reported/china.csv": CHINA,
    "petroleum_reported/russia_filings.csv": RUSSIA_FILED,
}
