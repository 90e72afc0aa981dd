"""
Amazon Connect over boto3: contacts and agents as records.

What is read is the body as it came over the wire, not what botocore makes of it. No exception but
`RoutingInspectError` and those under it comes out of these functions.
"""

from routing_inspect.aws.agents import extend_roster, fetch_agents, find_user_id
from routing_inspect.aws.chains import SEGMENT_LIMIT, Walk, fetch_chain
from routing_inspect.aws.client import connect, connect_locally, model_findings, model_gaps
from routing_inspect.aws.contacts import complete_queue, describe_contact
from routing_inspect.aws.live import fetch_presence, with_presence
from routing_inspect.aws.profiles import complete_profiles
from routing_inspect.aws.pull import Pulled, pull_roster
from routing_inspect.aws.search import Population, find_agents

__all__ = [
    "SEGMENT_LIMIT",
    "Population",
    "Pulled",
    "Walk",
    "complete_profiles",
    "complete_queue",
    "connect",
    "connect_locally",
    "describe_contact",
    "extend_roster",
    "fetch_agents",
    "fetch_chain",
    "fetch_presence",
    "find_agents",
    "find_user_id",
    "model_findings",
    "model_gaps",
    "pull_roster",
    "with_presence",
]
