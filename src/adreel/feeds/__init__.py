"""Products of a shop: feeds, tables and pages in, one record for each product."""
