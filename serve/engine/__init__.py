"""Inference off the event loop: one thread, a bounded queue, deadlines, change of model, shadow.

It knows no web framework and no database.
"""
