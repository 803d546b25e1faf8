"""What the attempts of async agents start in the process that they share: tasks, threads and child processes."""
