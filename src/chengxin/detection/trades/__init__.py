"""Orders that are none, and the shops and buyers that share them: rings."""
