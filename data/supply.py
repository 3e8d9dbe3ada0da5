"""Petroleum as others estimate it, the border yard, tanker calls and voyages: one file for each claimant."""

from figures import rows
from recipes import File, take

ESTIMATED = "petroleum.estimated_deliveries"
CALL = "tankers.vostochny_call"
CALLS = "tankers.vostochny_calls_cum"
RAILCARS = "rail.tumangang_railcars"
VOYAGES = "ships.rajin_voyages_cum"
FROM_MEMORY = "from memory, not checked"

SUPPLY = {
    "petroleum_estimated/us.csv": File(
        "bbl",
        "estimated",
        take(rows(ESTIMATED, "2018-05-30"), "at least: the lowest case; a third full, from memory"),
        take(rows(ESTIMATED, "2018-08-18"), "one third to 90 % laden; the shares are from memory"),
        take(rows(ESTIMATED, "2018-01/2018-08", "*Haley")),
        take(rows(ESTIMATED, "2019-01/2019-10"), f"one third to 90 % laden; {FROM_MEMORY}"),
        take(rows(ESTIMATED, "2024-03"), "more than; March alone", period="2024-03-01/2024-03-31"),
    ),
    "petroleum_estimated/member_states.csv": File(
        "bbl",
        "estimated",
        take(rows(ESTIMATED, "2020-05-30"), "at least, in 56 deliveries"),
        take(rows(ESTIMATED, "2022-01/2022-08"), "nearly 800,000; above 500,000 even at 60 % laden"),
    ),
    "petroleum_estimated/un_panel.csv": File(
        "bbl",
        "estimated",
        take(rows(ESTIMATED, "2020-01/2020-09"), "not in the panel's own words"),
        take(rows(ESTIMATED, "2023-05-01"), "at most: 90 % laden, 46 deliveries", value=""),
        take(rows(ESTIMATED, "2023-09-15"), "60 to 90 % laden, 87 deliveries"),
    ),
    "petroleum_estimated/rusi.csv": File("bbl", "estimated", take(rows(ESTIMATED, "2024-03-26"), "through Vostochny")),
    "petroleum_estimated/osc.csv": File(
        "bbl",
        "estimated",
        take(
            rows(ESTIMATED, "2024-11-05"),
            "more than, as cloud hides calls; document 002 gives one million on its author's word",
            document="002.13.c",
        ),
    ),
    "petroleum_estimated/msmt.csv": File(
        "bbl", "estimated", take(rows(ESTIMATED, "2024-03/2024-10"), f"more than; {FROM_MEMORY}")
    ),
    "crude/reported.csv": File("bbl", "reported"),
    "tumangang/beyond_parallel.csv": File(
        "railcars",
        "estimated",
        take(rows(RAILCARS, "2023-10-05"), "about 73; some outlets print at least 70"),
        take(rows(RAILCARS, "2024-06-17"), "sum of its three counts; 6 engines, 3 service cars left out"),
    ),
    "tumangang/voa.csv": File(
        "railcars",
        "estimated",
        take(rows(RAILCARS, "2022-10-28"), "first train seen in the freight yard; its day is inferred"),
        take(
            rows(RAILCARS, "2022-11-08"),
            "trains of 7, 12 and 11 cars since 28 October, days not given",
            period="2022-11-08",
        ),
    ),
    "tumangang/baseline.csv": File(
        "railcars",
        "estimated",
        take(rows("rail.tumangang_baseline_max"), "about 20 at most in the five years before"),
    ),
    "vostochny/rusi_calls.csv": File(
        "calls",
        "reported",
        take(rows(CALL, "2024-03-07", "RUSI*"), subject="{what}"),
        take(rows(CALL, "2024-03-10", "RUSI*"), subject="{what}"),
        take(rows(CALL, "2024-03-14", "RUSI*"), subject="{what}"),
        take(rows(CALL, "2024-03-22", "RUSI*"), subject="{what}"),
    ),
    "vostochny/yomiuri_calls.csv": File(
        "calls",
        "reported",
        take(rows(CALL, "2024-04-01", "Yomiuri*"), "UN-listed ship", subject="{what}"),
        take(rows(CALL, "2024-04-03", "Yomiuri*"), "printed Eunheung", subject="{what}"),
        take(rows(CALL, "2024-04-07", "Yomiuri*"), subject="{what}"),
        take(rows(CALL, "2024-04-10", "Yomiuri*"), subject="{what}"),
    ),
    "vostochny/rusi_total.csv": File(
        "calls",
        "estimated",
        take(rows(CALLS, "2024-03-26"), "at least; document 004 has the same five", document="004.12.h"),
    ),
    "vostochny/osc_total.csv": File("calls", "estimated", take(rows(CALLS, "2024-11-05"), "at least")),
    "rajin/rusi.csv": File("voyages", "estimated", take(rows(VOYAGES, "2024-01-31"))),
    "rajin/nk_pro.csv": File(
        "voyages", "estimated", take(rows(VOYAGES, "2024-03-01"), "at least, by Angara, Maria, Maia-1, Lady R")
    ),
    "rajin/rok_nis.csv": File("voyages", "estimated", take(rows(VOYAGES, "2024-10-18"), "at least")),
    "rajin/msmt.csv": File("voyages", "estimated", take(rows(VOYAGES, "2024"), "of 2024 alone")),
    "rajin/osc.csv": File(
        "voyages", "estimated", take(rows(VOYAGES, "2025-03-31"), "counted otherwise than the NIS, and lower")
    ),
}
