"""Read files that ask to leave: words, tables and remarks, piece by piece."""
