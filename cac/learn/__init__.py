"""Learning to code from annotated evidence: weighted terms, and how far to trust each mention.

A model is a folder of JSON files (a *bundle*), learnt in minutes without a GPU.

>>> model = LearnedModel.load(folder)  # doctest: +SKIP
>>> for scored in model.predict(read_note(note)):  # doctest: +SKIP
...     print(scored.code, scored.probability, scored.mentions[0].spans)
"""

from cac.learn.model import LearnedModel, ScoredCode, ScoredMention

__all__ = ["LearnedModel", "ScoredCode", "ScoredMention"]
