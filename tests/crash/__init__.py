"""Workers killed with kill -9 at every boundary, and at random moments, against a stand-in provider that keeps a bill.

``PYTHONPATH=tests python -m crash`` runs all of it; tests/e2e/test_crash.py a short, seeded part.
"""
