"""Joint measures: who must do what because of a decision, what came of it, and when it ends."""
