"""Scripts of ads: how one is asked for, timed, read, written and checked against its facts. The script itself is `domain.ad`."""
