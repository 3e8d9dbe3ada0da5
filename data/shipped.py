"""Which published figure becomes which observation of which file: one file for each claimant.

`take` ships figure rows as they stand, `claim` what a document alone says; arithmetic stands in `reported.py`.
Keywords replace what the figure row says; notes are ours, and follow who said it via whom.
"""

from figures import rows
from recipes import File, claim, take
from reported import CHINA, RUSSIA, RUSSIA_FILED

# --- what the figures file says, by folder ---

ESTIMATED = "petroleum.estimated_deliveries"
CALL, CALLS = "tankers.vostochny_call", "tankers.vostochny_calls_cum"
RAILCARS = "rail.tumangang_railcars"
VOYAGES = "ships.rajin_voyages_cum"
CONTAINERS, SHELLS = "munitions.containers_cum", "munitions.shells_est_cum"
MISSILES, FIRED = "munitions.ballistic_missiles", "munitions.ballistic_missiles_fired"
HOWITZERS, LAUNCHERS = "munitions.howitzers_170mm", "munitions.launchers_240mm"
GUNS, TROOPS, WORKERS = "munitions.heavy_artillery", "troops.deployed_cum", "workers.dprk_in_russia"
MEETING, VISIT, TREATY, VETO = "diplomacy.fm_meeting", "diplomacy.visit", "diplomacy.treaty", "un.panel_veto"
TRIPS, TOURISTS = "border.russian_trips_to_dprk", "border.russian_tourists"
AIR_DEFENCE, TECHNOLOGY = "transfers.air_defence", "transfers.technology"

CAPACITY = "computed from containers, all 122 mm to all 152 mm: no independent confirmation"
FROM_MEMORY = "from memory, not checked"
DAY_FROM_MEMORY = "the day is from memory"

