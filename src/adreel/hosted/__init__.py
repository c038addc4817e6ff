"""Films whose clips, and images where they are wanted, are bought: what they will cost, and the making."""
