"""What the server adds to the ``cac`` command. Modules import the server only when they run."""