FROM_FIGURES = {
    "petroleum_reported/russia.csv": RUSSIA,
    "petroleum_reported/china.csv": CHINA,
    "petroleum_reported/russia_filings.csv": RUSSIA_FILED,
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
    "missiles/white_house.csv": File(
        "event",
        "reported",
        take(
            rows(MISSILES, "2024-01-04"),
            "several, in words, and several dozen by 23 February 2024; at least one was fired on 30 December 2023",
            value="1",
            subject="Ballistic missiles and launchers were given to Russia, which fired some at Ukraine",
            document="004.2.a",
        ),
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
    "heavy_artillery/rok_nis_statement.csv": File(
        "event",
        "reported",
        take(
            rows(GUNS, "2024-11-20", "ROK NIS"),
            "in words; no number was given",
            value="1",
            subject="Howitzers of 170 mm and rocket launchers of 240 mm were exported to Russia",
        ),
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
    "troops/rok_nis.csv": File(
        "troops",
        "estimated",
        take(rows(TROOPS, "2024-10-23"), "10,000 expected by December"),
        take(rows(TROOPS, "2024-12-19", "*NIS")),
        take(rows(TROOPS, "2025-04-30", "*NIS"), "two deployments together"),
    ),
    "troops/us.csv": File(
        "troops",
        "estimated",
        take(rows(TROOPS, "2024-10-31"), "about; quoted in document 002", document="002.11.e"),
    ),
    "troops/us_kursk.csv": File(
        "troops",
        "estimated",
        take(rows("troops.in_kursk"), "about; of the 10,000; quoted in document 002", document="002.11.f"),
    ),
    "troops/rok_mnd.csv": File("troops", "estimated", take(rows(TROOPS, "2025-02-11"))),
    "troops/yonhap.csv": File(
        "troops", "estimated", take(rows(TROOPS, "2025-09-02", "Yonhap"), "lower than the NIS in April 2025")
    ),
    "troops/rok_nis_border.csv": File(
        "troops", "estimated", take(rows("troops.on_border_guard"), "guarding near the border, at that time")
    ),
    "workers/rok_nis.csv": File("workers", "estimated", take(rows(WORKERS, "2025-04-30"))),
    "workers/rok_nis_statement.csv": File(
        "event",
        "reported",
        take(
            rows(WORKERS, "2024", "ROK NIS"),
            "in words; no number was given",
            value="1",
            subject="Several thousand DPRK workers were sent to Russia",
        ),
    ),
    "workers/msmt.csv": File("workers", "estimated", take(rows(WORKERS, "2024", "MSMT"), "sent in 2024")),
    "workers/bbc.csv": File(
        "workers",
        "estimated",
        take(
            rows(WORKERS, "2025-08-01"),
            f"a plan, not a count, so a high only; {FROM_MEMORY}; the page retells the BBC and was found later",
            period="2025-08",
            value="",
            high="50000",
            citation="https://ussanews.com/2025/08/12/"
            "south-korea-says-russia-importing-tens-of-thousands-of-north-korean-workers",
        ),
    ),
    "diplomacy/fm_meetings.csv": File(
        "meetings",
        "reported",
        take(rows(MEETING, "2023-10-19"), "talks on two days", subject="{what}"),
        take(rows(MEETING, "2024-01-16"), subject="{what}"),
        take(rows(MEETING, "2024-09-17"), subject="{what}"),
        take(rows(MEETING, "2024-11-01"), subject="{what}"),
        take(rows(MEETING, "2025-07-12"), subject="{what}"),
        take(rows(MEETING, "2025-10-27"), subject="{what}"),
    ),
    "diplomacy/visits.csv": File(
        "event",
        "reported",
        take(
            rows(VISIT, "2023-07-25"),
            "until 27 July; document 001 gives the month",
            subject="Russia's defence minister visited the DPRK",
            document="001.5.a",
        ),
        take(
            rows(VISIT, "2023-09-12"),
            "met Putin on 13 September",
            subject="Kim Jong Un visited Russia",
            document="001.5.c",
        ),
        take(
            rows(VISIT, "2024-06-19"),
            "document 003 gives no day, and says that it was his first in 24 years",
            subject="Putin visited the DPRK",
            document="003.9.c",
        ),
    ),
    "treaty/signed.csv": File(
        "event",
        "reported",
        take(
            rows(TREATY),
            "document 002 gives the month; its 18 June is a photograph's date",
            subject="Russia and the DPRK signed a partnership treaty with mutual defence",
            document="002.7.a",
        ),
    ),
    "un_panel/end.csv": File(
        "event",
        "reported",
        take(
            rows(VETO),
            "the mandate ended on 30 April 2024; a veto is lawful",
            subject="Russia vetoed the renewal of the Panel of Experts' mandate",
            document="004.4.a",
        ),
    ),
    "air_defence/rok_nsa.csv": File(
        "event",
        "estimated",
        take(
            rows(AIR_DEFENCE),
            "said on that day; a belief, no number and no day of delivery",
            subject="Air-defence missiles and equipment were sent to the DPRK, as Seoul believes",
            document="002.13.a",
        ),
    ),
    "technology/putin.csv": File(
        "event",
        "reported",
        take(
            rows(TECHNOLOGY, "2023-09-13"),
            "an offer, not a transfer",
            subject="Putin offered the DPRK help with satellites",
            document="001.6.b",
        ),
        take(
            rows(TECHNOLOGY, "2024-06-20"),
            "a possibility, not a transfer",
            subject="Putin did not rule out arms for the DPRK",
            document="000.11.b",
        ),
    ),
    "technology/white_house.csv": File(
        "event",
        "estimated",
        take(
            rows(TECHNOLOGY, "2024-01-04"),
            "sought, not received; document 004 adds armoured vehicles",
            subject="The DPRK seeks fighter aircraft, air-defence missiles and technology, as Washington believes",
            document="004.11.a",
        ),
    ),
    "technology/rok_nsa.csv": File(
        "event",
        "estimated",
        take(
            rows(TECHNOLOGY, "2024-11-22"),
            "said on that day; a belief, no amount and no day",
            subject="Satellite and other military technology was passed to the DPRK, as Seoul believes",
        ),
    ),
    "diplomacy/fm_count_author.csv": File(
        "meetings",
        "reported",
        take(
            rows("diplomacy.fm_meetings_count"),
            "since some day of 2023; no source named",
            said="A. Sharma, in document 002",
            document="002.10.c",
        ),
    ),
    "visitors/fsb_trips.csv": File(
        "trips",
        "reported",
        take(rows(TRIPS, "2021"), "two quarters only, so at least", low="41"),
        take(rows(TRIPS, "2022"), "two quarters only, so at least", low="73"),
        take(rows(TRIPS, "202[345]"), "trips, not persons"),
    ),
    "visitors/primorye.csv": File(
        "visitors",
        "reported",
        take(rows(TOURISTS, "2024-08-20"), "tourists through Primorye", period="2024-02/2024-08-20"),
        take(rows(TOURISTS, "2024-09-01"), "tourists through Primorye"),
        take(rows(TOURISTS, "2024", "Primorye*"), "tourists through Primorye, 300 of them by rail"),
    ),
    "visitors/author_004.csv": File(
        "visitors",
        "reported",
        take(
            rows(TOURISTS, "2024-02-09"),
            "first group since the pandemic; the document is undated, June 2024 at the latest",
            period="2024-02",
            said="H. Bennett, in document 004",
            published="2024-06",
            document="004.4.e",
        ),
    ),
}

# --- what a source document alone says: no row of the figures file stands behind these ---

FROM_DOCUMENTS = {
    "workers/author_002.csv": File(
        "event",
        "reported",
        claim(
            "002.10.a",
            period="2024-11-26",
            low="0",
            high="1",
            published="2024-11-26",
            subject="Workers move faster between Russia and the DPRK",
            note="A. Sharma, in document 002; no source, no number, and no direction named",
        ),
    ),
    "technology/author_004.csv": File(
        "event",
        "reported",
        claim(
            "004.12.f",
            period="2024-06",
            published="2024-06",
            subject="The DPRK is getting advanced technology for its arms",
            note="H. Bennett, in document 004; no source and no kind named; the document is undated, June 2024 at the"
            " latest",
        ),
    ),
    "technology/markov.csv": File(
        "event",
        "reported",
        claim(
            "003.7.a",
            period="2024-06",
            value="",
            low="0",
            high="1",
            published="2024-07",
            subject="The DPRK wants technical help with missiles and satellites",
            note="S. Markov, former Kremlin adviser, in document 003; sought, not received; the document is undated,"
            " July 2024 at the latest",
        ),
    ),
}

SHIPPED = FROM_FIGURES | FROM_DOCUMENTS
