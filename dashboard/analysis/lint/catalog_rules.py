"""Lint rules about a source, and about all indicators together."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.analysis.lint.subject import Finding
from dashboard.catalog import Catalog, Source
from dashboard.domain import Severity
from dashboard.domain.text import listed

# How many alarms in a hundred should be of high, of medium and of low priority: EEMUA publication 191, Alarm systems.
ADVISED_SHARES = {Severity.CRITICAL: 5, Severity.WARNING: 15, Severity.INFO: 80}
FEWEST_FOR_SHARES = 10  # indicators; shares of fewer say nothing


def secret_in_the_address(source: Source) -> Iterator[Finding]:
    origin = source.origin
    if names := origin.exposed_secrets:
        advice = "name an environment variable that holds it in authorization: or headers:, if its publisher takes that"
        yield origin.key, f"an address with a secret in it, it seems ({listed(names)}); {advice}"


def authorization_in_clear(source: Source) -> Iterator[Finding]:
    if source.origin.sends_credentials_in_clear:
        key = "authorization" if "authorization" in source.model_fields_set else "headers"
        yield key, "sent over http:, so that anybody on the way can read it; write https: in url:"


def shares_of_severities(catalog: Catalog) -> Iterator[str]:
    """Compares how many indicators can become critical with how many should: where most can, none stands out.

    An indicator without thresholds can become nothing, and is not counted.
    """
    ranks = [[threshold.severity_rank for threshold in entry.thresholds] for entry in catalog.indicators.values()]
    worst = [max(severities) for severities in ranks if severities]
    if len(worst) < FEWEST_FOR_SHARES:
        return
    counts = {severity: worst.count(severity) for severity in ADVISED_SHARES}
    shares = [f"{count} {severity.word} ({100 * count / len(worst):.0f} %)" for severity, count in counts.items()]
    advised = listed([str(share) for share in ADVISED_SHARES.values()])
    yield (
        f"of {len(worst)} indicators with thresholds, {listed(shares)}, by the worst that each can become; "
        f"EEMUA 191 advises about {advised} %, so that what is critical stands out. "
        "Judge each by its harm, not by the share"
    )
