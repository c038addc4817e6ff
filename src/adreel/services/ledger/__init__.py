"""The ledger of paid calls: budgets, settlement."""
