"""
A local endpoint that answers as Amazon Connect does, from a scenario: demos and tests without an account.

What travels, where and in which form comes from botocore's own model of the service;
what is answered comes from the scenario; what goes wrong is data in it.
"""

from routing_inspect.sandbox.faults import Fault
from routing_inspect.sandbox.generate import generate
from routing_inspect.sandbox.quotas import Quota
from routing_inspect.sandbox.scenario import Scenario, read_scenario
from routing_inspect.sandbox.server import Request, Sandbox

__all__ = ["Fault", "Quota", "Request", "Sandbox", "Scenario", "generate", "read_scenario"]
