"""How days and clocks are written in each language, where the framework writes them: as everywhere else."""
