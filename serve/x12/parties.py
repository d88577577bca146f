"""The loops that both claims begin with: who sends, who bills, who is insured, who pays."""

from __future__ import annotations

from datetime import datetime

from serve.x12.claim import Claim
from serve.x12.known import Party
from serve.x12.segments import day, segment


def opening(claim: Claim, at: datetime) -> list[str]:
    """Return BHT and the loops 1000A to 2010BB; the patient is the subscriber."""
    known = claim.known
    return [
        segment(
            "BHT", "0019", "00", claim.control_number, day(at), f"{at:%H%M}", "CH",
        ),
        segment("NM1", "41", "2", known.submitter.name, *_id("46", known.submitter.identifier)),
        segment("PER", "IC", "", "TE", known.submitter.phone),
        segment("NM1", "40", "2", known.receiver.name, *_id("46", known.receiver.identifier)),
        segment("HL", "1", "", "20", "1"),
        segment("NM1", "85", "2", known.billing.name, *_id("XX", known.billing.npi)),
        *_address(known.billing),
        segment("REF", "EI", known.billing.tax_id),
        segment("HL", "2", "1", "22", "0"),
        segment("SBR", "P", "18", *[""] * 6, known.claim_filing),
        person("IL", known.subscriber, "MI", known.subscriber.identifier),
        *_address(known.subscriber),
        segment("DMG", "D8", day(known.birth_date), known.sex),
        segment("NM1", "PR", "2", known.payer.name, *_id("PI", known.payer.identifier)),
    ]  # fmt: skip


def person(role: str, party: Party, qualifier: str, identifier: str) -> str:
    """Return NM1 of somebody with a first name."""
    return segment(
        "NM1", role, "1", party.name, party.first_name, "", "", "", qualifier, identifier
    )


def _id(qualifier: str, value: str) -> tuple[str, ...]:
    return ("", "", "", "", qualifier, value)


def _address(party: Party) -> list[str]:
    return [
        segment("N3", party.street),
        segment("N4", party.city, party.state, party.zip),
    ]
