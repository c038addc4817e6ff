"""The durable workflow engine behind one port; the only room that imports dbos."""
