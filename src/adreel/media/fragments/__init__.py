"""Films as fragmented MP4: an index without samples, then one fragment for each part, sent as it is made."""
