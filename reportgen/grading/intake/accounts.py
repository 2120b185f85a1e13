"""Whose work is whose where a platform's export names the account that each file came from.

The account comes first and the roll number in a file's name second: a student once replaced another's report by handing
in a second file named like it. Nothing supersedes across accounts; what two accounts claim is a person's to decide.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Owners:
    """The roll number of each account, and what was claimed wrongly."""

    roll: dict[str, str | None]
    """By account; None where it can't be told."""
    problems: dict[str, tuple[str, ...]]
    """By account: what a person has to look at."""


def settle_owners(claims: Mapping[str, frozenset[str]]) -> Owners:
    """Give each account the roll number that is its own.

    Args:
        claims: the roll numbers that stand in the names (or else the texts) of each account's files.
    """
    sole: dict[str, set[str]] = defaultdict(set)
    for account, rolls in claims.items():
        if len(rolls) == 1:
            sole[next(iter(rolls))].add(account)
    roll: dict[str, str | None] = {}
    for account, rolls in claims.items():
        # a number that is another account's only one is that account's
        own = rolls if len(rolls) == 1 else frozenset(one for one in rolls if not sole[one])
        roll[account] = next(iter(own)) if len(own) == 1 else None
    holders: dict[str, set[str]] = defaultdict(set)
    for account, own_roll in roll.items():
        if own_roll is not None:
            holders[own_roll].add(account)
    problems: dict[str, list[str]] = defaultdict(list)
    for account, rolls in claims.items():
        own_roll = roll[account]
        for number in sorted(rolls):
            others = sorted(holders[number] - {account})
            if number == own_roll and others:
                roll[account] = None
                problems[account].append(f"{number} is claimed by {_named(others)}, too: a person decides whose it is")
            elif number != own_roll:
                theirs = f", which is {_named(others)}'s" if others else ""
                problems[account].append(
                    f"a file carries the roll number {number}{theirs}: a person decides whose it is"
                )
                for other in others:
                    problems[other].append(f"{account} handed in a file with this roll number; it was not taken")
    return Owners(roll, {account: tuple(dict.fromkeys(said)) for account, said in problems.items()})


def _named(accounts: list[str]) -> str:
    return " and ".join(accounts)
