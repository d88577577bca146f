"""Labels of specimens: what is found in a specimen stands on the lines below its name.

"Sigmoid colon, polypectomy:" lends its words to "Tubular adenoma." and to all that follows up to
the next label, an empty line or another section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cac.find.words import PLAIN_WORD
from cac.note import AnnotatedNote, Span

_LONGEST = 120
_ACT = re.compile(
    r"(?:biops(?:y|ies)|bx|\w*ectom(?:y|ies)|excisions?|re-?excision|resections?|shaves?|punch"
    r"|core|needle|aspirat\w+|fna|curett\w+|brushings?|washings?|specimens?|leep|turbt?|turp"
    r"|designated|labell?ed)",
    re.IGNORECASE,
)
Words = Sequence[tuple[int, int]]


def labelled_sentences(annotated: AnnotatedNote) -> Iterator[tuple[Span, Words]]:
    """Yield each sentence, and where the words of the label that it stands under are."""
    text = annotated.note.text
    label: Words = ()
    last = 0
    for sentence in annotated.sentences:
        if text[sentence.end - 1] == ":":
            label = _words_of_label(text, sentence)
            yield sentence, ()
        else:
            if label and _is_apart(annotated, last, sentence):
                label = ()
            yield sentence, label
        last = sentence.end


def _words_of_label(text: str, line: Span) -> Words:
    """Return the words beside the act by which a specimen was taken; none where no act is."""
    if line.end - line.start > _LONGEST:
        return ()
    words = [match.span() for match in PLAIN_WORD.finditer(text, line.start, line.end)]
    named = [(first, last) for first, last in words if not _ACT.fullmatch(text, first, last)]
    return named if len(named) < len(words) else ()


def _is_apart(annotated: AnnotatedNote, last: int, sentence: Span) -> bool:
    between = annotated.note.text[last : sentence.start]
    before = annotated.section_at(Span(last - 1, last))
    return between.count("\n") > 1 or before != annotated.section_at(sentence)
