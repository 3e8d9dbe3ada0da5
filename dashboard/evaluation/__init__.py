"""Series -> verdicts -> Board: a pure function of catalogue, rows and instant."""

from dashboard.evaluation.breaches.episode_identity import is_the_same_line, source_of
from dashboard.evaluation.evaluate import board_without_verdicts, data_version, evaluate, evaluation_of, evaluations_of
from dashboard.evaluation.evaluation import EvaluatedBoard, Evaluation
from dashboard.evaluation.sentences import events_in_words
