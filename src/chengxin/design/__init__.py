"""How everything looks and speaks: the page's frame, its parts, one stylesheet, words in two languages."""
