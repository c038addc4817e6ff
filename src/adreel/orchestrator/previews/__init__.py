"""What a session shows before its film is made: cards, clips, stills of a script, drafts. No workflows: nothing is kept."""
