"""The demo: the whole main job on one machine, offline. Starts processes and watches them; knows none of their insides."""
