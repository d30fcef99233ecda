"""The append-only history: what happened, when, by whom; refers to things by kind and id."""
