"""The pages that people see: log-in, worklist, review, administration. They call the same API."""
