"""The agents of an instance, found by searching it, and what they are doing now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from routing_inspect import files
from routing_inspect.cli import options
from routing_inspect.errors import ServiceError
from routing_inspect.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from routing_inspect.aws import Population
    from routing_inspect.cli.facts import Facts
    from routing_inspect.contact import Roster
    from routing_inspect.explanation import Explanation
    from routing_inspect.expr import Expr
    from routing_inspect.findings import Finding


def explain_with_agents(facts: Facts, agents: tuple[str, ...], given: dict[str, Any]) -> Explanation:
    """
    Explain a contact; one that was fetched without a roster with all agents of its instance.

    Args:
        facts: What was read or fetched.
        agents: Who is asked about.
        given: The options by name: ``roster_file``, ``instance_id`` and ``live``.
    """
    from routing_inspect.explain import explain

    if given["live"] and facts.client is None:
        raise options.usage_error("--live asks Amazon Connect: give a contact id, and --instance-id")
    facts = _with_queue(facts, given)
    population = None
    criteria = facts.contact.criteria
    if facts.client is not None and given["roster_file"] is None and criteria is not None and criteria.steps:
        population = _found(facts, given, (step.expression for step in criteria.steps))
        roster, findings = population.roster, (*facts.findings, *population.findings)
        facts = evolve(facts, roster=roster, findings=findings)
    if given["live"]:
        return _live(facts, agents, given, population)
    facts = _with_profiles(facts, agents, given)
    explanation = explain(
        facts.contact, facts.roster, facts.now, agents=agents or None, findings=facts.findings
    )
    return _with_population(explanation, population)


def _with_queue(facts: Facts, given: dict[str, Any]) -> Facts:
    """Ask about the queue that the contact is in, where the service can be asked."""
    if facts.client is None:
        return facts
    from routing_inspect import aws

    contact, findings = aws.complete_queue(facts.client, facts.contact, instance_id=given["instance_id"])
    return evolve(facts, contact=contact, findings=(*facts.findings, *findings))


def _found(facts: Facts, given: dict[str, Any], expressions: Iterable[Expr]) -> Population:
    from routing_inspect import aws

    return aws.find_agents(
        facts.client,
        facts.roster,
        instance_id=given["instance_id"],
        expressions=expressions,
        now=facts.now or options.clock(),
    )


def _with_profiles(facts: Facts, agents: tuple[str, ...], given: dict[str, Any]) -> Facts:
    """Ask for what the gates want to know of routing profiles, where the service can be asked."""
    if facts.client is None or facts.roster is None:
        return facts
    from routing_inspect import aws

    roster, refused = aws.complete_profiles(
        facts.client, facts.roster, facts.contact, instance_id=given["instance_id"], agents=agents
    )
    return evolve(facts, roster=roster, findings=(*facts.findings, *refused))


def _with_population(explanation: Explanation, population: Population | None) -> Explanation:
    from routing_inspect.explanation import Unknown

    if population is None:
        return explanation
    unknowns = list(explanation.unknowns)
    if population.unasked:
        question = f"the levels of {counted(population.unasked, 'more agent')} of whom the steps ask"
        unknowns.append(Unknown(question, "a roster of them all (routing-inspect roster pull)"))
    return evolve(
        explanation,
        unknowns=tuple(unknowns),
        additions={**explanation.additions, "population": population.to_dict()},
    )


def _live(
    facts: Facts, agents: tuple[str, ...], given: dict[str, Any], population: Population | None
) -> Explanation:
    """Explain a contact with what the agents who have its queue are doing now."""
    from routing_inspect import aws
    from routing_inspect.explain import explain
    from routing_inspect.findings import Finding
    from routing_inspect.live import in_question, live, live_dict, waits

    now = facts.now or options.clock()
    plain = explain(facts.contact, facts.roster, now, findings=facts.findings)
    if not waits(plain):
        reason = f"--live says nothing of a contact that does not wait for an agent: it is {plain.path.kind}"
        finding = Finding("RI610", reason, "leave --live out", "contact")
        facts = _with_profiles(facts, agents, given)
        plain = explain(
            facts.contact, facts.roster, now, agents=agents or None, findings=(*facts.findings, finding)
        )
        return _with_population(plain, population)
    asked = in_question(plain)
    found = aws.fetch_presence(facts.client, instance_id=given["instance_id"], agent_ids=asked, now=now)
    if facts.roster is not None:
        facts = evolve(facts, roster=aws.with_presence(facts.roster, found, asked, now))
    facts = _with_profiles(facts, agents, given)
    whole = explain(facts.contact, facts.roster, now, findings=facts.findings)
    asked_about = explain(facts.contact, facts.roster, now, agents=agents or None, findings=facts.findings)
    shown = _with_population(asked_about, population)
    return evolve(shown, additions={**shown.additions, "live": live_dict(live(whole, now))})


def roster_for(
    wanted: Expr, roster_file: str | None, given: dict[str, Any]
) -> tuple[Roster, tuple[Finding, ...]]:
    """
    Give the agents of a file, or find those of an instance.

    Args:
        wanted: What the agents will be asked about.
        roster_file: None: the instance is searched.
        given: The options of `options.aws_options` by name.

    Raises:
        ServiceError: Nobody could be found.
    """
    if roster_file is not None:
        return files.read_roster(roster_file), ()
    if given["instance_id"] is None:
        raise options.usage_error("give --roster, or --instance-id to search an instance")
    from routing_inspect import aws

    client = options.client_of(given)
    asked = {"instance_id": given["instance_id"], "now": options.clock()}
    population = aws.find_agents(client, None, expressions=[wanted], **asked)
    if population.roster is None:
        reason = population.findings[0]
        raise ServiceError(reason.message, hint=reason.hint, operation="SearchUsers")
    return population.roster, (*population.findings, *_beyond_the_limit(population))


def _beyond_the_limit(population: Population) -> Iterator[Finding]:
    """Say that there were more candidates than are asked about one by one, and what became of the rest."""
    from routing_inspect.findings import Finding

    if population.unasked:
        # Of one expression a search says just what it says, or less, of everybody alike.
        rest = "count by the search's word alone" if population.taken_at_word else "are unknown"
        message = (
            f"{counted(population.unasked, 'more agent')} may match than are asked for their levels one by "
            f"one; these {rest}"
        )
        hint = "make a roster with `routing-inspect roster pull`, and give it by --roster"
        yield Finding("RI619", message, hint, "SearchUsers")
