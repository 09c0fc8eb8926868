"""How the functions are packed: the same bytes everywhere, with bytecode that Lambda's Python takes as it is."""
