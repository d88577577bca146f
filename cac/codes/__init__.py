"""Code sets: releases, hierarchy, notes, index terms and crosswalks.

>>> from cac.codes import load_icd10cm, load_index
>>> load_icd10cm("2027").is_billable("E11.9")
True
"""

from cac.codes.icd10cm import CodeEntry, Icd10cm
from cac.codes.index import AlphabeticIndex, load_index
from cac.codes.index_entry import IndexEntry
from cac.codes.load import load_icd10cm
from cac.codes.notes import CodeNote, CodeRange
from cac.codes.releases import Change, Releases, load_releases
from cac.codes.values import normalise

__all__ = [
    "AlphabeticIndex",
    "Change",
    "CodeEntry",
    "CodeNote",
    "CodeRange",
    "Icd10cm",
    "IndexEntry",
    "Releases",
    "load_icd10cm",
    "load_index",
    "load_releases",
    "normalise",
]
