"""The signature below a mail: an agent's own or the common one, with variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES = (
    "agent",
    "first_name",
    "company",
    "street",
    "postcode",
    "city",
    "phone",
    "email",
    "website",
    "reference",
    "customer",
)
"""What may stand in braces; all else in braces stays as it is."""

LONGEST = 5_000
"""Characters of a signature."""

_VARIABLE = re.compile(r"\{([A-Za-z_]{1,40})\}")


def signature_of(own: str, common: str) -> str:
    """What an agent signs with: their own, or the common one where they have none."""
    return own if own.strip() else common


def expand(template: str, values: Mapping[str, str]) -> str:
    """The signature as it leaves; `values` by the names of VARIABLES, a missing one is empty.

    A line whose variables are all empty is left out: who has no telephone shows no "Tel.".
    """
    lines = [_line(line, values) for line in template[:LONGEST].replace("\r\n", "\n").split("\n")]
    return "\n".join(line for line in lines if line is not None).strip()


def unknown(template: str) -> list[str]:
    """The variables nobody knows, in their order, each once and with its braces."""
    names = dict.fromkeys(name for name in _VARIABLE.findall(template) if name not in VARIABLES)
    return [f"{{{name}}}" for name in names]


def values_for(
    agent: str, company: Mapping[str, str], *, reference: str = "", customer: str = ""
) -> dict[str, str]:
    """What the variables stand for; `company` has the keys of Site.company."""
    ours = {name: company.get(name, "") for name in VARIABLES}
    return ours | {
        "agent": agent,
        "first_name": next(iter(agent.split()), ""),
        "company": company.get("name", ""),
        "reference": reference,
        "customer": customer,
    }


def _line(line: str, values: Mapping[str, str]) -> str | None:
    known = [name for name in _VARIABLE.findall(line) if name in VARIABLES]
    if known and not any(values.get(name) for name in known):
        return None
    return _VARIABLE.sub(lambda match: _value(match, values), line).rstrip()


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    if match[1] not in VARIABLES:
        return match[0]
    return " ".join(values.get(match[1], "").split())
