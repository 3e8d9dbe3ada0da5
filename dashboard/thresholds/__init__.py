"""Thresholds: what a rule compares a series with, and its findings."""

from dashboard.thresholds.assessment import NOT_ASSESSED, AssessedObservation, Assessment, assess
from dashboard.thresholds.compare import exceeds
from dashboard.thresholds.evaluation_context import EvaluationContext, OtherIndicator
from dashboard.thresholds.judgement import NOT_JUDGED, Judgement
from dashboard.thresholds.kinds import KINDS
from dashboard.thresholds.lifecycle import Lifecycle
from dashboard.thresholds.own_lines.cap_sides import CapSide, KnownTotal
from dashboard.thresholds.own_lines.own_line import LineInputs, OwnLine
from dashboard.thresholds.own_lines.report_delays import AwaitedReports, Delay, OverdueReports
from dashboard.thresholds.rule_sentence import rule_sentence
from dashboard.thresholds.threshold import Threshold
