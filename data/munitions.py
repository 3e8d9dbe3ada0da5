"""Containers, shells, missiles and guns as claimed: one file for each claimant."""

from figures import rows
from recipes import File, take

CONTAINERS = "munitions.containers_cum"
SHELLS = "munitions.shells_est_cum"
MISSILES = "munitions.ballistic_missiles"
FIRED = "munitions.ballistic_missiles_fired"
HOWITZERS = "munitions.howitzers_170mm"
LAUNCHERS = "munitions.launchers_240mm"
GUNS = "munitions.heavy_artillery"
CAPACITY = "computed from containers, all 122 mm to all 152 mm: no independent confirmation"
DAY_FROM_MEMORY = "the day is from memory"

MUNITIONS = {
    "containers/us.csv": File(
        "containers",
        "estimated",
        take(rows(CONTAINERS, "2023-10-13"), "at least"),
        take(rows(CONTAINERS, "2024-02-23"), "more than; Seoul said 6,700 three days later"),
        take(
            rows(CONTAINERS, "2024-06-25"),
            "day approximate",
            said="US State Department, in document 003",
            document="003.9.b",
        ),
        take(rows(CONTAINERS, "2024-09-04"), "at least; remembered elsewhere as 16,500", high=""),
    ),
    "containers/rok_mnd.csv": File(
        "containers",
        "estimated",
        take(rows(CONTAINERS, "2023-11-02"), "since mid-2022"),
        take(rows(CONTAINERS, "2023-12-29"), "start unclear in the outlet, August 2023 perhaps", period="2023-12-29"),
        take(
            rows(CONTAINERS, "2024-02-26"),
            "about, since July or August 2023; also in document 000; Washington said 10,000 three days before",
            said="ROK Defence Minister Shin Won-sik, via Politico; YTN",
            document="000.2.b",
        ),
        take(
            rows(CONTAINERS, "2024-03-18"),
            f"over about one year; {DAY_FROM_MEMORY}",
            said="ROK Defence Minister Shin Won-sik, in document 004",
            document="004.3.b",
        ),
        take(rows(CONTAINERS, "2024-06-14"), "at least"),
    ),
    "containers/rok_dia.csv": File(
        "containers",
        "estimated",
        take(rows(CONTAINERS, "2024-08-27"), "more than, since mid-2022, through Rajin"),
        take(rows(CONTAINERS, "2024-10-23"), "at least, through Rajin"),
        take(rows(CONTAINERS, "2025-07-13"), "start not stated"),
    ),
    "containers/rok_nis.csv": File(
        "containers", "estimated", take(rows(CONTAINERS, "2024-10-18"), "at least, in over 70 voyages")
    ),
    "containers/osc.csv": File(
        "containers",
        "estimated",
        take(rows(CONTAINERS, "2025-03-31"), "rounded, by sea alone; remembered as 15,809", low="", high=""),
    ),
    "containers/msmt.csv": File("containers", "estimated", take(rows(CONTAINERS, "2025-05-29"), "at least")),
    "containers/author_002.csv": File(
        "containers",
        "estimated",
        take(
            rows(CONTAINERS, "2024-11-26"),
            "no source named; equals the ROK DIA's figure of August 2024",
            said="A. Sharma, in document 002",
            document="002.11.a",
        ),
    ),
    "shells/rok_mnd.csv": File(
        "rounds",
        "estimated",
        take(rows(SHELLS, "2023-11-02"), CAPACITY),
        take(rows(SHELLS, "2023-12-29"), CAPACITY),
        take(rows(SHELLS, "2024-02-26"), CAPACITY),
        take(rows(SHELLS, "2024-06-14"), "what the containers can hold: no independent confirmation"),
    ),
    "shells/rok_nis.csv": File(
        "rounds",
        "estimated",
        take(rows(SHELLS, "2023-11-01"), "at least; said in November 2023"),
        take(rows(SHELLS, "2024-10-18"), "at least; said with 13,000 containers: no independent confirmation"),
    ),
    "shells/c4ads.csv": File(
        "rounds", "estimated", take(rows(SHELLS, "2024-01-31"), "computed from 74,000 t of explosives")
    ),
    "shells/rok_dia.csv": File(
        "rounds",
        "estimated",
        take(rows(SHELLS, "2024-08-27"), "152 mm, at least; room in 13,000 containers: no independent confirmation"),
        take(rows(SHELLS, "2024-10-23"), "152 mm; room in 20,000 containers: no independent confirmation"),
        take(rows(SHELLS, "2025-07-13"), "152 mm, at least; room in 28,000 containers: no independent confirmation"),
    ),
    "shells/author_002.csv": File(
        "rounds",
        "estimated",
        take(
            rows(SHELLS, "2024-11-26"),
            "152 mm, inside the 13,000 containers: not an extra flow, no independent confirmation",
            said="A. Sharma, in document 002",
            document="002.11.b",
        ),
    ),
    "shells/msmt.csv": File(
        "rounds",
        "estimated",
        take(rows(SHELLS, "2024-12-15"), "of 2024 alone, to mid-December", period="2024-01/2024-12-15"),
    ),
    "shells/osc.csv": File("rounds", "estimated", take(rows(SHELLS, "2025-03-31"))),
    "shells/hur.csv": File(
        "rounds",
        "estimated",
        take(rows(SHELLS, "2025-10-31"), "since 2023; a weak page; about half the ROK figure"),
    ),
    "missiles/ua_prosecutor_fired.csv": File("missiles", "estimated", take(rows(FIRED, "2024-02-16"), "at least")),
    "missiles/ua_military_fired.csv": File(
        "missiles",
        "estimated",
        take(rows(FIRED, "2024-11-23"), "in 2024 so far", period="2024-01-01/2024-11-23"),
    ),
    "missiles/hur.csv": File(
        "missiles",
        "estimated",
        take(rows(MISSILES, "2024-11-25"), "KN-23 and KN-24"),
        take(rows(MISSILES, "2024", "HUR*"), "KN-23; 150 more expected in 2025"),
    ),
    "missiles/msmt.csv": File("missiles", "estimated", take(rows(MISSILES, "2024", "MSMT"), "at least, in 2024")),
    "heavy_artillery/ft.csv": File(
        "systems",
        "estimated",
        take(rows(HOWITZERS, "2024-11-17"), "some 50; repeated in document 002", subject="{unit}", document="002.11.c"),
        take(rows(LAUNCHERS, "2024-11-17"), "repeated in document 002", subject="{unit}", document="002.11.d"),
    ),
    "heavy_artillery/rok_nsa.csv": File(
        "systems", "estimated", take(rows(GUNS, "2024-11-30"), "at least, howitzers and launchers together")
    ),
    "heavy_artillery/hur.csv": File(
        "systems",
        "estimated",
        take(rows(HOWITZERS, "2025-01-23"), "in the last three months", subject="{unit}"),
        take(rows(LAUNCHERS, "2025-01-23"), "in the last three months", subject="{unit}"),
    ),
    "heavy_artillery/rok_mnd.csv": File("systems", "estimated", take(rows(GUNS, "2025-02-11"), "long-range guns")),
    "heavy_artillery/msmt.csv": File("systems", "estimated", take(rows(GUNS, "2024", "MSMT"), "at least, in 2024")),
}
