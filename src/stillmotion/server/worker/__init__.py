"""Films what was accepted: takes jobs from the queue and has them done by an engine in a process of its own."""
