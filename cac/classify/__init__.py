"""The document classifier: a note's codes scored by a fine-tuned encoder, with their evidence.

Nothing here imports torch until a neural model is asked for; the linear baseline never does.
"""
