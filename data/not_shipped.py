"""Every published figure that is not shipped as an observation, and why not."""

from figures import rows

RUNNING_TOTAL = "a running total: would overlap"
YEAR_TOTAL = "a year total of months that are shipped: would overlap"
MONTHS_OF_A_YEAR = "this year's months are incomplete: its year total is shipped instead"
BOTH_SUPPLIERS = "both suppliers together: the indicator adds them itself"
SPARE_FACTOR = "a conversion factor that no shipped row needs"
LEGAL = "a limit or duty of the law: stands with the indicator, not among observations"
PART = "a part of a total that is shipped"
UNDATED = "undated: nobody can say when it was known"
NO_ADDRESS = "from memory and without an address to cite"
NO_INDICATOR = "background: no indicator reads it"

NOT_SHIPPED = (
    (rows("rule.*"), LEGAL),
    (rows("petroleum.cap_in_tonnes"), LEGAL),
    # factors
    (rows("petroleum.conversion_bbl_per_t", "LPG"), SPARE_FACTOR),
    (rows("petroleum.conversion_bbl_per_t", "China 2022-H1 *"), SPARE_FACTOR),
    (rows("petroleum.conversion_bbl_per_t", "Russia 2023-08..12 *"), SPARE_FACTOR),
    (rows("petroleum.conversion_bbl_per_t", "Russia 2018 *"), SPARE_FACTOR),
    (rows("petroleum.conversion_bbl_per_t", "press convention, diesel"), SPARE_FACTOR),
    (rows("petroleum.conversion_bbl_per_t", "press convention", "UPI*"), SPARE_FACTOR),
    (rows("petroleum.conversion_bbl_per_t", "*", "BP / Energy Institute *"), SPARE_FACTOR),
    # reported petroleum
    (rows("petroleum.rf_reported_month_t", "2018-0[89]"), MONTHS_OF_A_YEAR),
    (rows("petroleum.rf_reported_month_t", "2019-03/2019-05"), MONTHS_OF_A_YEAR),
    (rows("petroleum.rf_reported_month_t", "2020-05"), "inside January to May 2020: would overlap"),
    (rows("petroleum.rf_reported_year", "202[12]"), YEAR_TOTAL),
    (rows("petroleum.rf_reported_year", "2024 (January only)"), YEAR_TOTAL),
    (rows("petroleum.cn_reported_month_t", "201[89]-??"), MONTHS_OF_A_YEAR),
    (rows("petroleum.cn_reported_month_t", "201[89]-01/*"), RUNNING_TOTAL),
    (rows("petroleum.cn_reported_month", "2020-05"), "inside January to May 2020: would overlap"),
    (rows("petroleum.cn_reported_month", "2025-01/2025-05"), RUNNING_TOTAL),
    (rows("petroleum.cn_reported_year", "2021"), YEAR_TOTAL),
    (rows("petroleum.reported_total_month_t"), BOTH_SUPPLIERS),
    (rows("petroleum.reported_total", "201[89]"), BOTH_SUPPLIERS),
    (rows("petroleum.reported_total", "2018-01/*"), BOTH_SUPPLIERS),
    (rows("petroleum.reported_total", "2020*"), BOTH_SUPPLIERS),
    (rows("petroleum.reported_total", "2023 (China full year)"), BOTH_SUPPLIERS),
    (rows("petroleum.reported_total", "2024-01/2024-11"), BOTH_SUPPLIERS),
    # estimated petroleum
    (rows("petroleum.tanker_deliveries_count"), "the calls behind the volume estimates, which are shipped"),
    (rows("petroleum.dprk_need"), NO_INDICATOR),
    (rows("petroleum.trade_value_rf"), NO_INDICATOR),
    # the border railway
    (rows("rail.tumangang_railcars", "2022-11-04"), "cars of one train, not a yard count"),
    (rows("rail.tumangang_railcars", "2022-11-18"), "cars of one train, not a yard count"),
    (rows("rail.tumangang_railcars", "2022-11-30"), "cars of one train, not a yard count"),
    (rows("rail.tumangang_train_length_m"), "metres of train, not a car count"),
    (rows("rail.tumangang_tank_cars"), PART),
    (rows("rail.tumangang_ore_cars"), PART),
    (rows("rail.tumangang_box_cars"), PART),
    (rows("rail.khasan_railcars"), "the Russian side of the crossing: another yard"),
    (rows("rail.crossing_tonnage"), NO_INDICATOR),
    (rows("rail.passenger_trains_week"), NO_INDICATOR),
    # tankers
    (rows("tankers.chongjin_sighting"), "seen in a DPRK port: not a call at Vostochny"),
    (rows("tankers.distinct_ships"), "ships, not calls: no indicator reads it"),
    (rows("tankers.un_listed_ships"), "ships, not calls: no indicator reads it"),
    (rows("tankers.ship_capacity"), NO_INDICATOR),
    (rows("tankers.fill_fraction"), "an assumption behind the volume estimates, which are shipped"),
    (rows("tankers.dprk_tankers_under_way_to_russia"), "ships under way: not a call at Vostochny"),
    (rows("tankers.rf_gasoil_to_dprk_history"), "before the cap"),
    # munitions
    (rows("munitions.containers_cum", "2023-09-08"), "one shipment, not a running total"),
    (rows("munitions.containers_cum", "2024-07-31"), NO_ADDRESS),
    (rows("munitions.containers_cum", "cumulative, date not shown *"), UNDATED),
    (rows("munitions.containers_rf_to_dprk_cum"), "the other direction, and mostly food"),
    (rows("munitions.shells_est_cum", "with 33,000 containers"), UNDATED),
    (rows("munitions.ballistic_missiles", "2024-02-23"), "the statement of January again, as several dozen"),
    (rows("munitions.shells_per_year"), "a rate, not a running total"),
    (rows("munitions.shells_change_2025"), "a change in per cent, not a running total"),
    (rows("munitions.dprk_share_of_rf_ammunition"), NO_INDICATOR),
    (rows("ships.rajin_gap_days"), "days without a ship: not voyages"),
    (rows("ships.rajin_calls_per_week"), "a rate, not a running total"),
    # troops, workers, travel
    (rows("troops.killed_cum"), NO_INDICATOR),
    (rows("troops.wounded_cum"), NO_INDICATOR),
    (rows("troops.casualties_cum"), NO_INDICATOR),
    (rows("troops.reinforcement"), PART),
    (rows("troops.announced_engineers_builders"), "announced, not deployed"),
    (rows("troops.builders_moving"), "military builders on their way: not counted with the troops"),
    (rows("border.dprk_entries_*"), NO_INDICATOR),
    (rows("border.russian_trips_to_dprk", "20??-Q?"), "quarters: would overlap the years"),
    (rows("border.russian_trips_to_dprk", "2010-2019 mean"), "a mean of ten years, not an amount"),
    (rows("border.russian_trips_by_rail"), PART),
    (rows("border.russian_tourists", "*", "FSB"), PART),
    (rows("border.russian_tourists", "2025-H1"), "the only figure of its claimant"),
    # the rest
    (rows("diplomacy.fm_meeting", "2024-06-19"), NO_ADDRESS),
    (rows("trade.*"), NO_INDICATOR),
    (rows("food.*"), NO_INDICATOR),
    (rows("cyber.*"), NO_INDICATOR),
)
