"""Troops, workers, ministers and travellers: one file for each claimant."""

from figures import rows
from recipes import File, take

TROOPS = "troops.deployed_cum"
WORKERS = "workers.dprk_in_russia"
MEETING = "diplomacy.fm_meeting"
TRIPS = "border.russian_trips_to_dprk"
TOURISTS = "border.russian_tourists"
FROM_MEMORY = "from memory, not checked"

PEOPLE = {
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
