"""Who may do what: people, keys, sessions, and what is refused."""
