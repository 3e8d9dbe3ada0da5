"""Which published figure becomes which observation of which file: one file for each claimant.

`take` ships figure rows as they stand, `claim` what a document alone says; arithmetic stands in `reported.py`.
Keywords replace what the figure row says; notes are ours, and follow who said it via whom.
"""

from in_words import IN_WORDS
from munitions import MUNITIONS
from people import PEOPLE
from reported import REPORTED
from supply import SUPPLY

SHIPPED = REPORTED | SUPPLY | MUNITIONS | PEOPLE | IN_WORDS
