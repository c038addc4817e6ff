"""Application services over the database and the storage: accounts, sessions, events, ledger, deletion."""
