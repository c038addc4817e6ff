"""Hosted generation with everything going wrong, alone and in seeded mixes, against a stand-in provider that keeps a bill.

``PYTHONPATH=tests python -m faults`` runs 200; tests/integration/orchestrator/test_faults.py a few. Killing processes is the
crash suite's business: here one process lives, and the provider does not behave. In every run the provider's clock differs from
ours, and ours is set ahead and back by hours in the middle.
"""
