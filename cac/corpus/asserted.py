"""What assertion corpora yield: notes or sentences with the assertions that people marked."""

from __future__ import annotations

from dataclasses import dataclass

from cac.note import Assertion, Modifier, Note, Span


@dataclass(frozen=True, slots=True)
class AssertedConcept:
    """A sentence, one concept in it, and what the sentence says of the concept.

    ``concept`` is empty (0, 0) where the annotated words run past the sentence.
    """

    sentence: Note
    concept: Span
    assertions: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True)
class AssertedNote:
    """A note with its cues, each with the scope that it holds over, and the annotated entities.

    A cue with several scopes, or with a scope in several pieces, gives one modifier each; a cue
    that holds its own scope ("afebril") has its own span as scope.
    """

    note: Note
    modifiers: tuple[Modifier, ...]
    entities: tuple[tuple[str, Span], ...]
