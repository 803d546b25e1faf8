"""The table of bad requests, by what is bad about each."""

from web.api.bad_bodies import BAD_BODIES
from web.api.bad_changes import BAD_CHANGES
from web.api.bad_queries import BAD_QUERIES
from web.api.bad_starts import BAD_STARTS
from web.api.bad_triggers import BAD_TRIGGERS

CASES = BAD_TRIGGERS | BAD_CHANGES | BAD_QUERIES | BAD_BODIES | BAD_STARTS
