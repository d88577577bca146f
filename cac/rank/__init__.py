"""From mentions to ranked suggestions, by a coding convention.

>>> from cac.codes import load_icd10cm
>>> ranker = Ranker(load_icd10cm(), Convention.load("us-outpatient"))
>>> ranker.convention.name
'us-outpatient'
"""

from cac.rank.calibration import Calibration, fit_calibration
from cac.rank.case import RankedCode, Ranking
from cac.rank.convention import Convention, convention_names
from cac.rank.ranker import Ranker
from cac.rank.setting import guess_setting

__all__ = [
    "Calibration",
    "Convention",
    "RankedCode",
    "Ranker",
    "Ranking",
    "convention_names",
    "fit_calibration",
    "guess_setting",
]
