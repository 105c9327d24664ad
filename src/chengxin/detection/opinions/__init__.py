"""What is said of shops: ratings, their texts, and whose word can be relied on."""
