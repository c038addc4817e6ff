"""What a film is made of: formats, scenes, clips, images, colours, options, checks."""
