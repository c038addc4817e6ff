"""Shows a clip in another aspect: the crop follows the product."""
