"""
Hypothesis strategies: expressions, criteria, agents, contacts, and documents in every form.

Nothing else of the package imports these, so that only those who test need hypothesis.
What comes out by default is what Amazon Connect itself could hold, awkward names included;
``unclear`` expressions and ``messy`` documents hold what it leaves undefined, too.
"""

from routing_inspect.strategies.documents import DOCUMENT_FORMS, documents
from routing_inspect.strategies.records import (
    agents,
    agents_for,
    attributes,
    contacts,
    criteria,
    expressions,
    levels,
    rosters,
)

__all__ = [
    "DOCUMENT_FORMS",
    "agents",
    "agents_for",
    "attributes",
    "contacts",
    "criteria",
    "documents",
    "expressions",
    "levels",
    "rosters",
]
