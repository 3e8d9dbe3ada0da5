"""The lines that some threshold kinds make themselves: counts of firing indicators, ratios, and delays of reports."""
