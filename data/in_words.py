"""What was said without a number: a row of 1 with the unit `event`, whose subject says in words what happened.

What is only believed has a low end of 0; what is sought, offered or not ruled out has no value.
"""

from figures import rows
from recipes import File, claim, take

MISSILES = "munitions.ballistic_missiles"
GUNS = "munitions.heavy_artillery"
WORKERS = "workers.dprk_in_russia"
VISIT = "diplomacy.visit"
TREATY = "diplomacy.treaty"
VETO = "un.panel_veto"
AIR_DEFENCE = "transfers.air_defence"
TECHNOLOGY = "transfers.technology"

IN_WORDS = {
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
            subject="Seoul believes that air-defence arms were sent to the DPRK",
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
            subject="Seoul believes that satellite and military technology was passed",
        ),
    ),
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
