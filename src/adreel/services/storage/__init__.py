"""Where the bytes are: a folder or S3, behind one port."""
