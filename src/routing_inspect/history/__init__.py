"""
What the customer already stores, as history: contact records, contact events, the agent event stream.

`streams` finds the records in files of any layout, `records` says what one record tells,
`events` keeps what concerns a contact, and `merge` puts it together with the contact's document.
"""

from routing_inspect.history.events import History, gather, read_events
from routing_inspect.history.merge import enrich, find_contact

__all__ = ["History", "enrich", "find_contact", "gather", "read_events"]
