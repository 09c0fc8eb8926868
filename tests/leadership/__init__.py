"""Real operators that are killed, frozen, cut off and lied to: who wrote, and whether they had the right."""
