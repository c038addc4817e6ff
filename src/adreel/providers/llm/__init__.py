"""Language models at work: what they are asked, how their answers are read, what happens when they fail."""
