"""Knowledge as files: reading the tables that business people have, saying what they would change, and writing everything out again."""
