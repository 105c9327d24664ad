"""The benchmark: this project's figures side by side with those of its peers, measured in one run."""
