"""All placements from one set of clips, each film read by ffprobe, ffmpeg's filters and a parser of its own: none of adreel's."""
