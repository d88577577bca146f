"""The publisher's ICD-10-PCS tables (XML), read into tables, rows and axes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from cac.errors import CodeSetError

LENGTH = 7
N_HEAD = 3


@dataclass(frozen=True, slots=True)
class PcsAxis:
    """One character's place in a table: its title and the values allowed, with labels."""

    title: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PcsRow:
    """One row of a table: four axes, any value of one with any of the others."""

    axes: tuple[PcsAxis, ...]

    def allows(self, tail: str) -> bool:
        """Tell whether the row allows characters four on, as many as are given."""
        return all(char in axis.labels for char, axis in zip(tail, self.axes, strict=False))

    def __str__(self) -> str:
        return "; ".join(
            f"{axis.title.lower()} {', '.join(f'{c} ({t})' for c, t in axis.labels.items())}"
            for axis in self.axes
        )


@dataclass(frozen=True, slots=True)
class PcsTable:
    """All rows under one section, body system and operation."""

    head: tuple[tuple[str, str, str], ...]
    definition: str
    rows: tuple[PcsRow, ...]

    @property
    def prefix(self) -> str:
        """The three characters of the table."""
        return "".join(char for _, char, _ in self.head)


def read_tables(path: Path) -> tuple[str, tuple[PcsTable, ...]]:
    """Read the publisher's tables into their release and the tables.

    Raises:
        CodeSetError: the file is damaged or of another layout.

    """
    try:
        root = ElementTree.parse(path).getroot()
        if root.tag != "ICD10PCS.tabular":
            raise ValueError(f"the root is <{root.tag}>, not <ICD10PCS.tabular>")
        tables = tuple(_table(element) for element in root.iter("pcsTable"))
    except (ElementTree.ParseError, OSError, ValueError) as error:
        raise CodeSetError(
            f"Cannot read the ICD-10-PCS tables {path}: {error}. Download the file again."
        ) from error
    return (root.findtext("version") or "").strip(), tables


def _table(element: Element) -> PcsTable:
    axes = element.findall("axis")
    head = []
    for axis in axes:
        ((char, label),) = _labels(axis).items()
        head.append((axis.findtext("title") or "", char, label))
    definition = " ".join(a.findtext("definition") or "" for a in axes).strip()
    rows = tuple(_row(row) for row in element.findall("pcsRow"))
    return PcsTable(tuple(head), definition, rows)


def _row(element: Element) -> PcsRow:
    axes = tuple(PcsAxis(a.findtext("title") or "", _labels(a)) for a in element.findall("axis"))
    stated = int(element.get("codes", "0"))
    n_codes = 1
    for axis in axes:
        n_codes *= len(axis.labels)
    if len(axes) != LENGTH - N_HEAD or (stated and stated != n_codes):
        raise ValueError(f"a row states {stated} codes and gives {n_codes}")
    return PcsRow(axes)


def _labels(axis: Element) -> dict[str, str]:
    return {
        label.get("code", ""): " ".join((label.text or "").split())
        for label in axis.findall("label")
    }
