"""Batches as jobs: plans the films of a feed, makes each in a workflow of its own, and gives out the results."""
