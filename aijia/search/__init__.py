"""One box that finds cases, customers, people, messages and knowledge by any part of a word."""
