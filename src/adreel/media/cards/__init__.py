"""Title cards: text in any script, set by typst on a backdrop of the brand's colour, with a gentle entrance."""
