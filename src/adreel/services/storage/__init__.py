"""Storage of files: a folder or S3, behind one port."""
