"""Word links in pairs of sentences: eflomal in both directions, then grow-diag-final-and."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from cac.errors import SettingsError

Links = frozenset[tuple[int, int]]

_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def align_words(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[Links]:
    """Return the links (source index, target index) of each pair of sentences.

    eflomal (Östling and Tiedemann 2016) draws from the system's random numbers and takes no seed;
    its three samplers are averaged, so two runs differ in a few links.

    Raises:
        SettingsError: eflomal is not installed.
    """
    try:
        from eflomal import Aligner
    except ImportError as error:
        raise SettingsError(
            "Word alignment needs eflomal, which is not installed. "
            "Install the extra: pip install 'cac[train]'."
        ) from error
    source = [" ".join(words) for words, _ in pairs]
    target = [" ".join(words) for _, words in pairs]
    with tempfile.TemporaryDirectory() as folder:
        forward, reverse = Path(folder, "forward"), Path(folder, "reverse")
        Aligner().align(
            source, target, links_filename_fwd=str(forward), links_filename_rev=str(reverse)
        )
        both = zip(_read_links(forward), _read_links(reverse), strict=True)
        return [grow_diag_final_and(f, r) for f, r in both]


def _read_links(path: Path) -> list[Links]:
    with path.open(encoding="ascii") as lines:
        return [frozenset(_pair(link) for link in line.split()) for line in lines]


def _pair(link: str) -> tuple[int, int]:
    source, target = link.split("-")
    return int(source), int(target)


def grow_diag_final_and(forward: Links, reverse: Links) -> Links:
    """Join two directed alignments (Koehn et al. 2003).

    The intersection grows by neighbouring links of the union where either word is still free, and
    ends with the links of which both words are free.
    """
    union, links = forward | reverse, set(forward & reverse)
    sources, targets = {s for s, _ in links}, {t for _, t in links}

    def add(link: tuple[int, int]) -> None:
        links.add(link)
        sources.add(link[0])
        targets.add(link[1])

    grown = True
    while grown:
        grown = False
        for s, t in sorted(links):
            for ds, dt in _NEIGHBOURS:
                link = (s + ds, t + dt)
                free = link[0] not in sources or link[1] not in targets
                if free and link in union and link not in links:
                    add(link)
                    grown = True
    for directed in (forward, reverse):
        for link in sorted(directed):
            if link[0] not in sources and link[1] not in targets:
                add(link)
    return frozenset(links)
